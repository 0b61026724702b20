"""Reads and writes JSON without importing ``json``, which takes as long as the start of the interpreter."""

from cache.model.lazy import extension_module, namespace

_json = extension_module("_json")

# The attributes that the C scanner reads from its decoder: private to CPython, so only this file uses them. NaN and
# infinities are parsed as numbers; `number` below refuses them. To make a class would take 0.2 % of a start.
_lenient = namespace(
    strict=False,
    object_hook=None,
    object_pairs_hook=None,
    array_hook=None,
    parse_float=float,
    parse_int=int,
    parse_constant=float,
    memo={},
)


def parse_json(text: "str") -> "object":
    """Return the first JSON value in ``text``; raise ValueError if there is no complete one."""
    start = _first(text)
    try:
        return _json.make_scanner(_lenient)(text, start)[0]
    except StopIteration:
        raise ValueError("not JSON") from None
    except (ValueError, SystemError, AttributeError, TypeError, RecursionError):
        return _slowly(text, start)


def _slowly(text: "str", start: "int") -> "object":
    """Use the public decoder: 3.10 and 3.11 raise SystemError for a torn object unless ``json`` is loaded.

    Python refuses to convert more than 4300 digits to an int; as a float they are infinite, which no one takes.
    """
    import json  # noqa: PLC0415 - only where the scanner fails

    def parse_int(digits: "str") -> "float":
        return int(digits) if len(digits) < 400 else float(digits)

    try:
        return json.JSONDecoder(strict=False, parse_int=parse_int).raw_decode(text, start)[0]
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _first(text: "str") -> "int":
    """Return the index of the first character that is neither white space nor a byte order mark."""
    return len(text) - len(text.lstrip(" \t\r\n\ufeff"))


def mapping(value: "object") -> "dict[str, object]":
    """Return ``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def number(value: "object") -> "float | None":
    """Return a finite number, else None; true and false are not numbers."""
    if type(value) is int:
        return value if -(10**20) < value < 10**20 else None  # nanoseconds since 1970 have 19 digits
    if type(value) is float:
        return value if value - value == 0 else None
    return None


def whole(value: "object") -> "int | None":
    """Return a finite number cut to an int, else None."""
    found = number(value)
    return None if found is None else int(found)


def words(value: "object") -> "str | None":
    """Return a text that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def dump_json(value: "object") -> "str":
    """Return ``value`` (None, bool, numbers, text, lists, objects) as one line of ASCII JSON."""
    if isinstance(value, str):
        return str(_json.encode_basestring_ascii(value))
    if value is None or isinstance(value, bool):
        return "null" if value is None else ("true" if value else "false")
    if isinstance(value, dict):
        return "{" + ",".join(f"{dump_json(str(key))}:{dump_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(dump_json, value)) + "]"
    return repr(value) if number(value) is not None else "null"
