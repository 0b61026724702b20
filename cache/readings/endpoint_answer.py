"""The answers of the endpoint that the refresher keeps in ``usage.json``: the last one, and one that waits.

Each is ``{"account", "at", "windows"}``: whose it was taken for, when it was asked for (epoch seconds), and all the
windows that it named, also those of single models.
"""

from cache.model.jsonio import mapping, number
from cache.model.lazy import further_module
from cache.model.windows import AHEAD_S, OAUTH, Window, has_ended, windows_in
from cache.readings.reading import ENDPOINT, Reading, limits_of

HELD_S = 60  # how long an answer waits that does not fit the account

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.model.entry import Entry
    from cache.readings.directory import Directory


def answer_json(account: "str", at: "float", windows: "Sequence[Window]") -> "dict[str, object]":
    """Return an answer in the shape of the file."""
    return {"account": account, "at": at, "windows": [each.as_json() for each in windows]}


def answered_at(answer: "object") -> "float | None":
    """Return when a kept answer was requested, epoch seconds; None where there is none."""
    return number(mapping(answer).get("at"))


def reading_of(answer: "object") -> "Reading | None":
    """Return the plan-wide windows of a kept answer as a reading, None where there is none."""
    at, windows = answered_at(answer), windows_in(mapping(answer).get("windows"))
    if at is None:
        return None
    source = windows[0].source if windows else OAUTH
    return Reading(at, at, ENDPOINT, limits_of(windows), source, dated=True)


def models_in(answer: "object") -> "list[dict[str, object]]":
    """Return the windows of single models in a kept answer as JSON, also those that have ended."""
    return [each.as_json() for each in windows_in(mapping(answer).get("windows")) if ":" in each.id]


def model_windows(rows: "object", now: "float") -> "dict[str, Window]":
    """Return the windows of single models among those of an answer as JSON, by id: only the endpoint reports them."""
    return {each.id: each for each in windows_in(rows) if ":" in each.id and not has_ended(each, now)}


def add_answer(directory: "Directory", entry: "Entry", now: "float") -> "bool":
    """Add the refresher's last answer where the readings lack it: another writer may have replaced the file.

    That is the one it held, if that has waited long enough: the next refresher uses it, too. Return whether that was
    added: it may be old by now, and a newer one is asked for.
    """
    answer, was_held = entry.answer, False
    if entry.held is not None and is_waiting(directory, entry) and not is_held(directory, entry, now):
        answer, was_held = entry.held, True
    at = answered_at(answer)
    if at is None or mapping(answer).get("account") != directory.account:
        return False
    reading = None
    if directory.owner(directory.account).answered_at + 0.01 < at <= now + AHEAD_S:
        reading = reading_of(answer)
    if reading is not None:
        further_module("cache.readings.ownership").add_official(directory, reading, now, models_in(answer))
    return was_held and reading is not None


def is_held(directory: "Directory", entry: "Entry", now: "float") -> "bool":
    """Return whether a held answer for this account has not waited long enough yet."""
    at = answered_at(entry.held) or 0
    return now - at <= HELD_S and is_waiting(directory, entry)


def is_waiting(directory: "Directory", entry: "Entry") -> "bool":
    """Return whether a held answer for this account waits for its owner."""
    at = answered_at(entry.held)
    if at is None or mapping(entry.held).get("account") != directory.account:
        return False
    return directory.switched_at is None or at >= directory.switched_at
