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

PRESENT = 2  # the schema that is copied to
NAMES = ("models", "sessions", "branches", "folders")  # tables of texts that many answers share
_UNREAD = blake2b(digest_size=8).digest()  # the fingerprint of nothing, as in `line_reader`
_OPTIONAL = (int, type(None))


def copy_index(old: Source, new: sqlite3.Connection) -> None:
    """Copy what is worth keeping; ``new`` holds the present schema. Nothing is copied from an unknown schema."""
    if old.schema == PRESENT:
        _copy_present(old, new)
    elif old.schema == 1:
        _copy_first(old, new)


def _copy_present(old: Source, new: sqlite3.Connection) -> None:
    is_whole = old.is_whole
    if is_whole:
        new.executemany("INSERT INTO facts VALUES(?, ?)", old.rows("SELECT name, value FROM facts", str, object))
    for table in NAMES:
        new.executemany(
            f"INSERT OR IGNORE INTO {table} VALUES(?, ?)",
            old.rows(f"SELECT id, name FROM {table}", int, str),  # noqa: S608
        )
    columns = "id, path, seen_at, inode, offset, skipping, edges, size, mtime_ns, copied"
    found = old.rows(f"SELECT {columns} FROM files", int, bytes, int, int, int, int, bytes, int, int, int)  # noqa: S608
    files = [row for row in found if is_whole or not os.path.lexists(row[1])]
    new.executemany(f"INSERT OR IGNORE INTO files VALUES({_marks(10)})", files)
    numbers = {row[0] for row in files}
    kinds: tuple[type | tuple[type, ...], ...] = (
        *[int] * 5,
        *[_OPTIONAL] * 3,
        *[int] * 6,
        (float, type(None)),
        int,
        int,
    )
    sightings = (row for row in old.rows("SELECT * FROM sightings", *kinds) if row[2] in numbers)
    new.executemany(f"INSERT OR IGNORE INTO sightings VALUES({_marks(17)})", sightings)
    new.execute("INSERT OR REPLACE INTO facts VALUES('merged', 1)")  # which of them count may be different now
    _copy_readings(old, new, "SELECT * FROM readings", (str, type(None)))


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
