"""Finds the owner of an answer where there are several logins: stdin has no account, but resets identify it."""

from cache.model.windows import FIVE_HOUR, SAME_RESET_S, SEVEN_DAY
from cache.readings.owner import fits, weeks_apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.directory import Directory
    from cache.readings.reading import Limits

WAIT = "wait"  # instead of an owner: to be decided later
JUST_SWITCHED_S = 120  # this soon after a switch, an answer that fits both accounts counts for neither
SILENT_S = 3600  # an account without reports for this long may have new resets
OTHERS_AT_MOST = 4  # other logins


def owner_of(directory: "Directory", limits: "Limits", owner: "str | None", now: "float") -> "str | None":
    """Return the owner of an answer from a process of ``owner``; the first rule that applies decides.

    That is an account, another login, `WAIT`, or None for an answer that never counts.
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
    return _of_unknown(directory, limits, now)


def _of_own_process(
    directory: "Directory", limits: "Limits", mine: "bool | None", by: "str | None", now: "float"
) -> "str | None":
    """Return the owner of an answer from a process of this account: usually this account, even if its week moved."""
    if mine is not False:
        return directory.account
    if by == FIVE_HOUR and directory.owner(directory.account).answered_at and SEVEN_DAY in limits:
        directory.ask = directory.is_changed = True
        return other_login(directory, limits, now)
    return WAIT if directory.login_at is not None else directory.account


def _of_unknown(directory: "Directory", limits: "Limits", now: "float") -> "str | None":
    """Return this account where no resets can be compared; just after a switch only if the former's resets differ."""
    if not _has_just_switched(directory, now):
        return directory.account
    former = directory.formers[0] if directory.formers else None
    differs = former is not None and fits(limits, directory.resets_of(former), now)[0] is False
    return directory.account if differs else None


def _has_just_switched(directory: "Directory", now: "float") -> "bool":
    return directory.switched_at is not None and now - directory.switched_at < JUST_SWITCHED_S


def _may_have_moved(directory: "Directory", now: "float") -> "bool":
    """Return whether this account was not reported for so long that its week may have moved."""
    return now - directory.heard_at > SILENT_S


def other_login(directory: "Directory", limits: "Limits", now: "float") -> "str":
    """Return the other login with these resets, a new one where there is none; the oldest of too many is dropped."""
    for each in directory.others:
        if fits(limits, directory.resets_of(each), now)[0]:
            return each
    name = f"login-{now:.2f}-{len(directory.others)}"  # never reused: old contents may still have the name
    directory.others.append(name)
    for each in directory.others[:-OTHERS_AT_MOST]:
        directory.owners.drop(each)
    del directory.others[:-OTHERS_AT_MOST]
    return name


def is_twin(one: "dict[str, int]", other: "dict[str, int]") -> "bool":
    """Return whether two owners' weeks are equal, so that only the five-hour resets can distinguish them."""
    week, other_week = one.get(SEVEN_DAY), other.get(SEVEN_DAY)
    equal = week is None or other_week is None or weeks_apart(week, other_week) <= SAME_RESET_S
    return FIVE_HOUR in one and equal
