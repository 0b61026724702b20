"""What a new index takes from an older or a damaged one, so that nothing is lost that exists nowhere else.

That is the readings, from which the calibration is learned, and the answers of transcripts that are gone: Claude Code
deletes them after 30 days. A sound index is copied as a whole.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import TYPE_CHECKING

from cache.model.lenient import parse_percent
from cache.model.windows import SAME_RESET_S, span_of

if TYPE_CHECKING:
    import sqlite3

    from cache.refresh.database import Source

PRESENT = 3  # the schema that is copied to
NAMES = ("models", "sessions", "branches", "folders")  # tables of texts that many answers share
_UNREAD = blake2b(digest_size=8).digest()  # the fingerprint of nothing, as in `line_reader`
_OPTIONAL = (int, type(None))
_FILE = "id, path, seen_at, inode, offset, skipping, edges, size, mtime_ns, copied"
_FILE_KINDS: tuple[type, ...] = (int, bytes, int, int, int, int, bytes, int, int, int)
_SIGHTING_KINDS: tuple[type | tuple[type, ...], ...] = (
    *[int] * 5,
    *[_OPTIONAL] * 3,
    *[int] * 6,
    (float, type(None)),
    int,
    int,
)


def copy_index(old: Source, new: sqlite3.Connection) -> None:
    """Copy what is worth keeping; ``new`` holds the present schema. Nothing is copied from an unknown schema."""
    if old.schema == PRESENT:
        _copy_second(old, new)
        _copy_sums(old, new)
    elif old.schema == 2 and new.execute("SELECT 1 FROM facts LIMIT 1").fetchone():
        _add_second(old, new)
    elif old.schema == 2:
        _copy_second(old, new)
    elif old.schema == 1:
        _copy_first(old, new)


def _copy_second(old: Source, new: sqlite3.Connection) -> None:
    """Copy all but the sums, which schema 2 did not have; those of the answers that are copied become outdated."""
    is_whole = old.is_whole
    if is_whole:
        new.executemany("INSERT INTO facts VALUES(?, ?)", old.rows("SELECT name, value FROM facts", str, object))
    for table in NAMES:
        new.executemany(
            f"INSERT OR IGNORE INTO {table} VALUES(?, ?)",
            old.rows(f"SELECT id, name FROM {table}", int, str),  # noqa: S608
        )
    found = old.rows(f"SELECT {_FILE} FROM files", *_FILE_KINDS)  # noqa: S608
    files = [row for row in found if is_whole or not os.path.lexists(row[1])]
    new.executemany(f"INSERT OR IGNORE INTO files VALUES({_marks(10)})", files)
    numbers = {row[0] for row in files}
    sightings = (row for row in old.rows("SELECT * FROM sightings", *_SIGHTING_KINDS) if row[2] in numbers)
    new.executemany(f"INSERT OR IGNORE INTO sightings VALUES({_marks(17)})", sightings)
    new.execute("INSERT OR REPLACE INTO facts VALUES('merged', 1)")  # which of them count may be different now
    _copy_readings(old, new, "SELECT * FROM readings", (str, type(None)))


def _add_second(old: Source, new: sqlite3.Connection) -> None:
    """Add to a copied index what one of schema 2 knows besides: readings, and transcripts that are gone.

    Those that are there are read on, from where the copied index has stopped.
    """
    ids: list[dict[object, int]] = []
    for table in NAMES:
        texts = [*old.rows(f"SELECT id, name FROM {table}", int, str)]  # noqa: S608
        new.executemany(f"INSERT OR IGNORE INTO {table}(name) VALUES(?)", [(name,) for _, name in texts])
        known = {name: id_ for id_, name in new.execute(f"SELECT id, name FROM {table}")}  # noqa: S608
        ids.append({id_: known[name] for id_, name in texts})
    paths, numbers = {path for (path,) in new.execute("SELECT path FROM files")}, {}
    insert = f"INSERT INTO files({_FILE.removeprefix('id, ')}) VALUES({_marks(9)})"
    for number, *rest in old.rows(f"SELECT {_FILE} FROM files", *_FILE_KINDS):  # noqa: S608
        if rest[0] not in paths and not os.path.lexists(rest[0]):
            numbers[number] = new.execute(insert, rest).lastrowid
    for message, request, file, at, *row in old.rows("SELECT * FROM sightings", *_SIGHTING_KINDS):
        if file in numbers:
            texts_of = [each.get(id_) for each, id_ in zip(ids, row, strict=False)]
            values = (message, request, numbers[file], at, *texts_of, *row[len(NAMES) :])
            new.execute(f"INSERT OR IGNORE INTO sightings VALUES({_marks(17)})", values)
    new.execute("INSERT OR REPLACE INTO facts VALUES('merged', 1)")
    _copy_readings(old, new, "SELECT * FROM readings", (str, type(None)))


def _copy_sums(old: Source, new: sqlite3.Connection) -> None:
    """Copy the sums, of which the answers may be gone; the tables that follow from them fill themselves."""
    found = {row[:6]: row for row in old.rows("SELECT * FROM spending", *[int] * 13, float)}
    new.executemany(f"INSERT INTO spending VALUES({_marks(14)})", found.values())


def _copy_first(old: Source, new: sqlite3.Connection) -> None:
    """Copy from schema 1, which kept an answer's cost and the sum of its tokens instead of their kinds.

    Its files are marked as ``copied`` and unread: those that still exist are read again, which tells the kinds. Of a
    file that ``new`` knows already nothing is copied: that knows more.
    """
    facts = old.rows("SELECT name, value FROM facts WHERE name <> 'prices'", str, object)
    new.executemany("INSERT OR IGNORE INTO facts VALUES(?, ?)", facts)
    known = {path for (path,) in new.execute("SELECT path FROM files")}
    insert = "INSERT INTO files(path, seen_at, inode, offset, skipping, edges, size, mtime_ns, copied)"
    numbers = {}
    for path, number, seen_at, inode in old.rows("SELECT path, id, seen_at, inode FROM files", bytes, int, int, int):
        if path not in known:
            values = (path, seen_at, inode, 0, 0, _UNREAD, -1, -1, 1)
            numbers[number] = new.execute(f"{insert} VALUES({_marks(9)})", values).lastrowid
    query = "SELECT file, family, message, request, at, tokens, weight, side, counts FROM sightings"
    for file, family, message, request, at, *rest in old.rows(query, int, str, *[int] * 4, float, int, int):
        if file in numbers:
            new.execute("INSERT OR IGNORE INTO models(name) VALUES(?)", (family,))  # as good as a model's id
            new.execute(
                "INSERT INTO sightings SELECT ?, ?, ?, ?, id, NULL, NULL, NULL, 0, 0, 0, 0, 0, ?, ?, ?, ?"
                " FROM models WHERE name = ?",
                (message, request, numbers[file], at, *rest, family),
            )
    _copy_readings(old, new, "SELECT account, window, observed_at, resets_at, percent, NULL FROM readings", type(None))


def _copy_readings(old: Source, new: sqlite3.Connection, query: str, plan: type | tuple[type, ...]) -> None:
    readings = old.rows(query, str, str, int, int, float, plan)
    new.executemany(
        f"INSERT OR IGNORE INTO readings VALUES({_marks(6)})",
        (
            row
            for row in readings
            if parse_percent(row[4]) is not None and 0 <= row[3] - row[2] <= span_of(row[1]) + SAME_RESET_S
        ),
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)
