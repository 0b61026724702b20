"""An SQLite file of ours: private, bounded, made where there is none, and begun anew where it is broken."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from typing import TYPE_CHECKING, NamedTuple

from cache.errors import Unwritable
from cache.files import owned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Work = Callable[[sqlite3.Connection], None]

PATIENCE_S = 1.0  # for a lock that another process holds; writers have a job's lock besides
PAGE = 4096  # bytes

# What no new file would mend. The rest means that the file is not what we wrote, "readonly" too: that is what a damaged
# header is called, and in a folder that may not be written nothing can be put aside either.
_OUTSIDE = ("locked", "unable to open", "is full")


# A damaged file can have SQLite complain in words that are no text.
_BROKEN = (sqlite3.Error, UnicodeDecodeError)


class Shape(NamedTuple):
    """What a database of ours looks like: its schema number, its tables, and how many pages it may have."""

    schema: int
    tables: str
    pages: int


def change(path: Path, shape: Shape, work: Work) -> None:
    """Do ``work`` in one transaction: all of it is kept, or nothing; raise Unwritable where it cannot be done.

    A file that is broken, too large or of another schema is put aside (``.broken``, one at most) and begun anew.
    """
    try:
        try:
            _change(path, shape, work)
        except _BROKEN as error:
            if any(each in str(error) for each in _OUTSIDE):
                raise
            _put_aside(path)
            _change(path, shape, work)
    except (OSError, *_BROKEN) as error:
        raise Unwritable(f"{path}: {error}") from error


def rows(path: Path, shape: Shape, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
    """Return what a query finds; nothing where there is no file, or none that can be read: the writer mends it."""
    try:
        if not _is_ours(path.lstat()):
            return []
        # `rw`, so that what a killed writer left half done is rolled back; it neither makes a file nor waits for one.
        with contextlib.closing(_connect(f"{path.absolute().as_uri()}?mode=rw", shape)) as connection:
            return connection.execute(statement, values).fetchall() if _schema(connection) == shape.schema else []
    except (OSError, *_BROKEN):
        return []


def _change(path: Path, shape: Shape, work: Work) -> None:
    _make_private(path)
    if path.stat().st_size > shape.pages * PAGE:
        raise sqlite3.DatabaseError("larger than we would have made it")
    with contextlib.closing(_connect(path.absolute().as_uri(), shape)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if _schema(connection) == 0:
            for table in filter(str.strip, shape.tables.split(";")):
                connection.execute(table)
            connection.execute(f"PRAGMA user_version = {shape.schema}")
        elif _schema(connection) != shape.schema:
            raise sqlite3.DatabaseError("of another schema")
        work(connection)
        connection.execute("COMMIT")


def _connect(uri: str, shape: Shape) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE_S, isolation_level=None)
    # A rollback journal, not a WAL: it is gone after each change, and a process killed within one costs nothing.
    settings = ("journal_mode=DELETE", "synchronous=NORMAL", "temp_store=MEMORY", f"max_page_count={shape.pages}")
    try:
        for setting in (f"page_size={PAGE}", *settings):
            connection.execute(f"PRAGMA {setting}").close()
    except _BROKEN:
        connection.close()
        raise
    return connection


def _schema(connection: sqlite3.Connection) -> object:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _make_private(path: Path) -> None:
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags, 0o600), "rb") as file:
        facts = os.fstat(file.fileno())
        if not _is_ours(facts):
            raise Unwritable(f"{path} is not a file of ours")
        if facts.st_mode & 0o077 and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)


def _is_ours(facts: os.stat_result) -> bool:
    return stat.S_ISREG(facts.st_mode) and owned(facts.st_uid)


def _put_aside(path: Path) -> None:
    """Rename the file; a journal that is left of it SQLite itself removes when it begins the new one."""
    path.replace(path.with_name(path.name + ".broken"))
