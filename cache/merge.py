"""Readings of one window into the one to believe."""

from cache.window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

AGREE_S = 300  # seconds: readings this close to the newest count together, and the highest of them is believed
AHEAD_S = 60  # seconds; a reading from further in the future was made before the clock was set back
SAME_SHORT_S, SAME_LONG_S = 15 * 60, 3600  # resets this close are the same window: five hours, and a week


def believe(readings: "Iterable[Window]", now: "float") -> "dict[str, Window]":
    """Return the one to believe of each window id, with the newest ``observed_at`` of its window.

    Of windows with different resets the one observed last counts; one that has ended does not count.
    """
    by_id: "dict[str, list[Window]]" = {}
    ended: "list[Window]" = []
    for reading in readings:
        if reading.observed_at <= now + AHEAD_S:
            (ended if has_ended(reading, now) else by_id.setdefault(reading.id, [])).append(reading)
    if ended:
        by_id = {id_: [one for one in same_id if not _is_over(one, ended)] for id_, same_id in by_id.items()}
    return {id_: _highest_of_newest(same_id) for id_, same_id in by_id.items() if same_id}


def _is_over(reading: "Window", ended: "list[Window]") -> "bool":
    """Say whether a later reading tells that this window has ended: the resets of one window are minutes apart."""
    return any(
        each.id == reading.id and each.observed_at >= reading.observed_at and same_window(each, reading)
        for each in ended
    )


def _highest_of_newest(readings: "list[Window]") -> "Window":
    newest = max(readings, key=_order)
    since = newest.observed_at - AGREE_S
    highest = newest
    for each in readings:
        if each.observed_at >= since and each.percent > highest.percent and same_window(each, newest):
            highest = each
    return Window(newest.id, newest.label, highest.percent, newest.resets_at, highest.source, newest.observed_at)


def _order(reading: "Window") -> "tuple[int, float]":
    return reading.observed_at, reading.percent


def has_ended(window: "Window", now: "float") -> "bool":
    """Say whether the window's reset has passed: its percentage then says nothing about now."""
    return window.resets_at is not None and window.resets_at <= now


def same_window(one: "Window", other: "Window") -> "bool":
    """Say whether two readings of one id speak of the same window, by their resets."""
    if one.resets_at is None or other.resets_at is None:
        return one.resets_at is other.resets_at
    return abs(one.resets_at - other.resets_at) <= apart_s(one.id)


def apart_s(id_: "str") -> "int":
    """Return how far apart, in seconds, the resets of one window of this id can be told."""
    return SAME_SHORT_S if id_ == "five_hour" else SAME_LONG_S


def worth_keeping(readings: "list[Window]", now: "float", at_most: "int" = 16) -> "list[Window]":
    """Return the readings of any ids that a later `believe` can still need, oldest first.

    One is dropped when its window has long ended, when the same window was seen over `AGREE_S` later, or when a later
    reading of the same window is as high; and one from the future, lest it outdo all that is seen until then. What has
    just ended stays as long as an earlier reading of its window could still look alive.
    """
    alive = [one for one in readings if one.observed_at <= now + AHEAD_S and not has_ended(one, now - apart_s(one.id))]
    kept = [one for one in alive if not any(_outdoes(two, one) for two in alive)]
    kept.sort(key=_order)
    return kept[-at_most:]


def _outdoes(later: "Window", one: "Window") -> "bool":
    if later is one or later.id != one.id:
        return False
    if one.resets_at is None and later.resets_at is not None:
        return later.observed_at > one.observed_at  # "not started" is over for good once a window has started
    if not same_window(later, one):
        return False
    if later.observed_at == one.observed_at and later.percent == one.percent:
        return id(later) < id(one)  # of twins, one stays
    if later.observed_at > one.observed_at + AGREE_S:
        return True
    return later.observed_at >= one.observed_at and later.percent >= one.percent
