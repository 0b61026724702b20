"""The index of transcripts as a file: opened, made where there is none, made anew where it is broken."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from typing import TYPE_CHECKING, Any

from cache.errors import Busy, Unreadable, Unwritable
from cache.files import owned
from cache.sources.prices import PRICED_ON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_NAME = "transcripts.sqlite3"
SCHEMA = 1
PATIENCE_S = 1.0  # for a lock that another process holds; writers have the job's own lock besides
PAGES_KIB = 8192  # memory that sqlite may keep pages in

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

    A file that is no sound index is taken away and made anew, or, where that shows only later, Unreadable is raised and
    the next opening makes it anew. Raises Busy for one that is locked, Unwritable for one that may not be used.
    """
    try:
        with contextlib.closing(_connected(path)) as connection:
            store = Store(connection)
            yield store
            store.commit()
    except sqlite3.OperationalError as error:
        kind = Busy if "locked" in str(error) else Unwritable
        raise kind(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        _discard(path)
        raise Unreadable(f"{path} was damaged and will be made anew: {error}") from error


def _connected(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        _discard(path)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    _make_private(path)
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
    try:
        # A rollback journal, not a WAL: it needs no second file that outlives us, and a killed process costs nothing.
        for setting in ("journal_mode=DELETE", "synchronous=NORMAL", "temp_store=MEMORY", f"cache_size=-{PAGES_KIB}"):
            connection.execute(f"PRAGMA {setting}").close()
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none; with another schema or other prices start over, but keep the readings."""
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema not in {0, SCHEMA}:
        raise sqlite3.DatabaseError(f"schema {schema}")
    if schema == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT")
    store = Store(connection)
    if store.fact("prices") != PRICED_ON:
        for statement in ("DELETE FROM sightings", "DELETE FROM files", "DELETE FROM facts"):
            store.write(statement, ())
        store.note("prices", PRICED_ON)
        store.commit()


def _make_private(path: Path) -> None:
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        fd = os.open(path, flags, 0o600)
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror}") from error
    with os.fdopen(fd, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or not owned(facts.st_uid):
            raise Unwritable(f"{path} is not a file of ours")
        if facts.st_mode & 0o077 and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)


def _discard(path: Path) -> None:
    for name in (path.name, path.name + "-journal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(name).unlink()
