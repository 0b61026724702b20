"""One part of an untrusted answer at a time: what it says, or None where it is missing or malformed."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec

from cache.window import to_minute

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
Parts = dict[str, msgspec.Raw]
NULL = msgspec.Raw(b"null")
NAME_AT_MOST = 40  # characters

# Claude Code itself has reported a reset's epoch as a percentage: nothing beyond ten times full is believed.
Percent = Annotated[float, msgspec.Meta(ge=0, le=1000)]
EpochSeconds = Annotated[float, msgspec.Meta(ge=1e9, lt=1e11)]

# What a part may raise: of another type, out of range, not UTF-8 within a text, nested beyond all measure.
MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)


def part(raw: msgspec.Raw, kind: type[T]) -> T | None:
    """Return a part as ``kind``, a type as msgspec knows them, else None."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except MALFORMED:
        return None


def percent(raw: msgspec.Raw, scale: float = 1) -> float | None:
    """Return a percentage, 0-1000; ``scale`` is 100 where the answer speaks in fractions."""
    value = part(raw, Percent)
    # 0.29 * 100 is 28.999999999999996, and -0.0 would show a sign.
    return None if value is None else round(value * scale, 4) + 0.0


def number(raw: msgspec.Raw) -> float | None:
    """Return any finite number."""
    return part(raw, float)


def flag(raw: msgspec.Raw) -> bool | None:
    """Return true or false."""
    return part(raw, bool)


def minute(raw: msgspec.Raw) -> int | None:
    """Return a moment, RFC 3339 or epoch seconds, as the epoch seconds of the nearest whole minute.

    Offsets, ``Z`` and nanoseconds are understood; without an offset it is UTC.
    """
    moment = part(raw, datetime)
    if moment is not None:
        return to_minute(moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp())
    epoch = part(raw, EpochSeconds)
    return None if epoch is None else to_minute(epoch)


def name(raw: msgspec.Raw) -> str | None:
    """Return a name made for people, cleaned; None for an empty one."""
    return cleaned(part(raw, str) or "") or None


def cleaned(text: str) -> str:
    """Return ``text`` in one line of at most `NAME_AT_MOST` characters, without control and invisible ones."""
    kept = "".join(each for each in " ".join(text.split()) if unicodedata.category(each)[0] != "C")
    return kept.strip()[:NAME_AT_MOST].strip()


def raw_of(parts: Mapping[str, msgspec.Raw], key: str) -> msgspec.Raw:
    """Return the part of that name, null where there is none."""
    return parts.get(key, NULL)
