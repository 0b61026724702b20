"""The usage answer as windows, spend and the rest: each part read on its own, so that one bad part blanks no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from cache.errors import Unreadable
from cache.sources.parts import NULL, Parts, cleaned, flag, minute, name, number, part, percent, raw_of
from cache.sources.spend import spend_in, told_percent
from cache.window import OAUTH, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOWS_AT_MOST, OTHERS_AT_MOST, ROWS_AT_MOST = 20, 20, 200

# The buckets that are windows, with id and label; those of a model are null since mid 2026, the only form before.
_FLAT = {
    "five_hour": ("five_hour", "5h"),
    "seven_day": ("seven_day", "7d"),
    "seven_day_opus": ("seven_day:opus", "Opus"),
    "seven_day_sonnet": ("seven_day:sonnet", "Sonnet"),
}
_KINDS = {"session": _FLAT["five_hour"], "weekly_all": _FLAT["seven_day"]}
_KNOWN = {*_FLAT, "limits", "spend", "extra_usage"}


@dataclass(frozen=True)
class Usage:
    """What one answer says. ``spend`` is as `cache.sources.spend.spend_in` returns it.

    ``other`` may hold ``binding``, the id of the limit that binds, and ``buckets``: what was more than zero under names
    that mean nothing to us, as ``{name: {"percent", "resets_at"}}``.
    """

    windows: list[Window] = field(default_factory=list)
    spend: dict[str, object] | None = None
    other: dict[str, object] = field(default_factory=dict)


class _Bucket(msgspec.Struct):
    utilization: msgspec.Raw = NULL
    resets_at: msgspec.Raw = NULL


class _Row(msgspec.Struct):
    kind: msgspec.Raw = NULL
    percent: msgspec.Raw = NULL
    resets_at: msgspec.Raw = NULL
    scope: msgspec.Raw = NULL
    is_active: msgspec.Raw = NULL


@dataclass
class _Reading:
    """What has been read of one limit so far; ``id`` is None for one that is no window of ours."""

    id: str | None
    label: str
    percent: float | None
    resets_at: int | None
    binds: bool = False

    def complete_from(self, later: _Reading) -> None:
        if self.percent is None:
            self.percent = later.percent
        if self.resets_at is None:
            self.resets_at = later.resets_at
        self.binds = self.binds or later.binds

    def counts(self, now: float) -> bool:
        """Say whether there is a percentage, of a window that has not ended."""
        return self.percent is not None and (self.resets_at is None or self.resets_at > now)


def parse_usage(body: bytes, *, now: float, source: str = OAUTH, observed_at: float | None = None) -> Usage:
    """Return what the endpoint's body says at ``now``, epoch seconds; raise Unreadable for anything else.

    ``source`` and ``observed_at`` (``now`` if None) go into the windows: Claude Code's own file holds the same body.
    Percentages 0-1000; windows whose reset has passed are left out, as their percentage is unknown.
    """
    parts = part(msgspec.Raw(body), Parts)
    if parts is None:
        raise Unreadable("the answer is not a JSON object")
    buckets = {key: each for key, raw in parts.items() if (each := part(raw, _Bucket)) is not None}
    if not _KNOWN & parts.keys() and all(bytes(each.utilization) == b"null" for each in buckets.values()):
        raise Unreadable("the answer is JSON, but of another shape")
    rows = part(raw_of(parts, "limits"), list[msgspec.Raw])
    scale = 100 if _in_fractions(parts, buckets) else 1
    readings = [*_flat(buckets, scale), *_scoped(rows or [])]
    seen_at = int(now if observed_at is None else observed_at)
    windows = _windows(readings, now, source, seen_at)
    return Usage(windows, spend_in(parts, scale), _other(readings, windows, now))


def _in_fractions(parts: Parts, buckets: dict[str, _Bucket]) -> bool:
    """Say whether 1 means full: only if all values lie in 0..1, one is broken, and ``limits`` is absent.

    All captures of 2026 are in percent, where 0.5 and 1 are ordinary values too.
    """
    told = [*(each.utilization for each in buckets.values()), told_percent(parts)]
    values = [value for each in told if (value := number(each)) is not None]
    absent = bytes(raw_of(parts, "limits")) == b"null"
    return absent and all(0 <= value <= 1 for value in values) and any(value % 1 for value in values)


def _flat(buckets: dict[str, _Bucket], scale: float) -> Iterator[_Reading]:
    """Give a reading per bucket, those that we know first, in our order."""
    for key in (*_FLAT, *(key for key in buckets if key not in _KNOWN)):
        bucket = buckets.get(key) or _Bucket()
        id_, label = _FLAT.get(key) or (None, cleaned(key))
        yield _Reading(id_, label, percent(bucket.utilization, scale), minute(bucket.resets_at))


def _scoped(rows: list[msgspec.Raw]) -> Iterator[_Reading]:
    for raw in rows[:ROWS_AT_MOST]:
        row = part(raw, _Row)
        if row is not None:
            id_, label = _named(row)
            yield _Reading(id_, label, percent(row.percent), minute(row.resets_at), flag(row.is_active) is True)


def _named(row: _Row) -> tuple[str | None, str]:
    """Return id and label of a row of ``limits``; a limit without a model's name is no window of ours."""
    kind = name(row.kind) or "limit"
    scope = part(row.scope, Parts) or {}
    model = name(raw_of(part(raw_of(scope, "model"), Parts) or {}, "display_name"))
    if kind == "weekly_scoped" and model is not None:
        return f"seven_day:{model.lower()}", model
    return _KINDS.get(kind) or (None, name(raw_of(scope, "surface")) or kind)


def _windows(readings: list[_Reading], now: float, source: str, seen_at: int) -> list[Window]:
    """Put the readings of one window together, the earlier one first field by field."""
    found: dict[str, _Reading] = {}
    for reading in readings:
        if reading.id is not None:
            found.setdefault(reading.id, reading).complete_from(reading)
    return [
        Window(id_, each.label, each.percent, each.resets_at, source, seen_at)
        for id_, each in found.items()
        if each.percent is not None and each.counts(now)
    ][:WINDOWS_AT_MOST]


def _other(readings: list[_Reading], windows: list[Window], now: float) -> dict[str, object]:
    strange = [each for each in readings if each.id is None and each.label and each.percent and each.counts(now)]
    buckets = {each.label: {"percent": each.percent, "resets_at": each.resets_at} for each in strange[:OTHERS_AT_MOST]}
    shown = {window.id for window in windows}
    binding = next((each.id for each in readings if each.binds and each.id in shown), None)
    return ({"binding": binding} if binding else {}) | ({"buckets": buckets} if buckets else {})
