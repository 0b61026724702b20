"""Reads all that is new in the transcripts, with progress on a terminal; a first time takes a while."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from cache.model.layout import INDEX_FILE, LOCK_SUFFIX
from cache.money.periods import DAY_S
from cache.refresh.lock import hold_lock
from cache.refresh.storage import make_ours
from cache.sources.claude.paths import config_directory, home_of
from cache.sources.claude.settings import cleanup_days
from cache.sources.configuration import read_configuration
from cache.sources.transcripts.coverage import note_complete
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.prices import Prices, overrides_in
from cache.sources.transcripts.rollup import roll_up
from cache.sources.transcripts.scan import newest_first, roots_of, scan
from statusline.commands.support.terminal import status_line

if TYPE_CHECKING:
    from pathlib import Path

    from cache.work.request import Request

PATIENCE_S = 10.0  # a background job that reads them takes 4 s at most
SLICE_S = 0.5  # between two looks at the progress
MEGABYTE = 10**6


def read_all(request: Request, now: float) -> tuple[Path, Prices]:
    """Bring the index up to date; return where it is, and the prices to count with.

    Raises Unwritable, Busy or Damaged where it cannot be used.
    """
    prices = Prices(overrides_in(read_configuration(str(request.config)).get("prices")))
    roots = roots_of(config_directory(request.env), home_of(request.env))
    index = request.folder / INDEX_FILE
    make_ours(request.cache)
    make_ours(request.folder)
    lock = request.entry_file.with_suffix(LOCK_SUFFIX)
    with (
        hold_lock(lock, PATIENCE_S),
        status_line(shown=sys.stderr.isatty()) as say,
        open_index(index, prices) as store,
    ):
        total = sum(each.identity[1] for each in newest_first(roots, now))
        done, finished = 0, False
        while not finished:
            found = scan(store, roots, now=now, budget_s=SLICE_S)
            done, finished = done + found.bytes_read, found.finished
            say(f"reading transcripts: {done // MEGABYTE} of at most {total // MEGABYTE} MB")
        note_complete(store, now, lambda: cleanup_days(request.env) * DAY_S)
        say("adding up ...")
        while not roll_up(store, now, time.monotonic() + SLICE_S):
            pass
    return index, prices
