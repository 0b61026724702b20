"""An SQLite file of ours: private, bounded, made or upgraded where needed, started again where it is broken."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from typing import TYPE_CHECKING, NamedTuple

from cache.model.files import owned
from cache.work.failures import Busy, Damaged, Failure, Unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Work = Callable[[sqlite3.Connection], None]

PATIENCE_S = 1.0  # for a lock that another process holds; writers have a job's lock besides
PAGE = 4096  # bytes
UNBOUNDED = (1 << 30) - 1  # pages; SQLite's own limit

# What no new file would mend; "disk I/O error" is what a quota that is used up is called. The rest means that the file
# is not what we wrote, "readonly" too: that is what a damaged header is called, and in a folder that may not be written
# nothing can be put aside either.
_OUTSIDE = ("locked", "unable to open", "is full", "disk I/O error")

# A damaged file can have SQLite complain in words that are no text.
_BROKEN = (sqlite3.Error, UnicodeDecodeError)


class Shape(NamedTuple):
    """What a database of ours looks like: its schema number, its tables, and how many pages it may have.

    ``memory_kib`` is how much of it may be held in memory. ``upgrades`` are by the number of an older schema what
    copies from its tables, which are called ``old_...`` then, into the new ones.
    """

    schema: int
    tables: str
    pages: int
    memory_kib: int = 2000
    upgrades: Mapping[int, Work] = {}


@contextlib.contextmanager
def connected(path: Path, shape: Shape, prepare: Work) -> Iterator[sqlite3.Connection]:
    """Open a file of ours, 0600, and do ``prepare``; what is not committed in the block is at its end, or not at all.

    A file that is broken, too large or of another schema is put aside (``.broken``, one at most) and begun anew. Where
    that shows within the block, Damaged is raised, and the next opening begins it anew. Raises Busy for a file that
    is locked, Unwritable for one that may not be used; other exceptions of the block pass if the file is sound.
    """
    try:
        connection = _begun(path, shape, prepare)
    except Damaged:
        connection = _begun(path, shape, prepare)
    with contextlib.closing(connection), _guarded(path, connection):
        yield connection
        if connection.in_transaction:
            connection.execute("COMMIT")


def change(path: Path, shape: Shape, work: Work) -> None:
    """Do ``work`` in one transaction: all of it is kept, or nothing; raise Unwritable where it cannot be done.

    What is no sound file of ours is put aside and begun anew, as `connected` does.
    """

    def whole(connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        work(connection)
        connection.execute("COMMIT")

    try:
        with connected(path, shape, whole):
            pass
    except (Busy, Damaged) as error:
        raise Unwritable(str(error)) from error


def rows(path: Path, shape: Shape, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
    """Return what a query finds; nothing where there is no file, or none that can be read: the writer mends it."""
    try:
        if not _is_ours(path.lstat()):
            return []
        # `rw`, so that what a killed writer left half done is rolled back; it neither makes a file nor waits for one.
        with contextlib.closing(_connection(f"{path.absolute().as_uri()}?mode=rw")) as connection:
            _set_up(connection, shape)
            return connection.execute(statement, values).fetchall() if _schema(connection) == shape.schema else []
    except (OSError, *_BROKEN):
        return []


def _begun(path: Path, shape: Shape, prepare: Work) -> sqlite3.Connection:
    try:
        _make_private(path)
        connection = _connection(path.absolute().as_uri())
    except (OSError, sqlite3.Error) as error:
        raise Unwritable(f"{path}: {error}") from error
    with _guarded(path, connection):
        if path.stat().st_size > shape.pages * PAGE:
            raise sqlite3.DatabaseError("larger than we would have made it")
        _set_up(connection, shape)
        _make_tables(connection, shape)
        prepare(connection)
    return connection


@contextlib.contextmanager
def _guarded(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """Give what goes wrong its name; the connection is closed then, and a file that is damaged is put aside."""
    try:
        yield
    except Exception as error:
        is_damaged = _is_damage(error, connection)
        connection.close()
        if is_damaged:
            _put_aside(path)
            raise Damaged(f"{path} was damaged and will be begun anew: {error}") from error
        if isinstance(error, sqlite3.Error):
            kind = Busy if "locked" in str(error) else Unwritable
            raise kind(f"{path}: {error}") from error
        raise


def _is_damage(error: Exception, connection: sqlite3.Connection) -> bool:
    """Say whether the file is to blame: by SQLite's word, or where something stumbled over what is in the file."""
    if isinstance(error, sqlite3.Error):
        return not _is_outside(error)
    return not isinstance(error, (OSError, Failure)) and not _is_sound(connection)


