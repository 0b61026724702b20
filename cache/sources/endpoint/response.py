"""Parses the usage answer into windows, spend and the rest; one malformed part does not affect the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from cache.model.jsonio import mapping
from cache.model.windows import LABELS, OAUTH, PLAN_WIDE, SEVEN_DAY, Window
from cache.sources.endpoint.decode import NULL, Parts, is_null, number, part, percent, raw_of, reset, safe_name
from cache.sources.endpoint.limit_rows import Reading, read_rows
from cache.sources.endpoint.spend import spend_in, spend_percent
from cache.work.failures import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WINDOWS_AT_MOST, OTHERS_AT_MOST = 20, 20
NEAR = 80  # percent; from here on an active limit of an unknown kind is the binding one
CLOSER = 1  # percent; a smaller difference between a row and the flat bucket is rounding

# The buckets that are windows, with id and label. Since mid 2026 those of models are null; before, there was no other
# form.
_FLAT = {
    **{id_: (id_, LABELS[id_]) for id_ in PLAN_WIDE},
    "seven_day_opus": (f"{SEVEN_DAY}:opus", "Opus"),
    "seven_day_sonnet": (f"{SEVEN_DAY}:sonnet", "Sonnet"),
}
_MONEY = ("spend", "extra_usage")
_KNOWN = {*_FLAT, *_MONEY, "limits"}


@dataclass(frozen=True)
class Usage:
    """The content of one answer. ``spend`` is as `cache.sources.endpoint.spend.spend_in` returns it.

    ``other`` may hold

    - ``binding``, the id of the limit that the answer marks as the binding one: a window, or one of ``limits``;
    - ``limits``: active limits of unknown kinds, at `NEAR` or more, in the shape of a window (so that
      `cache.model.windows.windows_in` reads them), with ``"active": true``:
      ``[{"id", "label", "percent", "resets_at", "source", "observed_at", "active"}]``;
    - ``buckets``: values above zero under unknown names: ``{name: {"percent", "resets_at"}}``.

    ``unread`` names the parts (``limits``, ``spend``, ``extra_usage``) that could not be read: their former values may
    still be true.
    """

    windows: list[Window] = field(default_factory=list)
    spend: dict[str, object] | None = None
    other: dict[str, object] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def complete_with(self, former_windows: Iterable[Window], former_spend: object) -> Usage:
        """Return this answer, its `unread` parts completed with the models' windows and the spend of a former one."""
        windows, spend = list(self.windows), self.spend
        if "limits" in self.unread:
            named = {window.id for window in windows}
            windows += [each for each in former_windows if each.id not in named and each.id not in PLAN_WIDE]
        if spend is None and self.unread & {*_MONEY}:
            spend = mapping(former_spend) or None
        return replace(self, windows=windows, spend=spend)


class _Bucket(msgspec.Struct):
    utilization: msgspec.Raw = NULL
    resets_at: msgspec.Raw = NULL


@dataclass(frozen=True)
class _Answer:
    """A parsed body: ``present`` are the known parts that are not null, ``buckets`` the parts that are objects."""

    parts: Parts
    present: set[str]
    buckets: dict[str, _Bucket]
    scale: float
    readings: list[Reading]
    unread: frozenset[str]


def parse_usage(body: bytes, *, now: float, source: str = OAUTH, observed_at: float | None = None) -> Usage:
    """Parse the endpoint's body at ``now``, epoch seconds; raise Unreadable for anything else.

    ``source`` and ``observed_at`` (``now`` if None) are those of the windows: Claude Code's file has the same body.
    Percentages are 0-1000; windows whose reset has passed are left out, as their percentage is unknown. Resets keep
    their seconds, which vary from answer to answer.
    """
    answer = _split(body)
    _check(answer)
    seen_at = int(now if observed_at is None else observed_at)
    alive = [each for each in answer.readings if each.counts(now)]
    ids = dict.fromkeys(each.id for each in answer.readings)  # in our order, since the flat ones are complete
    same_id = [[each for each in alive if each.id == id_] for id_ in ids if id_ is not None]
    windows = [_window(same, answer.readings, source, seen_at) for same in same_id if same]
    windows = [each for each in windows if each.resets_at is None or each.resets_at > now][:WINDOWS_AT_MOST]
    other = _other(alive, {each.id for each in windows}, source, seen_at)
    return Usage(windows, spend_in(answer.parts, answer.scale, seen_at), other, answer.unread)


