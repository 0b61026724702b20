"""The git job: how many files are staged, modified and untracked in one checkout, and how far it is from upstream.

After the checkout that is due, the same process checks others that are nearly due. Each takes a tenth of the time of a
separate process.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cache.model.entry import FAR, Entry, read_entry
from cache.model.files import times_of
from cache.model.git_head import is_reftable, repository_of
from cache.model.git_operation import operation_of
from cache.model.jsonio import mapping, number, whole, words
from cache.model.layout import ENTRY_SUFFIX
from cache.readings.snapshot import fingerprint, plain_name
from cache.refresh.kept_entry import write_kept
from cache.sources.git.command import IN_TOTAL, environment_for_git
from cache.sources.git.refs import branch_file, stash_file, table_files
from cache.sources.git.status import Status, read_status
from cache.work import failures as errors

if TYPE_CHECKING:
    from pathlib import Path

    from cache.model.git_head import Repository
    from cache.work.request import Request

LIMIT_S = 7  # 5 of them for git
EVERY_S = 60  # where nothing is known to have changed
QUIET_S = 120  # at most so much longer where nothing has: the wait doubles each time, up to five times itself
SOON_S = 10  # checkouts due within this time are checked together; while idle, ticks come this often
IN_USE_S = 3600  # a checkout is in use if it was checked within this time; others are checked only if a tick asked, too
PART = 8  # each other checkout in use makes the longest wait an eighth longer
SHARE = 60  # the wait is at least this many times as long as git took
WITHOUT_UNTRACKED_S = 3600  # how long untracked files are not counted after that took too long
DIGITS_AT_MOST = 20  # of a number in an option
SESSIONS = 8  # the sessions whose line counts are kept
NOT_OF_CHECKOUT = {"took_s", "lines", "asked_at", "environment", "every"}  # they can differ in an unchanged checkout
CHECKED_AT = "checked-at"  # an option of requests for other checkouts: the last check when the request was made


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and the failure, if any."""
    if CHECKED_AT in request.options:
        return _collect_other(request, before, now), None
    value = {**mapping(before.value), "lines": _lines(request, mapping(before.value)), "asked_at": int(now)}
    return _collect(request, before, value, now)


def _collect_other(request: Request, before: Entry, now: float) -> Entry:
    """Return the entry of a checkout that no tick asked for now; after a failure its own ticks decide."""
    if request.options[CHECKED_AT] != str(before.fetched_at) or before.problem is not None:
        return before  # another process has checked it since
    value = {**mapping(before.value)}
    left = Entry({**value, "asked_at": 0}, before.fetched_at, before.due_at, None, 0, before.watch)
    write_kept(request, left)  # if the file system hangs, this process is killed; others must not try again
    entry, failure = _collect(request, before, value, now)
    return left if failure else entry


def _collect(
    request: Request, before: Entry, value: dict[str, object], now: float
) -> tuple[Entry, errors.Failure | None]:
    """Check the checkout; return its entry and the failure, if any. ``value`` is kept also after a failure."""
    place, root = _place(request), request.options.get("root", "")
    repository = repository_of(root, lambda name: place.get(name, ""))
    if repository is None or (not place and repository.root != root):  # it was removed, and is inside another
        return _failed_entry(before, {}, value, errors.GitRefused("no checkout there"), now)
    watch = {path: times_of(path) for path in _watched_files(repository)}
    former = {path: times_of(path) for path in before.watch}  # a push while git works must not be missed
    again_at = whole(value.get("untracked_again_at")) or 0
    counts_untracked = not now < again_at <= now + WITHOUT_UNTRACKED_S  # later: the clock was set back
    began = time.monotonic()
    try:
        status = read_status(repository, request.env, untracked=counts_untracked, place=place)
    except errors.Overdue as failure:
        value["took_s"] = IN_TOTAL
        if not counts_untracked:
            return _failed_entry(before, watch, value, failure, now)
        value["untracked_again_at"] = int(now) + WITHOUT_UNTRACKED_S
        return _failed_entry(before, watch, value, failure, now, wait_s=EVERY_S)
    except errors.Failure as failure:
        return _failed_entry(before, watch, value, failure, now)
    value |= _entry_value(status, repository) | {"took_s": round(time.monotonic() - began, 3)}
    value |= {"root": root, "environment": _environment_id(request), "every": request.options.get("every", "")}
    for path in (status.upstream_file, stash_file(repository) if status.stash else None):
        if path:
            watch[path] = former.get(path) or times_of(path)
    wait_s = _wait_s(request, value)
    if _is_quiet(request, before, value, watch):
        others = max(0, _checkouts(request.entry_file.parent, now) - 1)
        longest_s = (wait_s + min(4 * wait_s, QUIET_S)) * (1 + others / PART)
        unchanged_s = min(before.due_at, now) - before.fetched_at  # without the time that the machine slept
        wait_s = min(max(wait_s, 2 * unchanged_s), longest_s)
    return Entry(value, int(now), int(min(now + wait_s, now + FAR)), None, 0, watch), None


def _watched_files(repository: Repository) -> list[str]:
    """Return files that change when something is committed, staged or checked out; the upstream's is one more.

    An amended commit, an empty one and a soft reset leave the index as it is, and change only the branch.
    """
    index = f"{repository.git_dir}/index"
    if is_reftable(repository):
        return [index, *table_files(repository)]
    branch = branch_file(repository)
    return [f"{repository.git_dir}/HEAD", index, *([branch] if branch else [])]


