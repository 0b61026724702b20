"""An SQLite file that is a cache: private, bounded, and started over where it is damaged or of another schema."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

from cache.model.files import owned
from cache.model.layout import BROKEN_SUFFIX, TEMPORARY_SUFFIX
from cache.refresh.storage import set_mode
from cache.work.failures import Busy, Damaged, Failure, Unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PATIENCE_S = 1.0  # for a lock that another process holds; writers hold a job's lock besides
PAGE = 4096  # bytes
UNBOUNDED = (1 << 30) - 1  # pages; SQLite's own limit

# Errors that a new file would not cure; "disk I/O error" is also what SQLite reports for an exhausted quota. Any other
# error means that the file is not what we wrote. That includes "readonly", the error for a damaged header: in a folder
# that cannot be written, starting over fails as well.
_OUTSIDE = ("locked", "unable to open", "is full", "disk I/O error")

# For a damaged file the text of SQLite's own error can be undecodable.
_BROKEN = (sqlite3.Error, UnicodeDecodeError)


class Shape(NamedTuple):
    """What a database looks like: its schema number, its tables, and how many pages it may have.

    ``copy`` copies into a new database what is worth keeping of one that is started over. ``memory_kib`` is how much
    may be cached in memory. ``upgrades`` are, by an older schema, the statements that make the next one of it in place.
    """

    schema: int
    tables: str
    pages: int
    copy: Callable[[Source, sqlite3.Connection], None]
    memory_kib: int = 2000
    upgrades: Mapping[int, str] = {}


class Source:
    """A database to copy from, which may be damaged, of another schema, or missing.

    ``schema`` is its number, 0 where that is unreadable. ``is_whole`` turns false at the first damage found.
    """

    def __init__(self, path: Path) -> None:
        self.schema, self.is_whole = 0, False
        uri = f"{path.absolute().as_uri()}?mode=ro" if path.is_file() and _is_ours(path.lstat()) else ":memory:"
        self._connection = _connection(uri)
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")
        for number, *_ in self.rows("PRAGMA user_version"):
            self.schema = number
            self.is_whole = [*self.rows("PRAGMA integrity_check(1)")] == [("ok",)]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, query: str, *kinds: type | tuple[type, ...]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query up to the first unreadable one, without those that have a value of another type.

        Raises sqlite3.Error for a locked file.
        """
        try:
            for row in self._connection.execute(query):
                if all(map(isinstance, row, kinds)):
                    yield row
                else:
                    self.is_whole = False
        except _BROKEN as error:
            if "locked" in str(error):
                raise
            self.is_whole = False


@contextlib.contextmanager
def connect(path: Path, shape: Shape) -> Iterator[sqlite3.Connection]:
    """Open a database, 0600; commit at the end of the block, roll back where the block raises.

    A file that is damaged, too large or of another schema is started over. Where that shows only within the block,
    Damaged is raised, and the next opening finds the new file. Raises Busy for a locked file, Unwritable for one that
    cannot be used; other exceptions of the block pass if the file is sound.
    """
    try:
        connection = _open(path, shape)
    except Damaged:
        connection = _open(path, shape)
    with contextlib.closing(connection), _guard(path, shape, connection):
        yield connection
        if connection.in_transaction:
            connection.execute("COMMIT")


def change(path: Path, shape: Shape, work: Callable[[sqlite3.Connection], None]) -> None:
    """Do ``work`` in one transaction, once more where the file turns out damaged; raise Unwritable where that fails."""
    for attempt in (1, 2):
        try:
            with connect(path, shape) as connection:
                connection.execute("BEGIN IMMEDIATE")
                work(connection)
        except (Busy, Damaged) as error:
            if attempt == 2 or isinstance(error, Busy):
                raise Unwritable(str(error)) from error
        else:
            return


