"""Reads the transcripts of Claude Code on this machine from where the last refresh stopped, newest first."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.transcripts.dedup import (
    add,
    drop_copied,
    file_number,
    forget,
    known_files,
    prune,
    save_position,
    settle_merged,
)
from cache.sources.transcripts.line_reader import START, LineFile, identity
from cache.sources.transcripts.rollup import KEPT_S, kept_from
from cache.sources.transcripts.token_usage import answers_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from cache.sources.transcripts.dedup import KnownFile
    from cache.sources.transcripts.index import Store

BUDGET_S = 2.0  # of reading in one refresh; the limit of the job is 4 s
COMMIT_EVERY_S = 0.5  # what a killed refresh has to read again
DEEP = 4  # folders below `subagents`
AT_MOST = 20_000  # transcripts, the newest ones


class Transcript(NamedTuple):
    """A transcript on disk: its path, and its inode, size and mtime_ns."""

    path: str
    identity: tuple[int, int, int]


class Scan(NamedTuple):
    """The result of one scan; unless it is ``finished``, the next one continues from there."""

    bytes_read: int
    finished: bool
    files_read: int
    unreadable: int  # files that could not be read
    known_from: float  # epoch seconds; all answers from then on are known


def roots_of(config_dir: Path, home: Path) -> list[Path]:
    """Return the folders of a config directory's transcripts; the default one also has ``~/.config/claude``."""
    roots = [config_dir / "projects"]
    if config_dir == home / ".claude":
        roots.append(home / ".config" / "claude" / "projects")
    return roots


def scan(
    store: Store,
    roots: Sequence[Path],
    *,
    now: float,
    budget_s: float = BUDGET_S,
    clock: Callable[[], float] = time.monotonic,
) -> Scan:
    """Read what is new, for at most about ``budget_s`` seconds by ``clock``; ``now`` is epoch seconds.

    Every scan makes progress, however little time there is. If the process is killed, at most the last half second is
    lost. Raises what `open_index` translates.
    """
    scanner = _Scanner(store, now, clock, budget_s)
    prune(store, now)
    settle_merged(store)
    known = known_files(store)
    unread = next((each for each in newest_first(roots, now) if not scanner.read(each, known.get(each.path))), None)
    if unread is None and not is_complete(store):
        store.note("complete", 1)
    store.commit()
    # An answer is in a file that was changed when it was given, or later.
    known_from = 0.0 if unread is None else unread.identity[2] / 1e9 + 1
    return Scan(scanner.bytes_read, unread is None, scanner.files_read, scanner.unreadable, known_from)


def is_complete(store: Store) -> bool:
    """Return whether all transcripts were read at least once: only then totals over weeks are complete."""
    return store.fact("complete") is not None


class _Scanner:
    """One scan: its time limit, and its progress."""

    def __init__(self, store: Store, now: float, clock: Callable[[], float], budget_s: float) -> None:
        self.bytes_read = self.files_read = self.unreadable = 0
        self._store, self._now, self._clock = store, now, clock
        self._committed_at = clock()
        self._until = self._committed_at + budget_s
        self._advanced = False

    def read(self, found: Transcript, known: KnownFile | None) -> bool:
        """Read what is new in a transcript; return False if the time was up before its end."""
        place = known.place if known else START
        if (place.inode, place.size, place.mtime_ns) == found.identity:
            return True
        if self._is_over():
            return False
        try:
            with contextlib.closing(LineFile(found.path)) as file:
                try:
                    return self._read(file, found.path, known)
                finally:
                    self.bytes_read += file.bytes_read
        except OSError:
            self.unreadable += 1
            return True

    def _read(self, file: LineFile, path: str, known: KnownFile | None) -> bool:
        self.files_read += 1
        number = known.number if known else file_number(self._store, path, self._now)
        place = known.place if known else START
        if known and not file.continues(place):
            forget(self._store, number)
            place = START
        whole = True
        for block in file.blocks(place):
            add(self._store, number, answers_in(block, kept_from(self._now)))
            self._advanced = self._advanced or file.offset > place.offset
            self._commit_now_and_then(number, file)
            if self._is_over():
                whole = file.seen_all
                break
        if whole and known and known.copied:
            drop_copied(self._store, number)
        save_position(self._store, number, file.here(), self._now)
        return whole

    def _is_over(self) -> bool:
        return self._advanced and self._clock() >= self._until

    def _commit_now_and_then(self, number: int, file: LineFile) -> None:
        if self._clock() - self._committed_at >= COMMIT_EVERY_S:
            save_position(self._store, number, file.here(), self._now)
            self._store.commit()
            self._committed_at = self._clock()


def newest_first(roots: Sequence[Path], now: float) -> list[Transcript]:
    """Return the transcripts below these folders that changed within `KEPT_S`, the newest first."""
    found = []
    for root in dict.fromkeys(os.path.realpath(root) for root in roots):
        found += [Transcript(path, identity(facts)) for path, facts in _below(root) if facts.st_mtime >= now - KEPT_S]
    return sorted(found, key=lambda each: each.identity[2], reverse=True)[:AT_MOST]


def _below(root: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and stat result of ``<slug>/*.jsonl`` and of all files below ``<slug>/<session>/subagents``."""
    for project in _folders(root):
        yield from _lines_in(project)
        for session in _folders(project):
            yield from _tree(os.path.join(session, "subagents"), DEEP)


def _tree(folder: str, deep: int) -> Iterator[tuple[str, os.stat_result]]:
    yield from _lines_in(folder)
    for each in _folders(folder) if deep else ():
        yield from _tree(each, deep - 1)


def _lines_in(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    for entry in _entries(folder):
        facts = _facts(entry) if entry.name.endswith(".jsonl") else None
        if facts is not None and stat.S_ISREG(facts.st_mode):
            yield entry.path, facts


def _folders(folder: str) -> list[str]:
    found = ((entry.path, _facts(entry)) for entry in _entries(folder))
    return [path for path, facts in found if facts is not None and stat.S_ISDIR(facts.st_mode)]


def _facts(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat()
    except OSError:  # deleted meanwhile, or a broken link
        return None


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # missing or not readable
        return []
