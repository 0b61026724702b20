"""One run for Claude Code: standard input and the cache in, one line out, and away."""

import time

from cache.model.billing import billing_of, proves_plan
from cache.model.entry import NOTHING_YET
from cache.model.git_head import branch_in, repository_of
from cache.model.lazy import further_module
from cache.model.osapi import setting, system
from cache.model.stdin_limits import reported_limits
from cache.readings.snapshot import Snapshot, place_of, process_key, take_snapshot
from statusline.attempt import FAILURES, attempt, keep_failure, tell_of_failures
from statusline.config import Config, read_config
from statusline.due import option, start_due, start_options
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows, usable_width
from statusline.render.theme import Looks, looks_of
from statusline.segments.registry import TABLE
from statusline.stdin import read_payload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from statusline.background import DueJob

NOTHING_TO_SAY = "hudline"  # never blank: an empty row would remove the line
DAMAGED = "hudline is damaged: run its install.sh again"


def main(argv: "list[str]") -> "None":
    """Print the line and leave with exit code 0, whatever happens.

    ``argv`` holds ``--cache DIR --config FILE`` as `install` wrote them; the environment wins over both. With
    ``prompt`` before them it is a shell that asks.
    """
    row = ""
    try:
        if argv[:1] == ["prompt"]:
            further_module("statusline.prompt").main(argv)
        row, starts = tick(argv, time.time())
        for start in starts:
            attempt(start)
    except BaseException as error:  # noqa: BLE001 - the one place that catches everything: a line must leave the building
        keep_failure(error)
    if FAILURES:
        attempt(tell_of_failures)
    leave(row or instead_of_a_row())


def instead_of_a_row() -> "str":
    """Return what is shown where there is nothing else: also what to do, if a file of ours is torn or gone."""
    return DAMAGED if any(isinstance(each, ImportError) for each in FAILURES) else NOTHING_TO_SAY


def leave(text: "str") -> "None":
    """Write the row and end at once: what an interpreter tidies up, nobody here needs."""
    try:
        system.write(1, text.encode("utf-8", "replace") + b"\n")
    except OSError:
        pass  # the reader has gone; there is nobody to tell
    system._exit(0)  # noqa: SLF001 - the documented name


def tick(argv: "list[str]", now: "float") -> "tuple[str, list[Callable[[], object]]]":
    """Return the row, and what is to be started before it is written; trouble with that must not cost the row."""
    cache = setting("STATUSLINE_CACHE_DIR") or option(argv, "--cache")
    config_path = setting("STATUSLINE_CONFIG") or option(argv, "--config")
    session = Session(attempt(read_payload), setting)
    config = attempt(read_config, config_path) or Config({"oauth": "unclear"})
    place = place_of(cache, setting("CLAUDE_CONFIG_DIR")) if cache else ""
    limits = attempt(reported_limits, session.part("rate_limits"), now) or {}
    proved, project = attempt(proves_plan, session.part("rate_limits")), attempt(getattr, session, "project") or ""
    billing = "" if proved else billing_of()
    process = process_key(setting, session.words("session_id")) or ("s" if limits else "")
    settings_of = None if proved else project
    # Where that fails, no window is shown: stdin alone does not tell how old its limits are.
    known = attempt(take_snapshot, cache, process, limits, now, of_plan=not billing, project=settings_of)
    snapshot = known or Snapshot(NOTHING_YET, {})
    due = attempt(take_in, session, snapshot, config, cache, now)
    row = attempt(row_of, session, snapshot, config, now) or ""
    starts: "list[Callable[[], object]]" = []
    if place:
        told = (cache, config_path, config, billing, "yes" if proved else "", project)
        starts.append(lambda: start_due(session, snapshot, place, start_options(*told), now))
    if due:
        starts.append(lambda: further_module("statusline.spawn").start_all(due, now))
    return row, starts


def take_in(session: "Session", snapshot: "Snapshot", config: "Config", cache: "str", now: "float") -> "list[DueJob]":
    """Put into the snapshot what the line needs besides usage; return the jobs that are due for it."""
    needs = {need for name in config.names for need in TABLE[name][3]}
    directory = session.directory
    in_checkout = directory and needs & {"branch", "operation", "git"}
    repository = attempt(repository_of, directory or "") if in_checkout else None
    if repository is not None:
        snapshot.branch = attempt(branch_in, repository)
    if not needs & {"operation", "git", "activity", "command"}:
        return []
    jobs = further_module("statusline.background")
    return jobs.look_at_jobs(needs, repository, session, snapshot, config, cache, now)  # type: ignore[no-any-return]


def row_of(session: "Session", snapshot: "Snapshot", config: "Config", now: "float") -> "str":
    """Return the rows that the configuration asks for."""
    snapshot.home = setting("HOME").rstrip("/")
    looks = attempt(looks_of, config.theme, config.glyphs, config.separator) or Looks()
    width = usable_width(setting("COLUMNS"), config.padding)
    return compose_rows(rows_of(session, snapshot, config, now), width, looks, wrap=config.wrap)
