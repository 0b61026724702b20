"""Adds answers that were not reported before: decides on their owner, or lets them wait."""

from cache.readings.attribution import WAIT, other_login, owner_of
from cache.readings.directory import ALIVE_S, Content, Directory, Process
from cache.readings.login import LOGIN_GAP_S
from cache.readings.owner import fits
from cache.readings.ownership import assign_owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.reading import Limits

PROCESSES_AT_MOST = 64
CONTENTS_BESIDE = 2  # contents without a listed process, where processes are identified by their pid
CONTENTS_AT_MOST = 48  # in all, where processes are identified by their session
WAITING_AT_MOST = 8


def add_news(
    directory: "Directory",
    key: "str",
    process: "Process | None",
    content: "Content | None",
    limits: "Limits",
    now: "float",
) -> "tuple[Process, Content | None]":
    """Add what `cache.readings.hearing.hear` found to be new; return the process and the content.

    ``process`` and ``content`` are None where they are new.
    """
    is_known = process is not None
    if process is None:
        process = Process(key)
        _register(directory, process, has_limits=bool(limits))
    if not limits:
        return process, None
    if content is None:
        content = Content(now, key, limits, None, dated=is_known)
        _add_content(directory, content, process, now)
    elif process.owner is None and content.owner is not None and content.owner not in directory.formers:
        process.owner = content.owner  # the same answer under a new id: /clear or /resume
        directory.is_changed = True
    if process.content is not content:
        process.content, directory.is_changed = content, True
        _forget_contents(directory, content)
    if process.owner == directory.account and now - directory.heard_at > ALIVE_S:
        directory.heard_at, directory.is_changed = now, True
    return process, content


def _register(directory: "Directory", process: "Process", *, has_limits: "bool") -> "None":
    """Add a process to the list; to a full one at its start if it has limits, as its answer may be an old one."""
    is_full = len(directory.processes) >= PROCESSES_AT_MOST
    if is_full:
        del directory.processes[0]
    directory.processes.insert(0 if is_full and has_limits else len(directory.processes), process)
    directory.is_changed = True


def _add_content(directory: "Directory", content: "Content", process: "Process", now: "float") -> "None":
    """Add a new content; decide on its owner, or let it wait."""
    directory.contents.append(content)
    directory.is_changed = True
    owner = _owner_of_new(directory, content.limits, process.owner, now)
    if owner == WAIT:
        directory.waiting = [*directory.waiting, (content, process)][-WAITING_AT_MOST:]
    elif owner is not None:
        content.owner = owner
        assign_owner(directory, content, process, now)
    readings = directory.owner(content.owner).readings if content.owner else []
    is_news = any(each.by == process.key and each.seen_at == now and each.dated for each in readings)
    if content.dated or is_news:
        directory.processes.remove(process)
        directory.processes.append(process)


def _owner_of_new(directory: "Directory", limits: "Limits", owner: "str | None", now: "float") -> "str | None":
    """Return the owner of a new answer; where there was only one login, it is nearly always the account.

    While a new login has no name yet, an answer waits for it, but not one that fits the other login of its process.
    """
    mine = fits(limits, directory.resets_of(directory.account), now)[0]
    is_others = owner in directory.others and fits(limits, directory.resets_of(owner), now)[0]
    if directory.login_at is not None and not mine and not is_others:
        return WAIT
    if mine is not False and directory.switched_at is None and not directory.others:
        return directory.account
    return owner_of(directory, limits, owner, now)


def _forget_contents(directory: "Directory", newest: "Content") -> "None":
    """Drop the oldest contents that belong to no listed process and do not wait."""
    needed = {id(each.content) for each in directory.processes} | {id(each) for each, _ in directory.waiting}
    beside = [each for each in directory.contents if id(each) not in needed and each is not newest]
    by_number = directory.processes[-1].key[:1] == "p"
    room = CONTENTS_BESIDE if by_number else max(CONTENTS_AT_MOST - len(directory.contents) + len(beside), 0)
    dropped = {id(each) for each in beside[: max(len(beside) - room, 0)]}
    if dropped:
        directory.contents = [each for each in directory.contents if id(each) not in dropped]


def settle_waiting(directory: "Directory", now: "float", *, is_held: "bool" = False) -> "None":
    """Decide on contents that have waited long enough, or since which the account has changed."""
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
            assign_owner(directory, content, process, now)


def _owner_after_waiting(directory: "Directory", content: "Content", process: "Process", now: "float") -> "str | None":
    """Return this account, unless other processes have reported it with other resets since."""
    resets = directory.resets_of(directory.account)
    is_heard = process.owner != directory.account and directory.heard_at >= content.first_seen_at
    if is_heard and resets and fits(content.limits, resets, now)[0] is False:
        return other_login(directory, content.limits, now)
    return directory.account
