"""One answer about the plan-wide windows, and which of several to show."""

from cache.model.jsonio import number, whole
from cache.model.lenient import SECONDS_BELOW
from cache.model.windows import AHEAD_S, LABELS, PLAN_WIDE, Window, end_of, is_same_reset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Limits = dict[str, tuple[float, int | None]]  # window id -> percent 0-1000, reset in epoch seconds

TOGETHER_S = 300  # seconds: a long answer is reported minutes after it was made
SLIGHT = 3.0  # percentage points: what a long answer can add; a larger difference is a correction
ENDPOINT = ""  # instead of a process: the endpoint, or Claude Code's copy of its answer


class Reading:
    """An answer, with what is known about its age.

    ``made_at``: when it was made as far as that is known; ``seen_at``: when it was first seen, both epoch seconds.
    ``dated`` is false where the age is unknown. ``by`` is the process that handed it in, `ENDPOINT` for the endpoint;
    ``source`` is what a window shows as its source.
    """

    __slots__ = ("by", "dated", "limits", "made_at", "seen_at", "source")

    def __init__(
        self, made_at: "float", seen_at: "float", by: "str", limits: "Limits", source: "str", *, dated: "bool"
    ) -> None:
        self.made_at = made_at
        self.seen_at = seen_at
        self.by = by
        self.limits = limits
        self.source = source
        self.dated = dated


def reading_from(row: "list[Any]") -> "Reading":
    """Return the reading from its list in the file; raise one of `snapshot.ODD` where that is malformed."""
    made_at, seen_at, by, limits, source, dated = row
    if not (_is_time(made_at) and _is_time(seen_at)):
        raise ValueError("not a time")
    return Reading(made_at, seen_at, by, limits_from(limits), source, dated=dated)


def _is_time(value: "object") -> "bool":
    """Return whether a number can be epoch seconds; other files and the system's clock functions hold no larger one."""
    found = number(value)
    return found is not None and 0 <= found < SECONDS_BELOW


def limits_from(fields: "dict[str, Any]") -> "Limits":
    """Return the limits from their object in the file; raise one of `snapshot.ODD` where that is malformed.

    Windows that are not plan-wide do not count.
    """
    limits: "Limits" = {}
    for id_, (percent, reset) in fields.items():
        if not 0 <= percent <= 1000 or whole(reset) != reset or not 0 <= (reset or 0) < SECONDS_BELOW:
            raise ValueError("not a limit")
        if id_ in PLAN_WIDE:
            limits[id_] = (percent, reset)
    return limits


def limits_of(windows: "Iterable[Window]") -> "Limits":
    """Return the limits of the plan-wide windows among these."""
    return {each.id: (each.percent, each.resets_at) for each in windows if each.id in PLAN_WIDE}


def ends_of(reading: "Reading", id_: "str") -> "float":
    """Return when a window ends according to a reading of it."""
    return end_of(id_, reading.limits[id_][1], reading.made_at)


def newest_of(readings: "Iterable[Reading]") -> "Reading | None":
    """Return the newest reading; readings of known age come first."""
    return max(readings, key=_age_order, default=None)


def _age_order(reading: "Reading") -> "tuple[bool, float]":
    return reading.dated, reading.made_at


def current_window(readings: "Iterable[Reading]", id_: "str", now: "float") -> "Window | None":
    """Return the window to show from an owner's readings, None where none of them is current.

    Of dated readings the newest counts, or a slightly higher one that may have been made after it; of those whose age
    is unknown one that is higher than all the others.
    """
    dated, undated = _in_force(readings, id_, now)
    newest, best = _highest_of_newest(dated, id_, now)
    for each in undated:
        if best is None or _is_proof(each, best, newest, id_, now):
            best = each
    if best is None:
        return None
    percent = best.limits[id_][0]
    shown = newest or best
    made_at = newest.made_at if newest else best.seen_at
    age_known = best.dated and newest is not None
    return Window(id_, LABELS[id_], percent, shown.limits[id_][1], best.source, int(made_at), age_known)


def _in_force(readings: "Iterable[Reading]", id_: "str", now: "float") -> "tuple[list[Reading], list[Reading]]":
    """Return the readings of a window that has not ended: those with a known age, and those without.

    The endpoint ends a window that it no longer names. Where the newest reading has ended, the older ones have, too,
    whatever reset they name.
    """
    every = [each for each in readings if each.made_at <= now + AHEAD_S]
    silent_at = max([each.made_at for each in every if each.by == ENDPOINT and id_ not in each.limits], default=None)
    named = [each for each in every if id_ in each.limits and (silent_at is None or each.made_at > silent_at)]
    alive = [each for each in named if ends_of(each, id_) > now]
    newest = newest_of(named)
    if newest is not None and ends_of(newest, id_) <= now:
        reset = newest.limits[id_][1]
        alive = [
            each
            for each in alive
            if (each.made_at > newest.made_at if each.dated else not is_same_reset(each.limits[id_][1], reset))
        ]
    return [each for each in alive if each.dated], [each for each in alive if not each.dated]


def _highest_of_newest(dated: "list[Reading]", id_: "str", now: "float") -> "tuple[Reading | None, Reading | None]":
    """Return the newest reading, and the one whose percentage is shown instead.

    That is the highest among the last of each source that were made within `TOGETHER_S` before the newest, while the
    newest is as young as that; later on it is one that is at most `SLIGHT` points higher.
    """
    if not dated:
        return None, None
    newest = best = max(dated, key=lambda each: (each.made_at, each.limits[id_][0]))
    last_of: "dict[str, Reading]" = {}
    for each in dated:
        if each.by not in last_of or each.made_at >= last_of[each.by].made_at:
            last_of[each.by] = each
    percent, reset = newest.limits[id_]
    for each in last_of.values():
        higher = each.limits[id_][0]
        counts = now - each.made_at < TOGETHER_S or 0 < higher - percent <= SLIGHT
        is_near = each.made_at >= newest.made_at - TOGETHER_S and is_same_reset(each.limits[id_][1], reset)
        if counts and is_near and higher > best.limits[id_][0]:
            best = each
    return newest, best


def _is_proof(each: "Reading", best: "Reading", newest: "Reading | None", id_: "str", now: "float") -> "bool":
    """Return whether a reading of unknown age is to be shown instead of the best so far."""
    (percent, reset), (best_percent, best_reset) = each.limits[id_], best.limits[id_]
    if newest is None:
        is_later = not is_same_reset(reset, best_reset) and (reset or 0) > (best_reset or 0) > 0
        return each.seen_at >= best.seen_at or percent > best_percent or is_later
    if percent <= best_percent or not is_same_reset(reset, newest.limits[id_][1]):
        return False
    is_young = now - newest.made_at < TOGETHER_S and each.seen_at >= newest.made_at - TOGETHER_S
    return is_young or each.seen_at >= newest.made_at
