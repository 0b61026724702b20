"""Which answers count, each once, however many lines and files contain it.

Those of all transcripts on disk count, and those of deleted ones as they were last read. A transcript that was
truncated or replaced counts as it is now.
"""

from __future__ import annotations

import os
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.transcripts.line_reader import Position
from cache.sources.transcripts.prices import KINDS
from cache.sources.transcripts.rollup import forget_sums, kept_from
from cache.sources.transcripts.token_usage import NO_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cache.sources.transcripts.index import Store
    from cache.sources.transcripts.token_usage import Answer

RANKED = "tokens, output, cache_write_1h, cache_write_5m"  # of all sightings of an answer the largest counts

# Message, request, file, side, at, counts, the columns of `RANKED`, and the ids of `PLACES`.
Row = tuple[int, ...]
PLACES = {"session": "sessions", "folder": "folders", "branch": "branches"}
Names = dict[str, dict[int, str]]  # by place and id


def add(store: Store, file: int, answers: Iterable[Answer]) -> None:
    """Add the answers in a file; of several lines of one answer the largest is kept."""
    found = list(answers)
    if found:
        store.write(_ADD, *[_row(store, file, each) for each in found])
        _settle(store, {each.message for each in found})


_COLUMNS = (
    "message", "request", "file", "at", "model", "session", "branch", "folder", "side",
    *KINDS, "tokens", "dollars",
)  # fmt: skip
_UPDATES = ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS[3:])
_LARGER = ", ".join(f"excluded.{each}" for each in RANKED.split(", "))
# A line of the file replaces what was copied from an older index.
_ADD = (
    f"INSERT INTO sightings({', '.join(_COLUMNS)}) VALUES({', '.join('?' * len(_COLUMNS))})"
    f" ON CONFLICT(message, request, file) DO UPDATE SET {_UPDATES} WHERE dollars IS NOT NULL"
    f" OR ({_LARGER}, -excluded.side, -excluded.at) > ({RANKED}, -side, -at)"
)


def _row(store: Store, file: int, answer: Answer) -> tuple[object, ...]:
    places = (store.id_of("sessions", answer.session), store.id_of("branches", answer.branch))
    model, folder = store.id_of("models", answer.model), store.id_of("folders", answer.folder)
    ids = answer.message, answer.request, file, answer.at
    return *ids, model, *places, folder, answer.side, *answer.tokens, sum(answer.tokens), None


def forget(store: Store, file: int) -> None:
    """Delete the answers of a file."""
    messages = {message for (message,) in store.rows("SELECT message FROM sightings WHERE file = ?", (file,))}
    store.write("DELETE FROM sightings WHERE file = ?", (file,))
    _settle(store, messages)


def drop_copied(store: Store, file: int) -> None:
    """After a file was read again as a whole, delete what an older index had of it and the file does not contain."""
    query = "SELECT message FROM sightings WHERE file = ? AND dollars IS NOT NULL"
    messages = {message for (message,) in store.rows(query, (file,))}
    store.write("DELETE FROM sightings WHERE file = ? AND dollars IS NOT NULL", (file,))
    store.write("UPDATE files SET copied = 0 WHERE id = ?", (file,))
    _settle(store, messages)


def settle_merged(store: Store) -> None:
    """After an index was copied or merged, mark which of all sightings count."""
    if store.fact("merged") is not None:
        _settle(store, {message for (message,) in store.rows("SELECT DISTINCT message FROM sightings")})
        store.write("DELETE FROM facts WHERE name = 'merged'", ())


def _settle(store: Store, messages: set[int]) -> None:
    """Mark, for these messages, which of their sightings count."""
    for some in _portions(sorted(messages)):
        marks = ",".join("?" * len(some))
        places = ", ".join(f"coalesce({each}, 0)" for each in PLACES)
        columns = f"message, request, file, side, at, counts, {RANKED}, {places}"
        query = f"SELECT {columns} FROM sightings WHERE message IN ({marks}) ORDER BY message"  # noqa: S608 - only ?s
        groups = [list(group) for _, group in groupby(store.rows(query, tuple(some)), key=itemgetter(0))]
        names = _names(store, [row for group in groups if len(group) > 1 for row in group])
        changed: list[tuple[object, ...]] = []
        for group in groups:
            changed += _changes(group, names)
        store.write("UPDATE sightings SET counts = ? WHERE message = ? AND request = ? AND file = ?", *changed)


