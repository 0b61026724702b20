"""Official readings of windows, with which the cost of local work is compared.

Only readings are kept: the calibration is calculated from them and the index each time, so that transcripts read later
and new prices correct it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cache.model.lenient import parse_percent
from cache.model.windows import ESTIMATE, SAME_RESET_S, SPANS_S, is_same_reset
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.prices import family_of

if TYPE_CHECKING:
    from pathlib import Path

    from cache.model.windows import Window
    from cache.sources.transcripts.index import Store

STEP = 3.0  # percent; a smaller increment is more rounding than measurement
READINGS = 192  # kept for each window of each account
KEPT_S = 35 * 86400
# Times are whole seconds, and Claude Code reports the limits a moment after the answer that they include.
INCLUDED_S = 1  # answers up to the end of a reading's second are in it


class Reading(NamedTuple):
    """An official percentage: when it was observed, when its window resets (both epoch seconds), the plan's label."""

    observed_at: int
    resets_at: int
    percent: float
    plan: str | None = None


def length_of(window_id: str) -> int | None:
    """Return how long a window lasts, in seconds, None for an unknown one."""
    return SPANS_S.get(window_id.partition(":")[0])


def family_in(window_id: str) -> str | None:
    """Return the model family that a window counts, `UNKNOWN` for an unknown one, None for all models."""
    return family_of(window_id.partition(":")[2]) if ":" in window_id else None


def observe(store: Store, account: str, window: Window, plan: str | None = None) -> None:
    """Record an official reading, if it is new; ``plan`` is the label of the account's plan, None if unknown.

    Of readings less than a step apart only the first and the latest are kept.
    """
    kept = readings(store, account, window.id)
    new = _reading(window, plan or plan_of(store, account))
    if new is None or (kept and new.observed_at <= kept[-1].observed_at):
        return
    gone = kept[: max(len(kept) + 1 - READINGS, 0)]
    if len(kept) > 1 and is_same(kept[-2], kept[-1]) and abs(kept[-1].percent - kept[-2].percent) < STEP:
        gone.append(kept[-1])
    statement = "DELETE FROM readings WHERE account = ? AND window = ? AND observed_at = ?"
    store.write(statement, *[(account, window.id, each.observed_at) for each in gone])
    statement = "INSERT INTO readings(account, window, observed_at, resets_at, percent, plan) VALUES(?, ?, ?, ?, ?, ?)"
    store.write(statement, (account, window.id, *new))
    store.write("DELETE FROM readings WHERE observed_at < ?", (new.observed_at - KEPT_S,))
    if new.plan is not None:  # readings from before the plan was known are taken to be of this plan
        store.write("UPDATE readings SET plan = ? WHERE account = ? AND plan IS NULL", (new.plan, account))


def _reading(window: Window, plan: str | None) -> Reading | None:
    """Return an official window as a reading, None if it has no reset, is of unknown age, or of a wrong clock."""
    length = length_of(window.id)
    if window.source == ESTIMATE or window.resets_at is None or length is None or parse_percent(window.percent) is None:
        return None
    if not window.age_known or not 0 <= window.resets_at - window.observed_at <= length + SAME_RESET_S:
        return None
    return Reading(window.observed_at, window.resets_at, window.percent, plan)


def readings(store: Store, account: str, window_id: str) -> list[Reading]:
    """Return the readings of a window, oldest first."""
    found = store.rows(
        "SELECT observed_at, resets_at, percent, plan FROM readings WHERE account = ? AND window = ?"
        " ORDER BY observed_at",
        (account, window_id),
    )
    return [Reading(*row) for row in found]


def plan_of(store: Store, account: str) -> str | None:
    """Return the last known plan of an account, None where there is none."""
    query = "SELECT plan FROM readings WHERE account = ? AND plan IS NOT NULL ORDER BY observed_at DESC LIMIT 1"
    return next((plan for (plan,) in store.rows(query, (account,))), None)


def rename(store: Store, old: str, new: str) -> None:
    """Move the readings of one account id to another; of two at the same time the new one's stays."""
    if old != new and store.rows("SELECT 1 FROM readings WHERE account = ? LIMIT 1", (old,)):
        store.write("UPDATE OR IGNORE readings SET account = ? WHERE account = ?", (new, old))
        store.write("DELETE FROM readings WHERE account = ?", (old,))


def rename_account(path: Path, old: str, new: str) -> None:
    """Rename an account in the index at ``path``, if there is one; raise what `open_index` raises."""
    if path.exists():
        with open_index(path) as store:
            rename(store, old, new)


def is_known(store: Store, account: str) -> bool:
    """Return whether there is any reading of an account."""
    return bool(store.rows("SELECT 1 FROM readings WHERE account = ? LIMIT 1", (account,)))


def is_same(one: Reading, other: Reading) -> bool:
    """Return whether two readings are of the same window, by their resets."""
    return is_same_reset(one.resets_at, other.resets_at)


def are_others_seen(store: Store, account: str, start: int, end: int) -> bool:
    """Return whether another account was signed in during a time: local activity may then be that account's."""
    statement = "SELECT 1 FROM readings WHERE account <> ? AND observed_at BETWEEN ? AND ? LIMIT 1"
    return bool(store.rows(statement, (account, start, end)))
