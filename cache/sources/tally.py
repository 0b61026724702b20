"""Which answers count, each once, however many lines and files tell of it; and what they add up to.

The truth is what a full reading of the transcripts on disk would give, with the last known content of those that have
vanished: a deleted transcript does not give its tokens back. One that was cut short or replaced counts as it is now.
"""

from __future__ import annotations

import os
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.lines import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cache.sources.answer import Answer
    from cache.sources.store import Store

KEPT_S = 35 * 86400  # the 30 days that are looked at, and some to spare
FIVE_HOURS = 5 * 3600

Row = tuple[int, int, int, int, float, int, int, int]  # message, request, file, tokens, weight, side, at, counts


class Tally(NamedTuple):
    """How many answers, their tokens of all kinds, and their weight in dollars at list prices."""

    answers: int
    tokens: int
    weight: float


class Block(NamedTuple):
    """Five hours of work: from ``start`` (epoch seconds, a whole UTC hour), ``last`` being its last answer's time."""

    start: int
    last: int
    weight: float


def add(store: Store, file: int, answers: Iterable[Answer]) -> None:
    """Take in what stands in a file; of one answer's lines there the largest is kept."""
    rows = [(a.message, a.request, file, a.at, a.family, a.tokens, a.weight, a.side) for a in answers]
    if not rows:
        return
    store.write(
        "INSERT INTO sightings(message, request, file, at, family, tokens, weight, side) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(message, request, file) DO UPDATE SET at = excluded.at, family = excluded.family,"
        " tokens = excluded.tokens, weight = excluded.weight, side = excluded.side"
        " WHERE (excluded.tokens, excluded.weight, -excluded.side, -excluded.at) > (tokens, weight, -side, -at)",
        *rows,
    )
    _settle(store, {row[0] for row in rows})


def forget(store: Store, file: int) -> None:
    """Drop all that stood in a file."""
    messages = {message for (message,) in store.rows("SELECT message FROM sightings WHERE file = ?", (file,))}
    store.write("DELETE FROM sightings WHERE file = ?", (file,))
    _settle(store, messages)


def _settle(store: Store, messages: set[int]) -> None:
    """Mark, for these messages, which of their sightings count."""
    for some in _portions(sorted(messages)):
        marks = ",".join("?" * len(some))
        columns = "message, request, file, tokens, weight, side, at, counts"
        query = f"SELECT {columns} FROM sightings WHERE message IN ({marks}) ORDER BY message"  # noqa: S608 - only ?s
        changed: list[tuple[object, ...]] = []
        for _, group in groupby(store.rows(query, tuple(some)), key=itemgetter(0)):
            changed += _changes(list(group))
        store.write("UPDATE sightings SET counts = ? WHERE message = ? AND request = ? AND file = ?", *changed)


def _portions(messages: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (messages[first : first + size] for first in range(0, len(messages), size))


def _changes(rows: list[Row]) -> list[tuple[object, ...]]:
    right = {row[1:3] for row in those_that_count(rows)} if len(rows) > 1 else {rows[0][1:3]}
    return [(row[1:3] in right, *row[:3]) for row in rows if (row[1:3] in right) != bool(row[7])]


def those_that_count(rows: list[Row]) -> list[Row]:
    """Return which sightings of one message id count.

    Of the same request, in whatever files, the largest; a side chain's replay under another request does not count
    beside its parent, and where there is no parent only the largest one does.
    """
    largest: dict[int, Row] = {}
    for row in rows:
        if row[1] not in largest or _rank(row) > _rank(largest[row[1]]):
            largest[row[1]] = row
    parents = [row for row in largest.values() if not row[5]]
    return parents or [max(largest.values(), key=_rank)]


def _rank(row: Row) -> tuple[int, float, int, int]:
    return row[3], row[4], -row[5], -row[6]


def places(store: Store) -> dict[str, tuple[int, Place]]:
    """Return for each file read so far its number here and where reading stopped."""
    found = store.rows("SELECT path, id, inode, offset, skipping, edges, size, mtime_ns FROM files")
    return {os.fsdecode(path): (file, Place(*rest)) for path, file, *rest in found}


def file_number(store: Store, path: str, now: float) -> int:
    """Return the number of a file that has not been read before."""
    nowhere = Place()
    store.write(
        "INSERT INTO files(path, seen_at, inode, offset, skipping, edges, size, mtime_ns)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        (os.fsencode(path), int(now), *nowhere),
    )
    ((number,),) = store.rows("SELECT id FROM files WHERE path = ?", (os.fsencode(path),))
    return int(number)


def keep_place(store: Store, file: int, place: Place, now: float) -> None:
    """Note where reading of a file stopped."""
    store.write(
        "UPDATE files SET seen_at = ?, inode = ?, offset = ?, skipping = ?, edges = ?, size = ?, mtime_ns = ?"
        " WHERE id = ?",
        (int(now), *place, file),
    )


def prune(store: Store, now: float) -> None:
    """Forget, at most once a day, what is too old to be asked for, and files in which nothing has happened since."""
    pruned_at = store.fact("pruned_at")
    if isinstance(pruned_at, int) and pruned_at <= now < pruned_at + 86400:
        return
    for statement in ("DELETE FROM sightings WHERE at < ?", "DELETE FROM files WHERE seen_at < ?"):
        store.write(statement, (int(now) - KEPT_S,))
    store.note("pruned_at", int(now))


def tally_between(store: Store, start: float, end: float, family: str | None = None) -> Tally:
    """Add up the answers given from ``start`` until before ``end`` (epoch seconds), of one model family or of all."""
    ((answers, tokens, weight),) = store.rows(
        "SELECT count(*), coalesce(sum(tokens), 0), total(weight) FROM sightings"
        " WHERE counts AND at >= ? AND at < ? AND family = coalesce(?, family)",
        (start, end, family),
    )
    return Tally(answers, tokens, weight)


def weight_between(store: Store, start: float, end: float, family: str | None = None) -> float:
    """Return what the answers given from ``start`` until before ``end`` weigh, in dollars at list prices."""
    return tally_between(store, start, end, family).weight


def first_after(store: Store, start: float, family: str | None = None) -> int | None:
    """Return when the first answer at ``start`` or later was given, epoch seconds."""
    found = store.rows(
        "SELECT at FROM sightings WHERE counts AND at >= ? AND family = coalesce(?, family) ORDER BY at LIMIT 1",
        (start, family),
    )
    return found[0][0] if found else None


def blocks(store: Store, start: float, end: float) -> list[Block]:
    """Return the work from ``start`` until before ``end`` in blocks, as ccusage forms them.

    A block starts at its first answer, floored to the hour, and lasts five hours; an answer over five hours after its
    start begins another (one over five hours after the last answer is that, too).
    """
    found: list[Block] = []
    for at, weight in store.rows(
        "SELECT at, sum(weight) FROM sightings WHERE counts AND at >= ? AND at < ? GROUP BY at ORDER BY at",
        (start, end),
    ):
        if found and at <= found[-1].start + FIVE_HOURS:
            found[-1] = Block(found[-1].start, at, found[-1].weight + weight)
        else:
            found.append(Block(at // 3600 * 3600, at, weight))
    return found
