"""Where a value is not what a schema asks for: the part of JSON Schema that our own schema is written in."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statusline.commands.claude_settings.json_spans import Path
    from statusline.commands.config_check.schema import Schema

    Mismatches = Iterator[tuple[Path, str]]

FOUND_AT_MOST = 40  # characters of a value that a message repeats

# How a message calls a type, what it is in Python, and what its size is called in a schema.
_TYPES: dict[str, tuple[str, Any, str]] = {
    "object": ("an object", dict, "Properties"),
    "array": ("a list", list, "Items"),
    "string": ("text", str, "Length"),
    "boolean": ("true or false", bool, ""),
    "integer": ("a whole number", (int, float), "imum"),
    "number": ("a number", (int, float), "imum"),
}


def mismatches(value: object, wanted: Schema, root: Schema, path: Path = ()) -> Mismatches:
    """Yield where and why a value is not what is wanted; ``root`` has the definitions."""
    wanted = _meant_for(value, wanted, root)
    if not _is(value, wanted):
        close = nearest(value, wanted.get("enum", ()))
        yield path, f"expected {expected(wanted, root)}, found {found_text(value)}{close}"
    elif isinstance(value, dict):
        yield from _members(value, wanted, root, path)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from mismatches(each, wanted.get("items", {}), root, (*path, index))


def expected(wanted: Schema, root: Schema) -> str:
    """Return what a schema asks for, as the end of a sentence."""
    if "$ref" in wanted:
        return expected(_definition(wanted, root), root)
    if "title" in wanted:
        return str(wanted["title"])
    if "enum" in wanted:
        return listed([json.dumps(each) for each in wanted["enum"]])
    if "anyOf" in wanted:
        return listed([expected(each, root) for each in wanted["anyOf"]])
    name, _, size = _TYPES[wanted["type"]]
    least, most = wanted.get(f"min{size}", 0), wanted.get(f"max{size}")
    unit = {"Length": " characters", "Items": " items", "Properties": " keys"}.get(size, "")
    return name if most is None else f"{name} {'from' if not unit else 'of'} {least} to {most}{unit}"


def listed(names: list[str]) -> str:
    """Return ``a, b or c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def nearest(name: object, known: Iterable[object]) -> str:
    """Return ``; did you mean "theme"?`` where a known name is close to this one, else nothing."""
    names = [each for each in known if isinstance(each, str)]
    close = difflib.get_close_matches(name, names, 1) if isinstance(name, str) else []
    return f"; did you mean {json_text(close[0])}?" if close else ""


def found_text(value: object) -> str:
    """Return a value as JSON, shortened where it is long."""
    said = json_text(value)
    return said if len(said) <= FOUND_AT_MOST else f"{said[: FOUND_AT_MOST - 3]}..."


def json_text(value: object) -> str:
    """Return a value as JSON that can be printed: signs as they are, what could act on a terminal as escapes."""
    said = json.dumps(value, ensure_ascii=False)
    return said if said.isprintable() else "".join(each if each.isprintable() else _escaped(each) for each in said)


def _escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def _meant_for(value: object, wanted: Schema, root: Schema) -> Schema:
    """Return the schema behind a reference, and of several the one for values of this type."""
    if "$ref" in wanted:
        return _meant_for(value, _definition(wanted, root), root)
    for each in wanted.get("anyOf", ()):
        found = _meant_for(value, each, root)
        if isinstance(value, str) if "enum" in found else "type" in found and _is_of(value, found["type"]):
            return found
    return wanted


def _definition(wanted: Schema, root: Schema) -> Schema:
    found: Schema = root["definitions"][wanted["$ref"].rpartition("/")[2]]
    return found


def _is(value: object, wanted: Schema) -> bool:
    """Say whether a value is right by itself; what is in it is for others to see."""
    if "enum" in wanted:
        return any(each == value and isinstance(each, bool) == isinstance(value, bool) for each in wanted["enum"])
    if "anyOf" in wanted:
        return False  # one of them would have been meant
    kind = wanted.get("type")
    if kind is None:
        return True
    size: Any = value if isinstance(value, (int, float)) else len(value) if isinstance(value, (str, list, dict)) else 0
    least, most = (wanted.get(f"{bound}{_TYPES[kind][2]}", size) for bound in ("min", "max"))
    if not _is_of(value, kind) or not least <= size <= most:
        return False
    return "pattern" not in wanted or re.search(wanted["pattern"], str(value)) is not None


def _is_of(value: object, kind: str) -> bool:
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind][1]) and isinstance(value, bool) == (kind == "boolean")


def _members(value: dict[str, object], wanted: Schema, root: Schema, path: Path) -> Mismatches:
    for name in wanted.get("required", ()):
        if name not in value:
            yield path, f'"{name}" is missing'
    properties, others = wanted.get("properties", {}), wanted.get("additionalProperties", {})
    for name, each in value.items():
        for _, says in mismatches(name, wanted.get("propertyNames", {}), root):
            yield (*path, name), says
        if name not in properties and others is False:
            yield (*path, name), f"unknown key{nearest(name, properties)}"
        else:
            yield from mismatches(each, properties.get(name, others), root, (*path, name))
    for rule in wanted.get("allOf", ()):
        if not any(mismatches(value, rule["if"], root)):
            yield from mismatches(value, rule["then"], root, path)
