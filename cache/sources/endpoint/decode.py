"""Decodes single parts of an untrusted answer; None where a part is missing or malformed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeVar

import msgspec

from cache.model.lenient import parse_number, parse_percent, parse_reset
from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
Parts = dict[str, msgspec.Raw]
NULL = msgspec.Raw(b"null")
NAME_AT_MOST = 40  # characters
NO_NAME_FROM = 1000  # characters; a text this long is no name, and cutting it before `scrub` could halve a secret

# What decoding may raise: another type, a value out of range, invalid UTF-8, too deep nesting.
MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)

# Printable according to Unicode, but invisible: fillers, joiners and selectors. They can hide within a secret, and the
# line does not show them.
_UNSEEN = {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}
_UNSEEN |= set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def part(raw: msgspec.Raw, kind: type[T]) -> T | None:
    """Return a part as ``kind``, a type as msgspec knows them, else None."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except MALFORMED:
        return None


def is_null(raw: msgspec.Raw) -> bool:
    """Return whether a part is missing or null."""
    return bytes(raw) == b"null"


def percent(raw: msgspec.Raw, scale: float = 1) -> float | None:
    """Return a percentage, 0-1000; ``scale`` is 100 where the answer has fractions."""
    value = parse_percent(_scalar(raw))
    # 0.29 * 100 is 28.999999999999996, and -0.0 would be shown with a sign.
    return None if value is None else round(value * scale, 4) + 0.0


def number(raw: msgspec.Raw) -> float | None:
    """Return a finite number, also from text."""
    return parse_number(_scalar(raw))


def reset(raw: msgspec.Raw) -> int | None:
    """Return a time as epoch seconds: RFC 3339, seconds, milliseconds, or text of these; see `parse_reset`."""
    return parse_reset(_scalar(raw))


def flag(raw: msgspec.Raw) -> bool | None:
    """Return true or false, also from text or 1 and 0."""
    return _FLAGS.get(str(_scalar(raw)).strip().lower())


def _scalar(raw: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(raw, type=bool | int | float | str)
    except MALFORMED:
        return None


def name(raw: msgspec.Raw) -> str | None:
    """Return a name through `safe_name`, None for an empty one or a text too long for a name."""
    return safe_name(part(raw, str) or "") or None


def safe_name(text: str) -> str:
    """Return ``text`` as a name that is safe to keep and show: one line, without secrets and invisible characters.

    At most `NAME_AT_MOST` long; empty for a text of `NO_NAME_FROM` characters or more. All names in an answer pass
    through here. An invisible character can hide within a secret, so `scrub` runs before and after their removal.
    """
    return scrub(_visible(scrub(text)))[:NAME_AT_MOST].strip() if len(text) < NO_NAME_FROM else ""


def _visible(text: str) -> str:
    """Return ``text`` in one line, without control and other invisible characters."""
    one_line = " ".join(text.split())
    seen = (each for each in one_line if unicodedata.category(each)[0] != "C" and each not in _UNSEEN)
    return " ".join("".join(seen).split())


def raw_of(parts: Mapping[str, msgspec.Raw], key: str) -> msgspec.Raw:
    """Return the part with this name, null where there is none."""
    return parts.get(key, NULL)
