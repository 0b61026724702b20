"""Taking in what a process hands in: known answers are recognized, new ones are dated and given to their owner."""

from cache.directory import Content, Directory, Process
from cache.lazy import further_module
from cache.owner import fits
from cache.reading import Reading
from cache.window import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.reading import Limits

PROCESSES_AT_MOST = 64
CONTENTS_BESIDE = 2  # contents that no listed process has, where processes are known by their number
CONTENTS_AT_MOST = 48  # in all, where they are known by the session alone
WAITING_AT_MOST = 8
ALIVE_S = 600  # how often it is noted that a process of the account is alive
ENDING_S = 5  # a window that ends this soon may have left an answer already
IN_FLIGHT_S = 600  # an answer made before a switch has arrived by then
WAIT = "wait"  # in place of an owner: to be told later


def hear(directory: "Directory", key: "str", limits: "Limits", now: "float") -> "tuple[Process, Content | None]":
    """Take in what a process hands in; return the process and the content, None where it has no limits."""
    process = directory.process(key)
    is_known = process is not None
    if process is None:
        process = Process(key)
        _register(directory, process, has_limits=bool(limits))
    if not limits:
        return process, None
    content = _recognized(directory, process, limits, now)
    if content is None:
        content = Content(now, key, limits, None, dated=is_known)
        _take_new(directory, content, process, now)
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
    """Put a process into the list; one that brings limits to a full list must prove that its answer is new."""
    is_full = len(directory.processes) >= PROCESSES_AT_MOST
    if is_full:
        del directory.processes[0]
    directory.processes.insert(0 if is_full and has_limits else len(directory.processes), process)
    directory.is_changed = True


def _recognized(directory: "Directory", process: "Process", limits: "Limits", now: "float") -> "Content | None":
    """Return a known content with these limits, or with these and others that have ended since.

    Of its own last content a process may leave out any window: some clients do so now and then.
    """
    for each in directory.contents:
        if each.limits == limits:
            return each
    for each in directory.contents:
        left = each.limits.keys() - limits.keys()
        if left and all(each.limits.get(id_) == limit for id_, limit in limits.items()):
            resets = [each.limits[id_][1] for id_ in left]
            if each is process.content or all(reset is not None and reset <= now + ENDING_S for reset in resets):
                return each
    return None


def _take_new(directory: "Directory", content: "Content", process: "Process", now: "float") -> "None":
    """Decide whose a new content is, or let it wait."""
    directory.contents.append(content)
    directory.is_changed = True
    owner = _owner_of(directory, content.limits, process.owner, now)
    if owner == WAIT:
        directory.waiting = [*directory.waiting, (content, process)][-WAITING_AT_MOST:]
    elif owner is not None:
        content.owner = owner
        own(directory, content, process, now)
    readings = directory.owner(content.owner).readings if content.owner else []
    is_news = any(each.by == process.key and each.seen_at == now and each.dated for each in readings)
    if content.dated or is_news:
        directory.processes.remove(process)
        directory.processes.append(process)


def _owner_of(directory: "Directory", limits: "Limits", owner: "str | None", now: "float") -> "str | None":
    """Return whose a new answer is: where there has been one login alone, nearly always the account's."""
    mine = fits(limits, directory.resets_of(directory.account), now)[0]
    if directory.login_at is not None and not mine:
        return WAIT
    if mine is not False and directory.switched_at is None and not directory.others:
        return directory.account
    return further_module("cache.attribution").owner_of(directory, limits, owner, now)  # type: ignore[no-any-return]


def _forget_contents(directory: "Directory", newest: "Content") -> "None":
    """Drop the oldest contents that no listed process has and that do not wait."""
    needed = {id(each.content) for each in directory.processes} | {id(each) for each, _ in directory.waiting}
    beside = [each for each in directory.contents if id(each) not in needed and each is not newest]
    by_number = directory.processes[-1].key[:1] == "p"
    room = CONTENTS_BESIDE if by_number else max(CONTENTS_AT_MOST - len(directory.contents) + len(beside), 0)
    dropped = {id(each) for each in beside[: max(len(beside) - room, 0)]}
    if dropped:
        directory.contents = [each for each in directory.contents if id(each) not in dropped]


def own(directory: "Directory", content: "Content", process: "Process", now: "float") -> "None":
    """Let an answer count for its owner, and its process belong to it."""
    if content.owner == directory.account:
        process.owner = content.owner
        directory.confirmed, directory.heard_at = True, now
    elif content.owner in directory.formers:
        switched_at = directory.switched_at
        if switched_at is not None and content.first_seen_at - switched_at > IN_FLIGHT_S and content.dated:
            process.owner = content.owner  # a login used at the same time, such as a token for one project
    else:
        process.owner = content.owner
    owner = directory.owner(content.owner)
    if content.dated:
        owner.note_resets(content.limits)
        seen_at = content.first_seen_at
        owner.add(Reading(seen_at, seen_at, content.by, content.limits, STDIN, dated=True))
        if content.owner == directory.account and directory.others:
            further_module("cache.attribution").merge_others(directory, now)
    else:
        further_module("cache.attribution").own_undated(directory, content, now)
    owner.note_peaks(content.limits)