def rows(path: Path, shape: Shape, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
    """Return the rows of a query, none where no file can be read: the next writer starts it over."""
    try:
        if not _is_ours(path.lstat()):
            return []
        # `rw` rolls back what a killed writer left unfinished; it neither creates a file nor waits for a lock.
        with contextlib.closing(_connection(f"{path.absolute().as_uri()}?mode=rw")) as connection:
            _set_up(connection, shape)
            return connection.execute(statement, values).fetchall() if _schema(connection) == shape.schema else []
    except (OSError, *_BROKEN):
        return []


def _open(path: Path, shape: Shape) -> sqlite3.Connection:
    try:
        _make_private(path)
        connection = _connection(path.absolute().as_uri())
    except (OSError, sqlite3.Error) as error:
        raise Unwritable(f"{path}: {error}") from error
    with _guard(path, shape, connection):
        if path.stat().st_size > shape.pages * PAGE:
            raise sqlite3.DatabaseError("too large")
        _set_up(connection, shape)
        if _schema(connection) == 0:
            _make_tables(connection, shape)
        # What an older version has set aside is worth more than what it began then: see `_copy`.
        while _schema(connection) in shape.upgrades and not _aside(path).exists():
            _upgrade(connection, shape)
        if _schema(connection) != shape.schema:
            raise sqlite3.DatabaseError("of another schema")
    return connection


@contextlib.contextmanager
def _guard(path: Path, shape: Shape, connection: sqlite3.Connection) -> Iterator[None]:
    """Translate errors; on any error close the connection, and start a damaged file over."""
    try:
        yield
    except Exception as error:
        connection.close()
        if _is_damage(error, path, shape):
            _start_over(path, shape)
            raise Damaged(f"{path} was damaged and has been started over: {error}") from error
        if isinstance(error, sqlite3.Error):
            kind = Busy if "locked" in str(error) else Unwritable
            raise kind(f"{path}: {error}") from error
        raise


def _start_over(path: Path, shape: Shape) -> None:
    """Replace a file by a new one with what can be copied from it.

    The old file stays beside it (``.broken``, one at most), unless it is of an older schema and was copied as a whole.
    """
    aside, new_path = _aside(path), path.with_name(path.name + TEMPORARY_SUFFIX)
    try:
        new_path.unlink(missing_ok=True)
        _make_private(new_path)
        with contextlib.closing(_connection(new_path.absolute().as_uri())) as new:
            _set_up(new, shape, journal="MEMORY")
            _make_tables(new, shape)
            new.execute("BEGIN")
            is_copied = path.stat().st_size <= shape.pages * PAGE and _copy(path, aside, shape, new)
            new.execute("COMMIT")
        if not is_copied:
            path.replace(aside)
        path.with_name(path.name + "-journal").unlink(missing_ok=True)  # SQLite would apply it to the new file
        new_path.replace(path)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            new_path.unlink()
        raise Unwritable(f"{path} is damaged and cannot be started over: {error}") from error


def _aside(path: Path) -> Path:
    return path.with_name(path.name + BROKEN_SUFFIX)


def _copy(path: Path, aside: Path, shape: Shape, new: sqlite3.Connection) -> bool:
    """Copy what can be read of a file; return whether it is of an older schema and was copied as a whole.

    An older version that still runs does not know the present schema: it sets our file aside and starts its own. So
    with a file of an older schema a sound one that was set aside comes back.
    """
    with contextlib.closing(Source(path)) as old:
        if not 0 < old.schema < shape.schema:
            shape.copy(old, new)
            return False
        with contextlib.closing(Source(aside)) as former:
            is_ours = former.schema == shape.schema and former.is_whole
            if is_ours:
                shape.copy(former, new)
        shape.copy(old, new)
    if is_ours and old.is_whole:
        aside.unlink()
    return old.is_whole


def _is_damage(error: Exception, path: Path, shape: Shape) -> bool:
    """Return whether the file caused an error, by SQLite's report, or because it holds something unexpected."""
    if isinstance(error, (sqlite3.Error, OSError, Failure)):
        return isinstance(error, sqlite3.Error) and not any(text in str(error) for text in _OUTSIDE)
    try:
        with contextlib.closing(Source(path)) as source, contextlib.closing(_connection(":memory:")) as scratch:
            _make_tables(scratch, shape)
            shape.copy(source, scratch)
            return not source.is_whole
    except sqlite3.Error:  # it is locked
        return False


def _make_tables(connection: sqlite3.Connection, shape: Shape) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if _schema(connection) == 0:  # no other process was quicker
        for statement in _statements(shape.tables):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {shape.schema}")
    connection.execute("COMMIT")


def _upgrade(connection: sqlite3.Connection, shape: Shape) -> None:
    connection.execute("BEGIN IMMEDIATE")
    schema = _schema(connection)  # another process may have been quicker
    for statement in _statements(shape.upgrades.get(schema, "")):
        connection.execute(statement)
    if schema in shape.upgrades:
        connection.execute(f"PRAGMA user_version = {schema + 1}")
    connection.execute("COMMIT")


def _statements(text: str) -> Iterator[str]:
    """Yield the statements in a text: those within a trigger end with a semicolon, too."""
    statement = ""
    for part in text.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            if part.strip():
                yield statement
            statement = ""


def _connection(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE_S, isolation_level=None)


def _set_up(connection: sqlite3.Connection, shape: Shape, journal: str = "DELETE") -> None:
    # A rollback journal, not a WAL: it is deleted after each change, and a process killed within one costs nothing.
    kept = (f"journal_mode={journal}", "synchronous=NORMAL", f"max_page_count={shape.pages}")
    for setting in (f"page_size={PAGE}", *kept, "temp_store=MEMORY", f"cache_size=-{shape.memory_kib}"):
        connection.execute(f"PRAGMA {setting}").close()


def _schema(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_private(path: Path) -> None:
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags, 0o600), "rb") as file:
        facts = os.fstat(file.fileno())
        if not _is_ours(facts):
            raise Unwritable(f"{path} is not a file of ours")
        if facts.st_mode & 0o077:
            set_mode(file.fileno(), 0o600)


def _is_ours(facts: os.stat_result) -> bool:
    return stat.S_ISREG(facts.st_mode) and owned(facts.st_uid)
