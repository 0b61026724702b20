"""How full each window has been over the last weeks: a bounded history of official readings, thinned with age."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cache.model.jsonio import whole
from cache.model.lenient import parse_percent
from cache.model.windows import AHEAD_S, ESTIMATE, is_same_reset
from cache.refresh.database import Shape, change, rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from cache.model.windows import Window
    from cache.refresh.database import Source

KEPT_S = 30 * 86400
PAGES = 120  # of 4 KiB: with a journal that holds each of them once it is still less than 1 MiB on disk
ROOMY = 100  # pages; beyond them the oldest quarter is deleted, so that there is always room for the next reading
REPEAT_S = 120  # an unchanged reading within this time is not recorded
NAME_AT_MOST = 100  # characters of a window's id

# Readings older than this (seconds) are thinned to the last and the highest of each stretch of so many seconds.
THINNED = ((86400, 15 * 60), (7 * 86400, 3600))


def _copy(old: Source, new: sqlite3.Connection) -> None:
    """Copy the readings that can be read of a damaged history."""
    series = [*old.rows("SELECT id, account, window FROM series", int, str, str)] if old.schema == 1 else []
    new.executemany("INSERT OR IGNORE INTO series VALUES(?, ?, ?)", series)
    numbers = {row[0] for row in series}
    query = "SELECT series, at, percent, resets_at FROM samples"
    found = old.rows(query, int, int, float, (int, type(None))) if series else ()
    new.executemany(
        "INSERT OR IGNORE INTO samples VALUES(?, ?, ?, ?)",
        (row for row in found if row[0] in numbers and parse_percent(row[2]) is not None),
    )


_SHAPE = Shape(
    1,
    """
    CREATE TABLE series(id INTEGER PRIMARY KEY, account TEXT NOT NULL, window TEXT NOT NULL, UNIQUE(account, window));
    CREATE TABLE samples(
        series INTEGER NOT NULL, at INTEGER NOT NULL, percent REAL NOT NULL, resets_at INTEGER,
        PRIMARY KEY(series, at)) WITHOUT ROWID
    """,
    PAGES,
    _copy,
)


class Sample(NamedTuple):
    """One official reading: epoch seconds, percent 0-1000, and when its window resets (None: not started)."""

    at: int
    percent: float
    resets_at: int | None


def record(path: Path, account: str, windows: Iterable[Window], now: float) -> None:
    """Add an account's official readings; raise Unwritable, nothing else.

    ``path`` is the `HISTORY_FILE` of a config directory. A reading counts at its ``observed_at``; one that is known
    already costs nothing. The caller holds the lock of the usage job.
    """
    news = sorted((each for each in windows if _counts(each, now)), key=lambda each: each.observed_at)
    if news:
        change(path, _SHAPE, lambda connection: _record(connection, account, news, now))


def _counts(window: Window, now: float) -> bool:
    """Return whether a reading is official, of known age, and within the time that is kept."""
    return (
        window.source != ESTIMATE
        and window.age_known
        and parse_percent(window.percent) is not None
        and now - KEPT_S < window.observed_at <= now + AHEAD_S
        and len(window.id) <= NAME_AT_MOST
    )


def samples(path: Path, account: str, window_id: str, since: float) -> list[Sample]:
    """Return the readings observed at ``since`` (epoch seconds) or later, oldest first; none if unreadable."""
    found = rows(
        path,
        _SHAPE,
        "SELECT at, percent, resets_at FROM samples JOIN series ON series = id"
        " WHERE account = ? AND window = ? AND at >= ? ORDER BY at",
        (account, window_id, since),
    )
    return [each for each in map(_sample, found) if each is not None]


def window_ids(path: Path, account: str) -> list[str]:
    """Return the ids of the windows of which an account has readings, in the order of the alphabet."""
    query = "SELECT window FROM series WHERE account = ? ORDER BY window"
    return [id_ for (id_,) in rows(path, _SHAPE, query, (account,)) if isinstance(id_, str)]


def rename_account(path: Path, old: str, new: str) -> None:
    """Move the readings of one account id to another; raise Unwritable, nothing else.

    Where both have a reading at the same time that of ``new`` stays. Takes one query where there is nothing to do.
    The caller holds the lock of the usage job.
    """
    if old != new and rows(path, _SHAPE, "SELECT 1 FROM series WHERE account = ? LIMIT 1", (old,)):
        change(path, _SHAPE, lambda connection: _rename(connection, old, new))


def _rename(connection: sqlite3.Connection, old: str, new: str) -> None:
    for series, window_id in connection.execute("SELECT id, window FROM series WHERE account = ?", (old,)).fetchall():
        to = _series(connection, new, window_id)
        connection.execute("UPDATE OR IGNORE samples SET series = ? WHERE series = ?", (to, series))
        connection.execute("DELETE FROM samples WHERE series = ?", (series,))
        connection.execute("DELETE FROM series WHERE id = ?", (series,))


def _sample(row: tuple[object, ...]) -> Sample | None:
    """Return a row as a sample, None for one with odd values, as a damaged file may have."""
    at, percent, resets_at = whole(row[0]), parse_percent(row[1]), whole(row[2])
    return None if at is None or percent is None else Sample(at, percent, resets_at)


def _record(connection: sqlite3.Connection, account: str, news: list[Window], now: float) -> None:
    for window in news:
        _make_room(connection)
        _add(connection, _series(connection, account, window.id), window)
    connection.execute("DELETE FROM samples WHERE at < ?", (int(now - KEPT_S),))
    for age_s, stretch_s in THINNED:
        _thin(connection, int(now - age_s), stretch_s)
    connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM samples)")


def _series(connection: sqlite3.Connection, account: str, window_id: str) -> int:
    connection.execute("INSERT OR IGNORE INTO series(account, window) VALUES(?, ?)", (account, window_id))
    query = "SELECT id FROM series WHERE account = ? AND window = ?"
    return int(connection.execute(query, (account, window_id)).fetchone()[0])


def _add(connection: sqlite3.Connection, series: int, window: Window) -> None:
    """Add one reading; of a stretch without a change only the two ends are kept."""
    query = "SELECT at, percent, resets_at FROM samples WHERE series = ? AND at < ? ORDER BY at DESC LIMIT 2"
    before = connection.execute(query, (series, window.observed_at)).fetchall()
    same = [
        percent == window.percent and (reset == window.resets_at or is_same_reset(reset, window.resets_at))
        for _, percent, reset in before
    ]
    if same[:1] == [True] and window.observed_at - before[0][0] <= REPEAT_S:
        return
    if same == [True, True]:
        connection.execute("DELETE FROM samples WHERE series = ? AND at = ?", (series, before[0][0]))
    row = (series, window.observed_at, window.percent, window.resets_at)
    connection.execute("INSERT OR REPLACE INTO samples(series, at, percent, resets_at) VALUES(?, ?, ?, ?)", row)


def _make_room(connection: sqlite3.Connection) -> None:
    (pages,), (free,) = (connection.execute(f"PRAGMA {each}_count").fetchone() for each in ("page", "freelist"))
    if pages - free <= ROOMY:
        return
    connection.execute(
        "DELETE FROM samples WHERE (series, at) IN"
        " (SELECT series, at FROM samples ORDER BY at LIMIT (SELECT count(*) / 4 + 1 FROM samples))"
    )
    connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM samples)")


def _thin(connection: sqlite3.Connection, before: int, stretch_s: int) -> None:
    """Of each stretch of time keep the last reading and the highest one, the peak of a window that ended within it."""
    connection.execute(
        """
        DELETE FROM samples AS one WHERE at < :before
        AND EXISTS (SELECT 1 FROM samples AS later WHERE later.series = one.series
            AND later.at > one.at AND later.at < (one.at / :stretch + 1) * :stretch)
        AND EXISTS (SELECT 1 FROM samples AS higher WHERE higher.series = one.series
            AND higher.at >= one.at / :stretch * :stretch AND higher.at < (one.at / :stretch + 1) * :stretch
            AND (higher.percent > one.percent OR (higher.percent = one.percent AND higher.at > one.at)))
        """,
        {"before": before, "stretch": stretch_s},
    )
