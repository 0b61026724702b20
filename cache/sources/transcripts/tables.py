"""The tables of the index: readings and answers, and sums of answers, which follow them by triggers.

`spending` has a row per quarter of an hour (every zone's days begin at one), model, session, branch and folder; `hours`
and `branch_spending` are coarser. Triggers keep these two equal to `spending`, and note in `outdated` each quarter of
which an answer has changed; `cache.sources.transcripts.rollup` brings `spending` up to date.
"""

from __future__ import annotations

from cache.sources.transcripts.prices import KINDS

# `dollars` is set only where an older index had a cost instead of the kinds of tokens; `copied` means that a file has
# such answers; `plan` is NULL where it was unknown.
ANSWERS = """
CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files(
    id INTEGER PRIMARY KEY, path BLOB UNIQUE NOT NULL, seen_at INTEGER NOT NULL,
    inode INTEGER NOT NULL, offset INTEGER NOT NULL, skipping INTEGER NOT NULL, edges BLOB NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, copied INTEGER NOT NULL DEFAULT 0);
CREATE TABLE models(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE sessions(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE branches(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE folders(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE sightings(
    message INTEGER NOT NULL, request INTEGER NOT NULL, file INTEGER NOT NULL, at INTEGER NOT NULL,
    model INTEGER NOT NULL, session INTEGER, branch INTEGER, folder INTEGER,
    input INTEGER NOT NULL, output INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL,
    cache_read INTEGER NOT NULL, tokens INTEGER NOT NULL, dollars REAL, side INTEGER NOT NULL,
    counts INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY(message, request, file)) WITHOUT ROWID;
CREATE INDEX sightings_that_count ON sightings(
    at, model, input, output, cache_write_5m, cache_write_1h, cache_read, tokens, dollars, counts) WHERE counts;
CREATE TABLE readings(
    account TEXT NOT NULL, window TEXT NOT NULL, observed_at INTEGER NOT NULL,
    resets_at INTEGER NOT NULL, percent REAL NOT NULL, plan TEXT,
    PRIMARY KEY(account, window, observed_at)) WITHOUT ROWID;
"""

SLOT_S = 900
# `dollars` is what an older index had calculated, as in `sightings`; `long` says that prompts were long.
SUMS = ("answers", *KINDS, "tokens", "dollars")
KEYS = ("session", "branch", "folder")  # ids, 0 where unknown

_TYPED_SUMS = "".join(f"{each} INTEGER NOT NULL, " for each in SUMS[:-1]) + "dollars REAL NOT NULL"
_ADDED = ", ".join(f"{each} = {each} + excluded.{each}" for each in SUMS)
_REMOVED = ", ".join(f"{each} = {each} - old.{each}" for each in SUMS)
_NEW = ", ".join(f"new.{each}" for each in SUMS)


def _note(row: str) -> str:
    """Return the statement that notes a quarter; `OR IGNORE` would not hold in a trigger of an upsert."""
    slot = f"{row}.at / {SLOT_S}"
    return f"INSERT INTO outdated SELECT {slot} WHERE NOT EXISTS (SELECT 1 FROM outdated WHERE slot = {slot});"  # noqa: S608


_HOUR = "hour = old.slot / 4 AND model = old.model AND long = old.long"
_BRANCH = "branch = old.branch AND folder = old.folder AND model = old.model AND long = old.long"

SUMS_OF_ANSWERS = f"""
CREATE TABLE outdated(slot INTEGER PRIMARY KEY);
CREATE TABLE spending(
    slot INTEGER NOT NULL, model INTEGER NOT NULL, long INTEGER NOT NULL,
    session INTEGER NOT NULL, branch INTEGER NOT NULL, folder INTEGER NOT NULL, {_TYPED_SUMS},
    PRIMARY KEY(slot, model, long, session, branch, folder)) WITHOUT ROWID;
CREATE TABLE hours(
    hour INTEGER NOT NULL, model INTEGER NOT NULL, long INTEGER NOT NULL, {_TYPED_SUMS},
    PRIMARY KEY(hour, model, long)) WITHOUT ROWID;
CREATE TABLE branch_spending(
    branch INTEGER NOT NULL, folder INTEGER NOT NULL, model INTEGER NOT NULL, long INTEGER NOT NULL, {_TYPED_SUMS},
    slot INTEGER NOT NULL, PRIMARY KEY(branch, folder, model, long)) WITHOUT ROWID;
CREATE TRIGGER answer_added AFTER INSERT ON sightings BEGIN {_note("new")} END;
CREATE TRIGGER answer_removed AFTER DELETE ON sightings BEGIN {_note("old")} END;
CREATE TRIGGER answer_changed AFTER UPDATE ON sightings BEGIN {_note("old")} {_note("new")} END;
CREATE TRIGGER spending_added AFTER INSERT ON spending BEGIN
    INSERT INTO hours VALUES(new.slot / 4, new.model, new.long, {_NEW})
        ON CONFLICT(hour, model, long) DO UPDATE SET {_ADDED};
    INSERT INTO branch_spending VALUES(new.branch, new.folder, new.model, new.long, {_NEW}, new.slot)
        ON CONFLICT(branch, folder, model, long) DO UPDATE SET {_ADDED}, slot = max(slot, excluded.slot); END;
CREATE TRIGGER spending_removed AFTER DELETE ON spending BEGIN
    UPDATE hours SET {_REMOVED} WHERE {_HOUR};
    DELETE FROM hours WHERE {_HOUR} AND answers <= 0;
    UPDATE branch_spending SET {_REMOVED} WHERE {_BRANCH};
    DELETE FROM branch_spending WHERE {_BRANCH} AND answers <= 0; END;
"""  # noqa: S608 - no value is in it
OUTDATE_ALL = f"INSERT OR IGNORE INTO outdated SELECT DISTINCT at / {SLOT_S} FROM sightings;"  # noqa: S608
