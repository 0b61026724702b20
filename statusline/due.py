"""What a tick or a prompt starts before it ends: the refresher when the usage is due, and the log of failures."""

from cache.model.entry import has_changed, is_due, part_of
from cache.model.files import times_of
from cache.model.lazy import further_module
from cache.model.osapi import is_absolute, setting
from cache.model.staleness import reason_to_refresh
from statusline.attempt import FAILURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.model.entry import Entry
    from cache.readings.snapshot import Snapshot
    from statusline.config import Config
    from statusline.payload import Session


AGAIN_S = 60  # as long as the transcripts job waits where something was new


def option(argv: "list[str]", name: "str") -> "str":
    """Return the argument after ``name``, empty where there is none."""
    return argv[argv.index(name) + 1] if name in argv[:-1] else ""


def start_options(
    cache: "str", config_path: "str", config: "Config", billing: "str", proved: "str" = "", where: "Sequence[str]" = ()
) -> "list[str]":
    """Return the options of every refresher that is started; ``proved`` is ``yes`` where stdin proves a plan.

    ``where`` are those that name the session's project and working directory.
    """
    options = ["--cache", cache, "--config", config_path, "--oauth", config.oauth, "--billing", billing]
    return [*options, "--every", str(config.every("usage")), "--proved", proved, *where]


def start_due(session: "Session", snapshot: "Snapshot", place: "str", options: "list[str]", now: "float") -> "None":
    """Start the usage job if its numbers are due, or something that they depend on has changed.

    The transcripts are read again for the money that the line shows, and for an estimate.
    """
    oauth = "off" if setting("STATUSLINE_OAUTH") == "off" else option(options, "--oauth")
    billing = "api_key" if snapshot.keyed else option(options, "--billing")
    version = (session.words("version") or "")[:40]
    reason = reason_to_refresh(snapshot.entry, now, oauth, billing, snapshot.wanted, version)
    if reason:
        start_job = further_module("statusline.spawn").start_job
        start_job("usage", place, now, [*options, "--claude-version", version], changed=reason == "changed")
    money, estimate = part_of(snapshot.entry, "money"), snapshot.estimate
    is_money_due = (snapshot.shows_money or reason) and is_due(money, now)
    if is_money_due or (estimate is not None and is_due(estimate, now)):
        further_module("statusline.spawn").start_job("transcripts", place, now, options)
    elif has_grown(session, money if snapshot.shows_money else estimate, now):
        further_module("statusline.spawn").start_job("transcripts", place, now, [*options, "--changed", "yes"])


def start_sessions(entry: "Entry", place: "str", options: "list[str]", now: "float") -> "None":
    """Start the sessions job if it is due, or a session has started, ended or changed since it looked."""
    changed = has_changed(entry)
    if changed or is_due(entry, now):
        further_module("statusline.spawn").start_job("sessions", place, now, options, changed=changed)


def has_grown(session: "Session", kept: "Entry | None", now: "float") -> "bool":
    """Return whether the session's transcript was written to since the transcripts were last read.

    ``kept`` is what the line shows of that: None for nothing. The job waits longer while nothing is new; while
    something is, it is due often enough without this.
    """
    path = session.words("transcript_path")
    if kept is None or path is None or kept.problem is not None or now - kept.fetched_at < AGAIN_S:
        return False
    return is_absolute(path) and kept.fetched_at < times_of(path)[0] / 1e9 <= now


def log_failures() -> "None":
    """Log what failed to the file that STATUSLINE_DEBUG names, if any."""
    path = setting("STATUSLINE_DEBUG")
    if path:
        further_module("statusline.debug").report_failures(FAILURES, path)
