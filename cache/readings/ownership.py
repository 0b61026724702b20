"""Adds an answer to its owner."""

from cache.model.windows import AHEAD_S, FIVE_HOUR, SAME_RESET_S, SPANS_S, STDIN, is_same_reset
from cache.readings.attribution import is_twin
from cache.readings.directory import IN_FLIGHT_S
from cache.readings.owner import fits
from cache.readings.reading import ENDPOINT, Reading, ends_of, newest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.directory import Content, Directory, Process
    from cache.readings.reading import Limits

UNPROVEN_S = 300  # for this long an answer of unknown age does not replace one of the endpoint


def assign_owner(directory: "Directory", content: "Content", process: "Process", now: "float") -> "None":
    """Add an answer to its owner, and assign its process to the owner."""
    if content.owner == directory.account:
        process.owner = content.owner
        directory.confirmed, directory.heard_at = True, now
    elif content.owner in directory.formers:
        switched_at = directory.switched_at
        if switched_at is not None and content.first_seen_at - switched_at > IN_FLIGHT_S and content.dated:
            process.owner = content.owner  # a login in use at the same time, such as a token for one project
    else:
        process.owner = content.owner
    owner = directory.owner(content.owner)
    if content.dated:
        owner.note_resets(content.limits)
        seen_at = content.first_seen_at
        owner.add(Reading(seen_at, seen_at, content.by, content.limits, STDIN, dated=True))
        if content.owner == directory.account and directory.others:
            merge_others(directory, now)
    else:
        assign_undated(directory, content, now)
    owner.note_peaks(content.limits)


def assign_undated(directory: "Directory", content: "Content", now: "float") -> "None":
    """Add an answer of unknown age as far as it proves to be new.

    If it is higher than all known percentages of its window, or of a later window, it was made after the newest known
    answer. For a window without known readings it counts as it is.
    """
    owner, after = directory.owner(content.owner), None
    rest: "Limits" = {}
    for id_, (percent, reset) in content.limits.items():
        known = [each for each in owner.readings if id_ in each.limits and each.made_at <= now + AHEAD_S]
        newest = newest_of(each for each in known if ends_of(each, id_) > now)
        if newest is None:
            rest[id_] = (percent, reset)
        elif _is_later(percent, reset, newest, owner.peak(id_, reset), id_, now):
            after = newest if after is None or newest.made_at < after.made_at else after
    if after is not None:
        made_at = after.made_at + 0.01
        owner.add(Reading(made_at, now, content.by, content.limits, STDIN, dated=after.dated))
    elif rest:
        owner.add(Reading(now, now, content.by, rest, STDIN, dated=False))
    if fits(content.limits, owner.resets, now)[0] is None:
        owner.note_resets(content.limits)


def _is_later(
    percent: "float", reset: "int | None", newest: "Reading", peak: "float", id_: "str", now: "float"
) -> "bool":
    """Return whether a limit of unknown age is newer than the newest known reading of its window."""
    known_percent, known_reset = newest.limits[id_]
    if newest.by == ENDPOINT and now - newest.made_at < UNPROVEN_S and known_reset is not None:
        return False
    if reset is None:
        return False
    if known_reset is None:
        return reset - SPANS_S[id_] > newest.made_at - SAME_RESET_S
    if is_same_reset(reset, known_reset):
        return percent > max(known_percent, peak)
    return reset > known_reset


def merge_others(directory: "Directory", now: "float") -> "None":
    """Merge other logins into this account where their resets agree by now."""
    resets = directory.resets_of(directory.account)
    for name in list(directory.others):
        others = directory.resets_of(name)
        limits: "Limits" = {id_: (0.0, reset) for id_, reset in others.items()}
        same, by = fits(limits, resets, now)
        if same and (by == FIVE_HOUR or not is_twin(others, resets)):
            for process in directory.processes:
                if process.owner == name:
                    process.owner = directory.account
            other = directory.owners.drop(name)
            for reading in other.readings if other else []:
                directory.owner(directory.account).add(reading)
            directory.others.remove(name)
            directory.is_changed = True


def add_official(directory: "Directory", reading: "Reading", now: "float", models: "object" = None) -> "None":
    """Add an answer of the endpoint, or Claude Code's copy of one, for this account; ``models`` as in an `Owner`."""
    owner = directory.owner(directory.account)
    owner.add(reading)
    if reading.made_at >= owner.answered_at:
        owner.models = models
        for id_ in list(owner.resets):
            if reading.limits.get(id_, (0, None))[1] is None:  # it has ended early, and identifies no login
                del owner.resets[id_]
    owner.note_resets(reading.limits)
    owner.answered_at = max(owner.answered_at, reading.made_at)
    owner.note_peaks(reading.limits)
    directory.confirmed, directory.heard_at = True, max(directory.heard_at, reading.made_at)
    directory.is_changed = True
    merge_others(directory, now)
