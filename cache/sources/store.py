"""The index of transcripts: its tables, and the few words in which the others write and ask."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from cache.database import UNBOUNDED, Shape, connected
from cache.sources.prices import PRICED_ON

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

FILE_NAME = "transcripts.sqlite3"

_TABLES = """
CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files(
    id INTEGER PRIMARY KEY, path BLOB UNIQUE NOT NULL, seen_at INTEGER NOT NULL,
    inode INTEGER NOT NULL, offset INTEGER NOT NULL, skipping INTEGER NOT NULL, edges BLOB NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL);
CREATE TABLE sightings(
    message INTEGER NOT NULL, request INTEGER NOT NULL, file INTEGER NOT NULL,
    at INTEGER NOT NULL, family TEXT NOT NULL, tokens INTEGER NOT NULL, weight REAL NOT NULL, side INTEGER NOT NULL,
    counts INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY(message, request, file)) WITHOUT ROWID;
CREATE INDEX sightings_that_count ON sightings(at, family, weight, tokens, counts) WHERE counts;
CREATE TABLE readings(
    account TEXT NOT NULL, window TEXT NOT NULL, observed_at INTEGER NOT NULL,
    resets_at INTEGER NOT NULL, percent REAL NOT NULL,
    PRIMARY KEY(account, window, observed_at)) WITHOUT ROWID;
"""
_SHAPE = Shape(1, _TABLES, UNBOUNDED, memory_kib=8192)


class Store:
    """The open index; what is written is kept at `commit`, and gone if the process is killed before."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return self.connection.execute(statement, values).fetchall()

    def write(self, statement: str, *many: tuple[object, ...]) -> None:
        """Run a changing statement once per tuple of values."""
        if many and not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(statement, many)

    def commit(self) -> None:
        """Keep what has been written."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")

    def fact(self, name: str) -> object:
        """Return a kept fact, None if there is none."""
        return next((value for (value,) in self.rows("SELECT value FROM facts WHERE name = ?", (name,))), None)

    def note(self, name: str, value: object) -> None:
        """Keep a fact."""
        self.write("INSERT OR REPLACE INTO facts(name, value) VALUES(?, ?)", (name, value))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open the index in a file of ours, 0600; at the end of the block all is kept, with an exception it is not.

    A file that is no sound index is put aside and begun anew, or, where that shows only later, Damaged (which is an
    Unreadable) is raised and the next opening begins it anew. Raises Busy for one that is locked, Unwritable for one
    that may not be used.
    """
    with connected(path, _SHAPE, _price) as connection:
        yield Store(connection)


def _price(connection: sqlite3.Connection) -> None:
    """With other prices than last time start over, but keep the readings."""
    store = Store(connection)
    if store.fact("prices") != PRICED_ON:
        for statement in ("DELETE FROM sightings", "DELETE FROM files", "DELETE FROM facts"):
            store.write(statement, ())
        store.note("prices", PRICED_ON)
        store.commit()
