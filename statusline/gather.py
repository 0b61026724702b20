"""Gathering what the line shows: everything is read here, before anything is rendered."""

from cache.model.entry import NOTHING_YET
from cache.model.git_head import branch_in, repository_of
from cache.model.lazy import further_module
from cache.model.osapi import setting
from cache.readings.snapshot import Snapshot, process_key, take_snapshot
from statusline.attempt import attempt
from statusline.segments.registry import needs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.reading import Limits
    from statusline.background import DueJob
    from statusline.config import Config
    from statusline.payload import Session


def gather(
    session: "Session",
    config: "Config",
    cache: "str",
    limits: "Limits",
    now: "float",
    *,
    of_plan: "bool" = True,
    project: "str | None" = "",
) -> "tuple[Snapshot, list[DueJob]]":
    """Return what is known of this session, and the jobs that are due for what its line shows.

    ``cache`` is empty where there is none; ``limits``, ``of_plan`` and ``project`` are as in `take_snapshot`. Where
    that fails, no window is shown: stdin alone does not say how old its limits are.
    """
    process = process_key(setting, session.words("session_id")) or ("s" if limits else "")
    known = attempt(take_snapshot, cache, process, limits, now, of_plan=of_plan, project=project)
    snapshot = known or Snapshot(NOTHING_YET, {})
    snapshot.home = setting("HOME").rstrip("/")
    return snapshot, attempt(add_surroundings, snapshot, session, config, cache, now) or []


def add_surroundings(
    snapshot: "Snapshot", session: "Session", config: "Config", cache: "str", now: "float"
) -> "list[DueJob]":
    """Fill in what the configured segments need besides usage; return the jobs that are due for it."""
    needs = {need for name in config.names for need in needs_of(name)}
    directory = session.directory
    in_checkout = directory and needs & {"branch", "operation", "git"}
    repository = attempt(repository_of, directory or "") if in_checkout else None
    if repository is not None:
        snapshot.branch = attempt(branch_in, repository)
    if not needs & {"operation", "git", "activity", "command"}:
        return []
    read_background = further_module("statusline.background").read_background
    values, due = read_background(needs, repository, session, config, cache, now)
    for name, value in values.items():
        setattr(snapshot, name, value)
    return due  # type: ignore[no-any-return]