def _split(body: bytes) -> _Answer:
    parts = part(msgspec.Raw(body), Parts)
    if parts is None:
        raise Unreadable("the answer is not a JSON object")
    if not _KNOWN & parts.keys():
        raise Unreadable("the answer is JSON, but not of the known shape")
    present = {key for key in _KNOWN if not is_null(raw_of(parts, key))}
    buckets = {key: bucket for key, raw in parts.items() if (bucket := part(raw, _Bucket)) is not None}
    scale = 100 if _in_fractions(parts, buckets) else 1
    rows, is_whole = read_rows(raw_of(parts, "limits"))
    unread = {key for key in _MONEY if key in present and key not in buckets} | (set() if is_whole else {"limits"})
    return _Answer(parts, present, buckets, scale, [*_flat(buckets, scale), *rows], frozenset(unread))


def _check(answer: _Answer) -> None:
    """Raise Unreadable for an answer without a readable part, or without the percentage of a plan-wide window.

    Such an answer would otherwise end windows that are still running. Other parts of a wrong type do not matter, nor
    does a window that ``limits`` has as well.
    """
    read = {each.id for each in answer.readings if each.percent is not None}
    empty = {key for key, bucket in answer.buckets.items() if is_null(bucket.utilization)}
    odd = {key for key, (id_, _) in _FLAT.items() if key in answer.present - empty and id_ not in read}
    if odd & {*PLAN_WIDE}:
        raise Unreadable(f"{' and '.join(sorted(odd & {*PLAN_WIDE}))} in the answer: not of the known type")
    if answer.present and not read and answer.present <= odd | answer.unread:
        raise Unreadable("no part of the answer is of the known type")


def _in_fractions(parts: Parts, buckets: dict[str, _Bucket]) -> bool:
    """Return whether 1 means full: only if all values are within 0..1, one has a fraction, and ``limits`` is absent.

    All captures of 2026 are in percent, where 0.5 and 1 are ordinary values too.
    """
    raw_values = [*(bucket.utilization for bucket in buckets.values()), spend_percent(parts)]
    values = [value for raw in raw_values if (value := number(raw)) is not None]
    absent = is_null(raw_of(parts, "limits"))
    return absent and all(0 <= value <= 1 for value in values) and any(value % 1 for value in values)


def _flat(buckets: dict[str, _Bucket], scale: float) -> Iterator[Reading]:
    """Yield a reading per bucket, the known ones first, in our order."""
    for key in (*_FLAT, *(key for key in buckets if key not in _KNOWN)):
        bucket = buckets.get(key) or _Bucket()
        id_, label = _FLAT.get(key) or (None, safe_name(key))
        yield Reading(id_, label, percent(bucket.utilization, scale), reset(bucket.resets_at))


def _window(same: list[Reading], readings: list[Reading], source: str, seen_at: int) -> Window:
    """Return one window from its readings, which have a percentage and have not ended.

    The flat bucket has the percentage with decimals. Of several rows the one nearest to its limit counts, for a model's
    limit also before the flat bucket. A missing reset is taken from another reading of the window.
    """
    first = same[0]
    nearest = max((each for each in same if each.kind is not None), key=_fullness, default=first)
    is_closer = first.id not in PLAN_WIDE and _fullness(nearest) >= _fullness(first) + CLOSER
    best = nearest if first.kind is not None or is_closer else first
    resets = [each.resets_at for each in [best, *same, *readings] if each.id == best.id and each.resets_at is not None]
    return Window(str(best.id), best.label, _fullness(best), next(iter(resets), None), source, seen_at)


def _fullness(reading: Reading) -> float:
    return reading.percent or 0.0


def _other(alive: list[Reading], shown: set[str], source: str, seen_at: int) -> dict[str, object]:
    """Return ``other`` of `Usage`, without empty parts."""
    strange = [each for each in alive if each.id is None and each.label and each.percent]
    strange.sort(key=_fullness, reverse=True)
    limits = [_as_window(each, source, seen_at) for each in strange if each.active and _fullness(each) >= NEAR]
    marked = [(_fullness(each), each.id) for each in alive if each.active and each.id in shown]
    marked += [(each.percent, each.id) for each in limits]
    buckets: dict[str, object] = {}
    for each in strange[:OTHERS_AT_MOST]:
        buckets.setdefault(each.label, {"percent": each.percent, "resets_at": each.resets_at})
    found = {
        "binding": max(marked, key=lambda pair: pair[0])[1] if marked else None,
        "limits": [{**each.as_json(), "active": True} for each in limits[:OTHERS_AT_MOST]],
        "buckets": buckets,
    }
    return {key: value for key, value in found.items() if value}


def _as_window(reading: Reading, source: str, seen_at: int) -> Window:
    id_ = reading.label if reading.label.startswith(reading.kind or "") else f"{reading.kind}:{reading.label}"
    return Window(id_.lower(), reading.label, _fullness(reading), reading.resets_at, source, seen_at)
