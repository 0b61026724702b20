"""Imports what an earlier version kept: its numbers stay, ages that it only assumed become unknown."""

from cache.model.files import read_file
from cache.model.jsonio import mapping, parse_json, whole
from cache.model.layout import OBSERVED_FILE
from cache.model.windows import AHEAD_S, Window, is_endpoint, windows_in
from cache.readings.directory import Content, Process
from cache.readings.ownership import add_official, assign_owner
from cache.readings.reading import ENDPOINT, Reading, limits_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.model.entry import Entry
    from cache.readings.directory import Directory

FORMER_PROCESS = "observed"  # instead of the sessions of an earlier version


def take_over(directory: "Directory", entry: "Entry", place: "str", now: "float") -> "None":
    """Import the windows of ``usage.json`` and of the ``observed.json`` beside it."""
    value = mapping(entry.value)
    kept = windows_in(value.get("windows")) + windows_in(entry.readings)
    known = [each for each in kept if each.observed_at <= now + AHEAD_S]
    answered = _newest_by_id([each for each in known if is_endpoint(each.source)])
    if answered:
        at = min(each.observed_at for each in answered)
        limits = limits_of(answered)
        add_official(directory, Reading(at, at, ENDPOINT, limits, answered[0].source, dated=True), now)
    since = whole(value.get("account_since")) or 0
    observed = [each for each in _observed_windows(place) if since <= each.observed_at <= now + AHEAD_S]
    reported = _newest_by_id([each for each in known + observed if not is_endpoint(each.source)])
    content = Content(now, FORMER_PROCESS, limits_of(reported), directory.account, dated=False)
    assign_owner(directory, content, Process(FORMER_PROCESS), now)


def _newest_by_id(windows: "list[Window]") -> "list[Window]":
    """Return the newest reading of each window."""
    found: "dict[str, Window]" = {}
    for each in sorted(windows, key=_seen_order):
        found[each.id] = each
    return list(found.values())


def _seen_order(window: "Window") -> "int":
    return window.observed_at


def _observed_windows(place: "str") -> "list[Window]":
    """Return what sessions reported to an earlier version."""
    data = read_file(f"{place}/{OBSERVED_FILE}", ours=True)
    try:
        fields = mapping(parse_json(data.decode())) if data else {}
    except ValueError:
        return []
    return [each for rows in mapping(fields.get("readings")).values() for each in windows_in(rows)]
