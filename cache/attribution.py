"""Whose an answer is where more than one login is in play: stdin names no account, but resets are a fingerprint."""

from cache.hearing import WAIT, own
from cache.login import LOGIN_GAP_S
from cache.owner import fits, weeks_apart
from cache.reading import ENDPOINT, Reading, ends_of, newest_of
from cache.window import AHEAD_S, FIVE_HOUR, SAME_RESET_S, SEVEN_DAY, SPANS_S, STDIN, is_same_reset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.directory import Content, Directory, Process
    from cache.reading import Limits

JUST_SWITCHED_S = 120  # an answer that fits both accounts this soon after a switch is neither's
SILENT_S = 3600  # an account that was not heard for as long may have new resets
OTHERS_AT_MOST = 4  # other logins
UNPROVEN_S = 300  # an answer of the endpoint is not outdone by one of unknown age for as long


def settle_waiting(directory: "Directory", now: "float", *, is_held: "bool" = False) -> "None":
    """Decide on contents that have waited long enough, or whose account has changed meanwhile."""
    for content, process in list(directory.waiting):
        if directory.switched_at is not None and directory.switched_at > content.first_seen_at:
            owner = owner_of(directory, content.limits, None, now)
            owner = None if owner == WAIT else owner
        elif now - content.first_seen_at >= LOGIN_GAP_S and not is_held:
            owner = _owner_after_waiting(directory, content, process, now)
        else:
            continue
        directory.waiting.remove((content, process))
        directory.is_changed = True
        content.owner = owner
        if owner is not None:
            own(directory, content, process, now)


def _owner_after_waiting(directory: "Directory", content: "Content", process: "Process", now: "float") -> "str | None":
    """Return this account unless it was heard meanwhile, with other resets, from other processes."""
    resets = directory.resets_of(directory.account)
    is_heard = process.owner != directory.account and directory.heard_at >= content.first_seen_at
    if is_heard and resets and fits(content.limits, resets, now)[0] is False:
        return other_login(directory, content.limits, now)
    return directory.account


def owner_of(directory: "Directory", limits: "Limits", owner: "str | None", now: "float") -> "str | None":
    """Return whose an answer is that a process of ``owner`` hands in: the first rule that holds decides.

    An account, another login, `WAIT`, or None for one that never counts.
    """
    account, resets = directory.account, directory.resets_of(directory.account)
    mine, by = fits(limits, resets, now)
    formers = [each for each in directory.formers if fits(limits, directory.resets_of(each), now)[0]]
    if formers and not mine:
        return formers[0]
    if owner is not None and owner == account:
        return _of_own_process(directory, limits, mine, by, now)
    if owner in directory.others and not formers:
        if not mine and _may_have_moved(directory, now):
            return WAIT
        is_proof = mine and (by == FIVE_HOUR or not is_twin(directory.resets_of(owner), resets))
        return account if is_proof else owner
    if mine:
        return None if formers and _has_just_switched(directory, now) else account
    if mine is False:
        is_open = _may_have_moved(directory, now) or not (directory.confirmed or directory.switched_at is None)
        return WAIT if is_open else other_login(directory, limits, now)
    return _of_nobody_known(directory, limits, now)


def _of_own_process(
    directory: "Directory", limits: "Limits", mine: "bool | None", by: "str | None", now: "float"
) -> "str | None":
    """Return whose an answer of a process of this account is: its, even where its week has moved."""
    if mine is not False:
        return directory.account
    if by == FIVE_HOUR and directory.owner(directory.account).answered_at and SEVEN_DAY in limits:
        directory.ask = directory.is_changed = True
        return other_login(directory, limits, now)
    return WAIT if directory.login_at is not None else directory.account


def _of_nobody_known(directory: "Directory", limits: "Limits", now: "float") -> "str | None":
    """Return this account where nothing can be compared; just after a switch only if the former's resets differ."""
    if not _has_just_switched(directory, now):
        return directory.account
    former = directory.formers[0] if directory.formers else None
    differs = former is not None and fits(limits, directory.resets_of(former), now)[0] is False
    return directory.account if differs else None


def _has_just_switched(directory: "Directory", now: "float") -> "bool":
    return directory.switched_at is not None and now - directory.switched_at < JUST_SWITCHED_S


def _may_have_moved(directory: "Directory", now: "float") -> "bool":
    """Return whether nothing was heard of this account for so long that its week may have moved."""
    return now - directory.heard_at > SILENT_S


def other_login(directory: "Directory", limits: "Limits", now: "float") -> "str":
    """Return the other login with these resets, a new one where none is known; the oldest of too many is forgotten."""
    for each in directory.others:
        if fits(limits, directory.resets_of(each), now)[0]:
            return each
    name = f"login-{now:.2f}-{len(directory.others)}"  # never used again: old contents may still have the name
    directory.others.append(name)
    for each in directory.others[:-OTHERS_AT_MOST]:
        directory.owners.drop(each)
    del directory.others[:-OTHERS_AT_MOST]
    return name


def own_undated(directory: "Directory", content: "Content", now: "float") -> "None":
    """Let an answer of unknown age count as far as it proves itself.

    Higher than all that was ever known of its window, or of a later window, it was made after the newest known answer.
    Of a window that nothing is known of it counts as it is.
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
    """Return whether a limit of unknown age was told after the newest known reading of its window."""
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
    """Make another login this account's where this account's resets fit it by now."""
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


def official(directory: "Directory", reading: "Reading", now: "float") -> "None":
    """Take in an answer of the endpoint, or Claude Code's copy of one, that is this account's."""
    owner = directory.owner(directory.account)
    owner.add(reading)
    owner.note_resets(reading.limits)
    owner.answered_at = max(owner.answered_at, reading.made_at)
    owner.note_peaks(reading.limits)
    directory.confirmed, directory.heard_at = True, max(directory.heard_at, reading.made_at)
    directory.is_changed = True
    merge_others(directory, now)


def is_twin(one: "dict[str, int]", other: "dict[str, int]") -> "bool":
    """Return whether only the five hours can tell the first owner's resets from the second's: their weeks are equal."""
    week, other_week = one.get(SEVEN_DAY), other.get(SEVEN_DAY)
    equal = week is None or other_week is None or weeks_apart(week, other_week) <= SAME_RESET_S
    return FIVE_HOUR in one and equal
