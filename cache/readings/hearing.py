"""Records what a process reports at each tick; `cache.readings.news` adds what was not reported before."""

from cache.model.lazy import further_module
from cache.readings.directory import ALIVE_S
from cache.readings.owner import ENDING_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.directory import Content, Directory, Process
    from cache.readings.reading import Limits


def hear(directory: "Directory", key: "str", limits: "Limits", now: "float") -> "tuple[Process, Content | None]":
    """Record what a process reports; return the process and the content, None where it has no limits."""
    process = directory.own_process(key)
    if process is not None and (not limits or _repeats(directory, process, limits, now)):
        return process, process.content if limits else None
    process = directory.process(key)
    content = find_content(directory, process, limits, now) if limits else None
    if process is None or (limits and not _is_as_before(directory, process, content)):
        news = further_module("cache.readings.news")
        return news.add_news(directory, key, process, content, limits, now)  # type: ignore[no-any-return]
    if limits and process.owner == directory.account and now - directory.heard_at > ALIVE_S:
        directory.heard_at, directory.is_changed = now, True
    return process, content


def _repeats(directory: "Directory", process: "Process", limits: "Limits", now: "float") -> "bool":
    """Return whether a process repeats its last answer, and there is nothing to record."""
    content = process.content
    if content is None or content.limits != limits or not _is_as_before(directory, process, content):
        return False
    return process.owner != directory.account or now - directory.heard_at <= ALIVE_S


def _is_as_before(directory: "Directory", process: "Process", content: "Content | None") -> "bool":
    """Return whether a process repeats its last answer, and nothing new is known of the answer's owner."""
    if content is None or content is not process.content:
        return False
    return process.owner is not None or content.owner is None or content.owner in directory.formers


def find_content(directory: "Directory", process: "Process | None", limits: "Limits", now: "float") -> "Content | None":
    """Return a known content with these limits, or with these and others that have ended since.

    A process may leave out any window of its last content: some clients do so from time to time.
    """
    for each in directory.contents:
        if each.limits == limits:
            return each
    for each in directory.contents:
        left = each.limits.keys() - limits.keys()
        if left and all(each.limits.get(id_) == limit for id_, limit in limits.items()):
            resets = [each.limits[id_][1] for id_ in left]
            is_last = process is not None and each is process.content
            if is_last or all(reset is not None and reset <= now + ENDING_S for reset in resets):
                return each
    return None
