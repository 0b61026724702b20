"""Reads and changes ``readings.json`` for the refresher, while ticks may rewrite it at any time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cache.readings.directory import UNKNOWN
from cache.readings.endpoint_answer import add_answer
from cache.readings.login import login_file, state_file, update_login
from cache.readings.snapshot import ODD, known_model_windows, open_readings, plain_name
from cache.readings.store import Readings, directory_in, read_readings
from cache.readings.writer import write_readings

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.model.entry import Entry
    from cache.model.windows import Window
    from cache.readings.directory import Directory
    from cache.work.request import Request

TRIES, PAUSE_S = 5, 0.01  # a tick holds the temp file for less than a millisecond


def read_directory(request: Request, entry: Entry, now: float) -> Directory:
    """Return the request's config directory, with who is signed in now; nothing is written."""
    read = request.variable
    _, directory = _open(request, entry, now)
    update_login(directory, login_file(read), directory.state_path or state_file(read), now)
    return directory


def known_windows(request: Request, entry: Entry, now: float) -> tuple[str, dict[str, Window]]:
    """Return the account of the request's config directory and its windows by id, as a line shows them."""
    _, directory = _open(request, entry, now)
    add_answer(directory, entry, now)
    models = known_model_windows(directory, entry, now)
    return directory.account or UNKNOWN, {**directory.owner(directory.account).windows(now), **models}


def _open(request: Request, entry: Entry, now: float) -> tuple[Readings, Directory]:
    """Return the readings and the directory, empty ones where the file is malformed."""
    name = plain_name(request.env.get("CLAUDE_CONFIG_DIR", ""))
    try:
        given = (str(request.cache), str(request.folder), name, entry, now)
        readings, directory = open_readings(*given)
        if readings.is_new and read_readings(given[0]) is not None:  # too many open files, for a moment
            readings, directory = open_readings(*given)
        directory.load()
        directory.owner(directory.account).windows(now)
    except ODD:
        readings = Readings({})
        return readings, directory_in(readings, name)
    return readings, directory


def change_directory(request: Request, entry: Entry, now: float, change: Callable[[Directory], None]) -> Directory:
    """Apply a change to the request's config directory, and return it.

    The file is read just before and written at once, so that a tick's change is rarely lost; the next tick restores it
    from the entry. Where the file cannot be written, the change is made in this process only.
    """
    name = plain_name(request.env.get("CLAUDE_CONFIG_DIR", ""))
    for _ in range(TRIES):
        readings, directory = _open(request, entry, now)
        try:
            change(directory)
        except ODD:
            readings = Readings({})
            directory = directory_in(readings, name)
            change(directory)
        if not directory.is_changed or write_readings(str(request.cache), readings, name, directory, now):
            break
        time.sleep(PAUSE_S)
    return directory
