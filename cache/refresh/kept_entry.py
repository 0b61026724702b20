"""Where a job's entry is kept: in its own file, or as a part of the usage entry, which every line reads anyway.

A job holds its own lock while it works, which may take seconds. That of the usage entry is held only while a job
merges its result into the file, so whoever waits for it waits milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.entry import NOTHING_YET, entry_from, part_of, read_entry
from cache.model.files import read_file
from cache.model.jsonio import dump_json, mapping, parse_json
from cache.model.layout import MERGE_LOCK_FILE, PARTS, USAGE_FILE
from cache.refresh.lock import hold_lock
from cache.refresh.storage import write_whole
from cache.work.failures import Busy

if TYPE_CHECKING:
    from pathlib import Path

    from cache.model.entry import Entry
    from cache.work.request import Request

WAIT_S = 1.0  # for other jobs that are merging


def read_kept(request: Request) -> Entry:
    """Return the entry of a job, `NOTHING_YET` if there is none that is valid."""
    if request.job in PARTS:
        return part_of(read_entry(str(request.folder / USAGE_FILE)), request.job)
    return read_entry(str(request.entry_file))


def write_kept(request: Request, entry: Entry) -> None:
    """Keep the entry of a job; raise Unwritable, or Busy where the usage entry stays locked.

    Before the usage job has written its entry, which the first tick starts, there is nothing to merge into: Busy, too.
    """
    file = request.folder / USAGE_FILE
    if request.job not in PARTS and request.entry_file != file:
        write_whole(request.entry_file, entry.to_text())
        return
    with hold_lock(request.folder / MERGE_LOCK_FILE, WAIT_S):
        before = _fields_of(file)
        parts = {job: part for job, part in mapping(before.get("parts")).items() if job in PARTS}
        if request.job not in PARTS:
            fields = {**entry.as_json(), **({"parts": parts} if parts else {})}
        elif before:
            fields = {**before, "parts": {**parts, request.job: entry.as_json()}}
        else:
            raise Busy("there is no usage entry yet")
        write_whole(file, dump_json(fields))


def _fields_of(file: Path) -> dict[str, object]:
    """Return the object in the file as it is, also what only other versions know; an empty one if it is invalid."""
    try:
        fields = mapping(parse_json((read_file(str(file), ours=True) or b"null").decode()))
    except ValueError:
        fields = {}
    return fields if entry_from(fields) is not NOTHING_YET else {}
