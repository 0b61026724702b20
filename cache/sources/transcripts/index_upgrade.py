"""What an older index knows: copied into the present one, so that nothing is lost that is nowhere else.

Claude Code deletes transcripts after 30 days. Those that are still there are read again: only then are the kinds of
tokens known, of which schema 1 kept the sum and what they cost.
"""

from __future__ import annotations

import contextlib
import sqlite3
from hashlib import blake2b
from typing import TYPE_CHECKING

from cache.model.files import owned

if TYPE_CHECKING:
    from pathlib import Path

PRESENT = 2  # the schema that is copied to
_UNREAD = blake2b(digest_size=8).digest()  # the fingerprint of nothing, as in `lines`

# A family's name is as good as a model's id.
_FROM_FIRST = """
INSERT INTO facts SELECT name, value FROM old_facts WHERE name <> 'prices';
INSERT INTO facts VALUES('upgraded_from', 1);
INSERT INTO files SELECT id, path, seen_at, inode, 0, 0, ?, -1, -1, 1 FROM old_files;
INSERT INTO models(name) SELECT DISTINCT family FROM old_sightings;
INSERT INTO sightings
    SELECT message, request, file, at, models.id, NULL, NULL, NULL, 0, 0, 0, 0, 0, tokens, weight, side, counts
    FROM old_sightings JOIN models ON models.name = family;
INSERT INTO readings SELECT account, window, observed_at, resets_at, percent, NULL FROM old_readings;
"""


def from_first(connection: sqlite3.Connection) -> None:
    """Copy from the tables of schema 1, which are called ``old_...`` now."""
    for statement in filter(str.strip, _FROM_FIRST.split(";")):
        connection.execute(statement, (_UNREAD,) * statement.count("?"))


def take_back(connection: sqlite3.Connection, path: Path) -> None:
    """After an upgrade, merge what an earlier version had put aside because it did not know the present schema.

    That happens where its refresher still runs while a new version is installed, or where a person goes back to it for
    a while. Without this the index would hold only what that version has found since.
    """
    if not connection.execute("SELECT 1 FROM facts WHERE name = 'upgraded_from'").fetchall():
        return
    aside = path.with_name(path.name + ".broken")
    if not aside.is_symlink() and aside.is_file() and owned(aside.stat().st_uid):
        try:
            _take_from(connection, aside)
        except sqlite3.Error:  # the index is as good as before; the next opening tries again
            return
    connection.execute("DELETE FROM facts WHERE name = 'upgraded_from'")


def _take_from(connection: sqlite3.Connection, aside: Path) -> None:
    """Merge the index in a file, and remove that; leave any other file as it is."""
    connection.execute("ATTACH DATABASE ? AS aside", (f"{aside.absolute().as_uri()}?mode=rw",))
    try:
        is_present = _is_present(connection)
        if is_present:
            _merge(connection)
    finally:
        connection.execute("DETACH DATABASE aside")
    if is_present:
        with contextlib.suppress(OSError):
            aside.unlink()


def _is_present(connection: sqlite3.Connection) -> bool:
    """Return whether what is attached as ``aside`` is a sound index of the present schema."""
    try:
        if connection.execute("PRAGMA aside.user_version").fetchone()[0] != PRESENT:
            return False
        return bool(connection.execute("PRAGMA aside.quick_check(1)").fetchall() == [("ok",)])
    except sqlite3.Error:
        return False


def _merge(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in filter(str.strip, _MERGE.split(";")):
            connection.execute(statement)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


# Of a file that both know, the one aside tells more: the kinds of tokens, and where reading stopped.
_MERGE = """
INSERT OR IGNORE INTO main.readings SELECT * FROM aside.readings;
INSERT OR IGNORE INTO main.models(name) SELECT name FROM aside.models;
INSERT OR IGNORE INTO main.sessions(name) SELECT name FROM aside.sessions;
INSERT OR IGNORE INTO main.branches(name) SELECT name FROM aside.branches;
INSERT OR IGNORE INTO main.folders(name) SELECT name FROM aside.folders;
DELETE FROM main.sightings WHERE file IN
    (SELECT ours.id FROM main.files AS ours JOIN aside.files AS theirs ON ours.path = theirs.path);
DELETE FROM main.files WHERE path IN (SELECT path FROM aside.files);
INSERT INTO main.files(path, seen_at, inode, offset, skipping, edges, size, mtime_ns, copied)
    SELECT path, seen_at, inode, offset, skipping, edges, size, mtime_ns, copied FROM aside.files;
INSERT INTO main.sightings
    SELECT one.message, one.request,
        (SELECT ours.id FROM aside.files AS theirs JOIN main.files AS ours ON ours.path = theirs.path
            WHERE theirs.id = one.file),
        one.at,
        (SELECT ours.id FROM aside.models AS theirs JOIN main.models AS ours ON ours.name = theirs.name
            WHERE theirs.id = one.model),
        (SELECT ours.id FROM aside.sessions AS theirs JOIN main.sessions AS ours ON ours.name = theirs.name
            WHERE theirs.id = one.session),
        (SELECT ours.id FROM aside.branches AS theirs JOIN main.branches AS ours ON ours.name = theirs.name
            WHERE theirs.id = one.branch),
        (SELECT ours.id FROM aside.folders AS theirs JOIN main.folders AS ours ON ours.name = theirs.name
            WHERE theirs.id = one.folder),
        one.input, one.output, one.cache_write_5m, one.cache_write_1h, one.cache_read, one.tokens, one.dollars,
        one.side, one.counts
    FROM aside.sightings AS one;
INSERT OR REPLACE INTO main.facts VALUES('merged', 1)
"""