def other_checkouts(request: Request, now: float) -> list[Request]:
    """Return requests for the other checkouts that this process can check, too.

    A tick asked for each of them within the last hour, in the same environment. They are nearly due; where nothing
    changes, half of the wait is enough. Checkouts that GIT_DIR chooses are left out: their names differ.
    """
    found, environment = [], _environment_id(request)
    for file in request.entry_file.parent.glob(f"*{ENTRY_SUFFIX}"):
        entry = read_entry(str(file))
        value = mapping(entry.value)
        root, asked_at = words(value.get("root")) or "", whole(value.get("asked_at")) or 0
        options = {"entry": file.stem, "root": root, "every": words(value.get("every")) or ""}
        further = replace(request, options={**options, CHECKED_AT: str(entry.fetched_at)}, force=True)
        wait_s, least_s = entry.due_at - entry.fetched_at, _wait_s(further, value)
        soonest_s = max(wait_s / 2, least_s if wait_s > least_s else wait_s - SOON_S)
        is_time = entry.problem is None and soonest_s <= now - entry.fetched_at
        is_asked_for = 0 <= now - asked_at < IN_USE_S and value.get("environment") == environment
        if is_time and is_asked_for and plain_name(root) == file.stem:
            found.append(further)
    return found


def _environment_id(request: Request) -> str:
    """Return a fingerprint of git's environment, which can change what git counts."""
    variables = environment_for_git(request.env) | {"PATH": request.variable("PATH")}
    return f"{fingerprint(repr(sorted(variables.items()))):016x}"


def _checkouts(folder: Path, now: float) -> int:
    """Return how many checkouts are in use: they have an entry from the last hour."""
    return sum(now - times_of(str(each))[0] / 1e9 < IN_USE_S for each in folder.glob(f"*{ENTRY_SUFFIX}"))


def _place(request: Request) -> dict[str, str]:
    """Return GIT_DIR and GIT_WORK_TREE where the session's environment has chosen them."""
    chosen = {"GIT_DIR": request.options.get("git-dir", ""), "GIT_WORK_TREE": request.options.get("work-tree", "")}
    return {name: path for name, path in chosen.items() if path}


def _branch(status: Status, repository: Repository) -> str | None:
    """Return the branch as the line shows it, for a repository whose HEAD does not name it."""
    if status.branch != "(detached)":
        return status.branch
    operation = operation_of(repository.git_dir)
    return (operation and operation[1]) or status.commit[:7] or None


def _entry_value(status: Status, repository: Repository) -> dict[str, object]:
    """Return the value of the entry, in the shape of `Snapshot.git`."""
    return {
        "staged": status.staged,
        "modified": status.modified,
        "twice": status.twice,
        "untracked": status.untracked,
        "conflicts": status.conflicts,
        "ahead": status.ahead,
        "behind": status.behind,
        "stash": status.stash,
        "upstream": status.upstream,
        "branch": _branch(status, repository),
        "cut": status.cut,
        "fetched_at": _fetched_at(repository.git_dir),
    }


def _fetched_at(git_dir: str) -> int | None:
    """Return the time of the last fetch, epoch seconds; None in a linked worktree."""
    mtime_ns = times_of(os.path.join(git_dir, "FETCH_HEAD"))[0]
    return mtime_ns // 10**9 or None


def _wait_s(request: Request, value: dict[str, object]) -> float:
    every_s = _count_in(request.options.get("every", ""), EVERY_S)
    return min(max(every_s, SHARE * (number(value.get("took_s")) or 0)), FAR)


def _count_in(text: str, otherwise: int) -> int:
    """Return the number that a text is; Python refuses one of thousands of digits, which no tick writes."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS_AT_MOST else otherwise


def _is_quiet(request: Request, before: Entry, value: dict[str, object], watch: dict[str, list[int]]) -> bool:
    """Return whether nothing has changed since the last look, in the checkout or in the session that asks."""
    former = mapping(before.value)
    has_same = all(former.get(name) == value[name] for name in value.keys() - NOT_OF_CHECKOUT)
    has_same = has_same and all(watch.get(path) == times for path, times in before.watch.items())
    return before.problem is None and has_same and request.options.get("changed") != "yes"


def _lines(request: Request, value: dict[str, object]) -> dict[str, object]:
    """Return how many lines each of the last sessions had changed at the time of this refresh."""
    session = request.options.get("session", "")
    kept = {id_: count for id_, count in mapping(value.get("lines")).items() if id_ != session}
    kept[session] = _count_in(request.options.get("lines", ""), 0)
    return dict(list(kept.items())[-SESSIONS:])


def _failed_entry(
    before: Entry,
    watch: dict[str, list[int]],
    value: dict[str, object],
    failure: errors.Failure,
    now: float,
    *,
    wait_s: float | None = None,
) -> tuple[Entry, errors.Failure]:
    """Return an entry with the former value, and the failure."""
    failures = before.failures + 1
    due_at = int(now + (failure.wait_s(failures) if wait_s is None else wait_s))
    return Entry(value, before.fetched_at, due_at, failure.name, failures, watch), failure