def _portions(messages: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (messages[first : first + size] for first in range(0, len(messages), size))


def _names(store: Store, rows: list[Row]) -> Names:
    """Return the names of the places of these sightings."""
    found: Names = {}
    for column, (place, table) in enumerate(PLACES.items(), -len(PLACES)):
        found[place] = {0: ""}
        for some in _portions(sorted({row[column] for row in rows})):
            marks = ",".join("?" * len(some))
            found[place] |= dict(store.rows(f"SELECT id, name FROM {table} WHERE id IN ({marks})", tuple(some)))  # noqa: S608
    return found


def _changes(rows: list[Row], names: Names) -> list[tuple[object, ...]]:
    right = {row[1:3] for row in those_that_count(rows, names)} if len(rows) > 1 else {rows[0][1:3]}
    return [(row[1:3] in right, *row[:3]) for row in rows if (row[1:3] in right) != bool(row[5])]


def those_that_count(rows: list[Row], names: Names) -> list[Row]:
    """Return which sightings of one message id count.

    Message and request together identify an answer: two requests of the main chain count as two, and a sighting without
    a request is the same answer as one with it. Of the same request the largest counts, in whichever file; a side
    chain's replay under another request does not count beside its parent, and without a parent only the largest one
    counts. Of equal ones, such as a fork's copies, it is the one whose names are first by the alphabet, so that the
    order of reading does not matter.
    """

    def order(row: Row) -> tuple[object, ...]:
        places = [names[place].get(id_, "") for place, id_ in zip(PLACES, row[-len(PLACES) :], strict=True)]
        return *(-each for each in row[6 : -len(PLACES)]), *row[3:5], *places, row[2]

    largest: dict[int, Row] = {}
    for row in rows:
        if row[1] not in largest or order(row) < order(largest[row[1]]):
            largest[row[1]] = row
    _join_unnamed(largest, order)
    parents = [row for row in largest.values() if not row[3]]
    return parents or [min(largest.values(), key=order)]


def _join_unnamed(largest: dict[int, Row], order: Callable[[Row], tuple[object, ...]]) -> None:
    """Take the sighting without a request for one of the largest request, if there is one in a chain of its kind.

    It is the same answer, written by a version or a tool that leaves the request out.
    """
    unnamed = largest.get(NO_REQUEST)
    alike = [row for row in largest.values() if unnamed and row[1] != NO_REQUEST and row[3] == unnamed[3]]
    if unnamed and alike:
        del largest[NO_REQUEST]
        first = min(alike, key=order)
        largest[first[1]] = min(first, unnamed, key=order)


class KnownFile(NamedTuple):
    """A file that was read: its number, where reading stopped, and whether it has answers from an older index."""

    number: int
    place: Position
    copied: bool = False


def known_files(store: Store) -> dict[str, KnownFile]:
    """Return the files that were read so far, by path."""
    found = store.rows("SELECT path, id, copied, inode, offset, skipping, edges, size, mtime_ns FROM files")
    return {os.fsdecode(path): KnownFile(file, Position(*rest), bool(copied)) for path, file, copied, *rest in found}


def file_number(store: Store, path: str, now: float) -> int:
    """Add a file that was not read before; return its number."""
    nowhere = Position()
    store.write(
        "INSERT INTO files(path, seen_at, inode, offset, skipping, edges, size, mtime_ns)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        (os.fsencode(path), int(now), *nowhere),
    )
    ((number,),) = store.rows("SELECT id FROM files WHERE path = ?", (os.fsencode(path),))
    return int(number)


def save_position(store: Store, file: int, place: Position, now: float) -> None:
    """Record where reading of a file stopped."""
    store.write(
        "UPDATE files SET seen_at = ?, inode = ?, offset = ?, skipping = ?, edges = ?, size = ?, mtime_ns = ?"
        " WHERE id = ?",
        (int(now), *place, file),
    )


def prune(store: Store, now: float) -> None:
    """Delete, at most once a day, answers and files older than `KEPT_S`, and their sums once those are old, too."""
    pruned_at = store.fact("pruned_at")
    if isinstance(pruned_at, int) and pruned_at <= now < pruned_at + 86400:
        return
    for statement in ("DELETE FROM sightings WHERE at < ?", "DELETE FROM files WHERE seen_at < ?"):
        store.write(statement, (kept_from(now),))
    forget_sums(store, now)
    store.forget_names()
    store.note("pruned_at", int(now))