def _is_outside(error: sqlite3.Error) -> bool:
    return any(each in str(error) for each in _OUTSIDE)


def _is_sound(connection: sqlite3.Connection) -> bool:
    """Say whether all is in order as far as SQLite can tell, and every value of its column's type."""
    try:
        if connection.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
            return False
        columns = connection.execute(
            "SELECT of.name, each.name, lower(each.type) FROM sqlite_master AS of, pragma_table_info(of.name) AS each"
            " WHERE of.type = 'table' AND each.type <> ''"
        ).fetchall()
        return not any(_has_other_types(connection, *each) for each in columns)
    except sqlite3.Error as error:
        return _is_outside(error)
    except UnicodeDecodeError:
        return False


def _has_other_types(connection: sqlite3.Connection, table: str, column: str, kind: str) -> bool:
    query = f'SELECT 1 FROM "{table}" WHERE typeof("{column}") NOT IN (?, \'null\') LIMIT 1'  # noqa: S608 - our names
    return bool(connection.execute(query, (kind,)).fetchall())


def _make_tables(connection: sqlite3.Connection, shape: Shape) -> None:
    if _schema(connection) != shape.schema:
        connection.execute("BEGIN IMMEDIATE")
        found = _schema(connection)  # another process may have been quicker
        if found == 0 or found in shape.upgrades:
            old = _put_away_tables(connection) if found else []
            for table in filter(str.strip, shape.tables.split(";")):
                connection.execute(table)
            if found:
                shape.upgrades[found](connection)
            for each in old:
                connection.execute(f'DROP TABLE "{each}"')
            connection.execute(f"PRAGMA user_version = {shape.schema}")
        connection.execute("COMMIT")
    if _schema(connection) != shape.schema:
        raise sqlite3.DatabaseError("of another schema")


def _put_away_tables(connection: sqlite3.Connection) -> list[str]:
    """Rename the tables of an older schema, without their indexes, to ``old_...``; return these names."""
    query = "SELECT type, name FROM sqlite_master WHERE type IN ('index', 'table') AND name NOT LIKE 'sqlite_%'"
    found = sorted(connection.execute(query).fetchall())  # the indexes first
    for kind, name in found:
        drop, rename = f'DROP INDEX "{name}"', f'ALTER TABLE "{name}" RENAME TO "old_{name}"'
        connection.execute(drop if kind == "index" else rename)
    return [f"old_{name}" for kind, name in found if kind == "table"]


def _connection(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE_S, isolation_level=None)


def _set_up(connection: sqlite3.Connection, shape: Shape) -> None:
    # A rollback journal, not a WAL: it is gone after each change, and a process killed within one costs nothing.
    kept = ("journal_mode=DELETE", "synchronous=NORMAL", f"max_page_count={shape.pages}")
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
        if facts.st_mode & 0o077 and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)


def _is_ours(facts: os.stat_result) -> bool:
    return stat.S_ISREG(facts.st_mode) and owned(facts.st_uid)


def _put_aside(path: Path) -> None:
    """Rename the file; a journal that is left of it SQLite itself removes when it begins the new one."""
    try:
        path.replace(path.with_name(path.name + ".broken"))
    except FileNotFoundError:
        pass  # taken away by somebody: that will do as well
    except OSError as error:
        raise Unwritable(f"{path} is damaged and cannot be put aside: {error}") from error
