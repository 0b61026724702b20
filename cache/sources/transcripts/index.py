"""The index of transcripts: its tables, and the class through which other files read and write it.

It keeps the tokens of each answer, not their cost, so that a new price applies to all answers at once.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from cache.refresh.database import UNBOUNDED, Shape, connect
from cache.sources.transcripts.index_copy import NAMES, PRESENT, copy_index
from cache.sources.transcripts.prices import Prices
from cache.sources.transcripts.tables import ANSWERS, OUTDATE_ALL, SUMS_OF_ANSWERS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

NAME_AT_MOST = 1024  # characters of such a text

_SHAPE = Shape(
    PRESENT,
    ANSWERS + SUMS_OF_ANSWERS,
    UNBOUNDED,
    copy_index,
    memory_kib=8192,
    upgrades={2: SUMS_OF_ANSWERS + OUTDATE_ALL},
)


class Store:
    """The open index; changes are lost if the process is killed before `commit`."""

    def __init__(self, connection: sqlite3.Connection, prices: Prices | None = None) -> None:
        self.connection = connection
        self.prices = prices or Prices()
        self._ids: dict[str, dict[str, int]] = {}

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return self.connection.execute(statement, values).fetchall()

    def write(self, statement: str, *many: tuple[object, ...]) -> None:
        """Run a statement that changes the index, once per tuple of values."""
        if many and not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(statement, many)

    def commit(self) -> None:
        """Commit the changes so far."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")

    def fact(self, name: str) -> object:
        """Return a fact by its name, None if there is none."""
        return next((value for (value,) in self.rows("SELECT value FROM facts WHERE name = ?", (name,))), None)

    def note(self, name: str, value: object) -> None:
        """Set a fact."""
        self.write("INSERT OR REPLACE INTO facts(name, value) VALUES(?, ?)", (name, value))

    def id_of(self, table: str, name: str) -> int | None:
        """Return the id of a text in one of the tables of `NAMES`, None for an empty text."""
        known = self._ids.setdefault(table, {})
        if name and name not in known:
            text = name[:NAME_AT_MOST].encode("utf-8", "replace").decode()  # SQLite takes no unpaired surrogates
            self.write(f"INSERT OR IGNORE INTO {table}(name) VALUES(?)", (text,))
            ((known[name],),) = self.rows(f"SELECT id FROM {table} WHERE name = ?", (text,))  # noqa: S608
        return known[name] if name else None

    def models(self) -> dict[int, str]:
        """Return the names of the models, by id."""
        return dict(self.rows("SELECT id, name FROM models"))

    def forget_names(self) -> None:
        """Delete the texts that no answer and no sum refers to any more."""
        self._ids.clear()
        for table, column in zip(NAMES, ("model", "session", "branch", "folder"), strict=True):
            seen = f"SELECT {column} FROM spending UNION SELECT coalesce({column}, 0) FROM sightings"  # noqa: S608
            self.write(f"DELETE FROM {table} WHERE id NOT IN ({seen})", ())  # noqa: S608


@contextlib.contextmanager
def open_index(path: Path, prices: Prices | None = None) -> Iterator[Store]:
    """Open the index, 0600; commit at the end of the block, roll back where the block raises.

    ``prices`` are those to count with, by default the built-in ones. An index of an older schema is upgraded. A damaged
    one is started over, with what `copy_index` saves of it; where the damage shows only later, Damaged (an Unreadable)
    is raised, and the next opening finds the new index. Raises Busy for a locked file, Unwritable for one that cannot
    be used.
    """
    with connect(path, _SHAPE) as connection:
        yield Store(connection, prices)
