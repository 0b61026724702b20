"""Which answers count, each once, however many lines and files contain it; and their totals at today's prices.

The totals are those of all transcripts on disk, and of deleted ones as they were last read. A transcript that was
truncated or replaced counts as it is now.
"""

from __future__ import annotations

import os
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.transcripts.line_reader import Position
from cache.sources.transcripts.prices import KINDS, LONG_PROMPT, cost_at, family_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cache.sources.transcripts.index import Store
    from cache.sources.transcripts.token_usage import Answer

KEPT_S = 35 * 86400  # the 30 days that are shown, and some more

RANKED = "tokens, output, cache_write_1h, cache_write_5m"  # of all sightings of an answer the largest counts

Row = tuple[int, ...]  # message, request, file, side, at, counts, and the columns of `RANKED`


class Totals(NamedTuple):
    """The number of answers, their tokens of all kinds, and their cost in dollars."""

    answers: int
    tokens: int
    dollars: float


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
        columns = f"message, request, file, side, at, counts, {RANKED}"
        query = f"SELECT {columns} FROM sightings WHERE message IN ({marks}) ORDER BY message"  # noqa: S608 - only ?s
        changed: list[tuple[object, ...]] = []
        for _, group in groupby(store.rows(query, tuple(some)), key=itemgetter(0)):
            changed += _changes(list(group))
        store.write("UPDATE sightings SET counts = ? WHERE message = ? AND request = ? AND file = ?", *changed)


def _portions(messages: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (messages[first : first + size] for first in range(0, len(messages), size))


def _changes(rows: list[Row]) -> list[tuple[object, ...]]:
    right = {row[1:3] for row in those_that_count(rows)} if len(rows) > 1 else {rows[0][1:3]}
    return [(row[1:3] in right, *row[:3]) for row in rows if (row[1:3] in right) != bool(row[5])]


def those_that_count(rows: list[Row]) -> list[Row]:
    """Return which sightings of one message id count.

    Of the same request the largest, in whichever file; a side chain's replay under another request does not count
    beside its parent, and without a parent only the largest one counts.
    """
    largest: dict[int, Row] = {}
    for row in rows:
        if row[1] not in largest or _rank(row) > _rank(largest[row[1]]):
            largest[row[1]] = row
    parents = [row for row in largest.values() if not row[3]]
    return parents or [max(largest.values(), key=_rank)]


def _rank(row: Row) -> Row:
    return (*row[6:], -row[3], -row[4])


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
    """Delete, at most once a day, answers and files older than `KEPT_S`."""
    pruned_at = store.fact("pruned_at")
    if isinstance(pruned_at, int) and pruned_at <= now < pruned_at + 86400:
        return
    for statement in ("DELETE FROM sightings WHERE at < ?", "DELETE FROM files WHERE seen_at < ?"):
        store.write(statement, (int(now) - KEPT_S,))
    store.forget_names()
    store.note("pruned_at", int(now))


def totals_between(store: Store, start: float, end: float, family: str | None = None) -> Totals:
    """Add up the answers given from ``start`` until before ``end`` (epoch seconds), of one model family or of all."""
    models = store.models()
    groups = [
        (answers, tokens, _cost(store, models.get(model, ""), bool(is_long), by_kind, dollars))
        for model, is_long, answers, tokens, dollars, *by_kind in store.rows(_SUMS, (LONG_PROMPT, start, end))
        if family is None or family_of(models.get(model, "")) == family
    ]
    return Totals(sum(each[0] for each in groups), sum(each[1] for each in groups), sum(each[2] for each in groups))


_SUMS = (
    "SELECT model, input + cache_write_5m + cache_write_1h + cache_read > ?, count(*), sum(tokens), total(dollars), "  # noqa: S608
    + ", ".join(f"total({kind})" for kind in KINDS)
    + " FROM sightings WHERE counts AND at >= ? AND at < ? GROUP BY 1, 2"
)


def _cost(store: Store, model: str, is_long: bool, by_kind: Sequence[float], dollars: float) -> float:  # noqa: FBT001
    """Return what answers of one model cost; ``dollars`` is the part that an older index had calculated."""
    return dollars + cost_at(store.prices.of(model, long_prompt=is_long), tuple(by_kind))


def dollars_between(store: Store, start: float, end: float, family: str | None = None) -> float:
    """Return what the answers given from ``start`` until before ``end`` cost, in dollars."""
    return totals_between(store, start, end, family).dollars


def first_after(store: Store, start: float, family: str | None = None) -> int | None:
    """Return when the first answer at ``start`` or later was given, epoch seconds."""
    found = store.rows(
        "SELECT at FROM sightings JOIN models ON models.id = model WHERE counts AND at >= ?"
        " AND (? IS NULL OR family_of(name) = ?) ORDER BY at LIMIT 1",
        (start, family, family),
    )
    return found[0][0] if found else None
