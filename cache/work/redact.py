"""Keeps secrets out of logs and output: a type that hides its text, and a filter for free text."""

from __future__ import annotations

import binascii
import contextlib
import functools
import re
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "[redacted]"

Span = tuple[int, int]

_SET_DUMPABLE = 4  # Linux: prctl(2)


@functools.cache  # once is enough for a process
def keep_memory_private() -> None:
    """Forbid core files of this process; on Linux also reading its memory, as far as the system allows that."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no limits
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only needed where there is a secret

        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


class Secret:
    """A text that only `reveal` returns; printing and formatting hide it, copying and pickling raise.

    A process that has one has private memory.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        keep_memory_private()
        self.__value = value

    def reveal(self) -> str:
        """Return the text: for parsing a login, and for the one request."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({MARK})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # noqa: PLC0415 - it loads OpenSSL, which most jobs do without

        mine, theirs = (each.reveal().encode("utf-8", "surrogatepass") for each in (self, other))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a hash is derived from the text and could be leaked

    def __iter__(self) -> NoReturn:
        raise TypeError("a secret cannot be iterated")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse pickle, copy and deepcopy: all three call this."""
        raise TypeError("a secret can be neither copied nor pickled")


def scrub(text: str) -> str:
    """Return the text with everything that looks like a secret or a person replaced by `MARK`.

    Source of the shapes: tokens, headers, keys of JSON and of environments, JWTs, user info of proxies, e-mail
    addresses, and tokens in hex or base64. Counts (``tokens``, ``tokenCount``) stay. In doubt it redacts. Every rule
    sees the original text, so that none can remove the context that another one needs.
    """
    kept, at = "", 0
    for start, end in sorted(_find_secrets(text)):
        if end <= at:
            continue
        if start > at or not kept:
            kept += text[at:start] + MARK
        at = end
    return kept + text[at:]


def _find_secrets(text: str) -> Iterator[Span]:
    for shape in _shapes():
        for match in shape.finditer(text):
            yield match.span("secret")
    yield from _find_named_values(text)


def _find_named_values(text: str) -> Iterator[Span]:
    """Find the values of headers and keys: quoted, listed, bare, or the rest of a header's line."""
    shapes, at, bare_end = _value_shapes(), 0, 0
    while match := shapes.name.search(text, at):
        at = match.end()
        found = _find_value(shapes, text, match)
        if found is None:
            if at >= bare_end:  # else it is within a bare value, whose end is known: "token:token:..." in linear time
                bare = shapes.bare.match(text, at)
                bare_end = bare.end() if bare else at
            yield at, bare_end
            continue
        span, whole = found
        yield span
        if whole:
            at = max(at, span[1])


def _find_value(shapes: _ValueShapes, text: str, name: re.Match[str]) -> tuple[Span, bool] | None:
    """Return where a value is that is not bare, and whether names inside it can be skipped."""
    at = name.end()
    if quoted := shapes.quoted.match(text, at):
        return quoted.span("secret"), False
    if listed := shapes.listed.match(text, at):
        return listed.span(), True
    if name["header"] and not name["closed"]:
        line = shapes.lines[name["lead"]].match(text, at)
        return (line.span() if line else (at, at)), True
    return None


class _ValueShapes(NamedTuple):
    """The shapes of a name and of the values behind it; ``lines`` has those of a header by the quote before its name.

    A name may be in quotes (of a string in a string: escaped ones), and ends with what separates it from its value. A
    comma does so only behind a closing quote: ("authorization", "Bearer ..."). Plurals and longer words (tokens,
    tokenCount) differ. A header in quotes ('Cookie: a=b') ends with them; any other takes its line, since a cookie may
    hold quotes itself.
    """

    name: re.Pattern[str]
    quoted: re.Pattern[str]
    listed: re.Pattern[str]
    bare: re.Pattern[str]
    lines: dict[str | None, re.Pattern[str]]


@functools.cache
def _value_shapes() -> _ValueShapes:
    """Return the shapes, compiled where a text is to be scrubbed: few jobs have one."""
    return _ValueShapes(
        name=re.compile(
            r"""(?P<lead>["'])?
            (?: (?P<header> (?:proxy-|set-)? (?:authorization|cookie) | x-api-key )
              | token | secret | passw(?:or)?d | passphrase | (?:api|session|private|secret|access)[_-]?key )
            (?: (?P<closed>\\*["'])\s*(?:=>|[:=,]) | \s*(?:=>|[:=]) ) \s*""",
            re.VERBOSE | re.IGNORECASE,
        ),
        quoted=re.compile(r"""[bru]?(?P<quote>\\*["'])(?P<secret>(?:(?!(?P=quote))(?:\\.|[^\r\n]))*)"""),
        listed=re.compile(r"""\[(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\]"'])*(?:\]|["'].*)?""", re.DOTALL),
        bare=re.compile(r"""[^\s,;&"'<>]+"""),
        lines={None: re.compile(r"[^\r\n]*"), '"': re.compile(r'[^"\r\n]*'), "'": re.compile(r"[^'\r\n]*")},
    )


def _base64_cores(secret: bytes) -> Iterator[str]:
    """Return the part of a text's base64 that is independent of its neighbours, for each of the three alignments."""
    for before in range(3):
        coded = binascii.b2a_base64(bytes(before) + secret, newline=False).decode()
        yield coded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


_PREFIX = b"sk-ant-"
_WORD = r"""[^\s"'<>/=,;(){}\[\]|&?\#]"""  # what an address is made of; with it, all below need linear time


@functools.cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    """Return the shapes of secrets by themselves, compiled likewise: that takes a tenth of a short job."""
    return (
        re.compile(
            r"""(?P<secret>sk(?:-|%2d|\\u002d)ant(?:-|%2d|\\u002d)(?:\\u002d|[^\s"'<>,;:&|(){}\[\]\\])*)""",
            re.IGNORECASE,
        ),
        re.compile(r"""(?:bearer(?:[ \t+]|%20|\\t)+["'<\\]*)+(?P<secret>[^\s"'<>,;\\]+)""", re.IGNORECASE),
        # A JSON Web Token; ``eyJ`` is the base64 of ``{"``, so that other objects go too.
        re.compile(r"(?P<secret>(?:(?<![A-Za-z0-9])eyJ[\w+/=-]+|eyJ[\w+/=-]{16,})(?:\.[\w+/=-]+)*)", re.ASCII),
        re.compile(rf"(?P<secret>(?<![0-9a-f])[0-9a-f]*{_PREFIX.hex()}[0-9a-f]*)", re.IGNORECASE),
        re.compile(rf"(?P<secret>(?<![\w+/-])[\w+/-]*(?:{'|'.join(_base64_cores(_PREFIX))})[\w+/-]*=*)", re.ASCII),
        # User info of a URL: what the standard allows, then a password with a raw slash in it.
        re.compile(r"""//(?P<secret>[^\s/?\#"'<>]+)@"""),
        re.compile(r"""//(?P<secret>[^\s/?\#@"'<>]*:[^\s@"'<>]{1,256})@"""),
        # An e-mail address, or user info without a scheme; with a scheme the host may stay.
        re.compile(rf"(?P<secret>(?<!{_WORD})(?:(?<!//){_WORD}+@{_WORD}+|{_WORD}+%40{_WORD}+))"),
    )
