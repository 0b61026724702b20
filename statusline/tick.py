"""One run of the status line: standard input and the cache in, one line out."""

import time

from cache.model.billing import billing_of, proves_plan
from cache.model.entry import NOTHING_YET
from cache.model.files import times_of
from cache.model.lazy import further_module
from cache.model.osapi import setting, system
from cache.model.stdin_limits import reported_limits
from cache.readings.login import home_in
from cache.readings.snapshot import place_of, save_news
from statusline.attempt import FAILURES, NOTICES, attempt, keep_failure
from statusline.config import Config, read_config
from statusline.due import log_failures, option, start_due, start_options, start_sessions
from statusline.gather import gather
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows, usable_width
from statusline.render.theme import Style, style_for
from statusline.stdin import read_payload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.readings.snapshot import Snapshot

    Instead = Callable[[Session, Snapshot, Config, float], str]

NOTHING_TO_SAY = "hudline"  # never blank: an empty row would remove the line
DAMAGED = "hudline is damaged: run its install.sh again"


def main(argv: "list[str]", instead: "Instead | None" = None) -> "None":
    """Print the line and leave with exit code 0, whatever happens; ``instead`` says what to print without a line.

    ``argv`` holds ``--cache DIR --config FILE`` as `install` wrote them; the environment wins over both. Paths that
    come from the environment, too, are named ``--found-cache`` and ``--found-config``. With ``prompt`` before them a
    shell's prompt is meant.
    """
    row = ""
    try:
        if argv[:1] == ["prompt"]:
            further_module("statusline.prompt").main(argv)
        row, steps = tick(argv, time.time(), instead)
        for step in steps:
            attempt(step)
    except BaseException as error:  # noqa: BLE001 - the one place that catches everything: there must be a line
        keep_failure(error)
    if FAILURES:
        attempt(log_failures)
    leave("\n".join([row or fallback_row(), *NOTICES[:1]]))


def fallback_row() -> "str":
    """Return what is shown in place of a row; if a file of ours is torn or missing, what to do about it."""
    return DAMAGED if any(isinstance(each, ImportError) for each in FAILURES) else NOTHING_TO_SAY


def leave(text: "str") -> "None":
    """Write the row and exit at once: the interpreter's own cleanup is not needed."""
    try:
        system.write(1, text.encode("utf-8", "replace") + b"\n")
    except OSError:
        pass  # the reader has gone
    system._exit(0)  # noqa: SLF001 - the documented name


def tick(argv: "list[str]", now: "float", instead: "Instead | None" = None) -> "tuple[str, list[Callable[[], object]]]":
    """Return the row, and what is to be done before it is written; a failure there must not cost the row."""
    chosen_cache, cache = setting("STATUSLINE_CACHE_DIR") or option(argv, "--found-cache"), option(argv, "--cache")
    chosen, installed = setting("STATUSLINE_CONFIG") or option(argv, "--found-config"), option(argv, "--config")
    config_path = chosen or installed
    session = Session(attempt(read_payload), setting)
    config = attempt(read_config, config_path) or Config({"oauth": "unclear"})
    if chosen and chosen != installed and attempt(may_be_of_project, chosen, session, is_cache=False) is not False:
        # The variable can come from the project's settings: what is in the project names no programs to run.
        config.commands, config_path, config.hint = {}, installed, False
        config.given.pop("watch", None)
    # A cache there would have the numbers of a repository, and not know when the endpoint was asked.
    is_other = chosen_cache not in {"", cache}
    if is_other and attempt(may_be_of_project, chosen_cache, session, is_cache=True) is False:
        cache = chosen_cache
    place = place_of(cache, setting("CLAUDE_CONFIG_DIR")) if cache else ""
    limits = attempt(reported_limits, session.part("rate_limits"), now) or {}
    proved, project = attempt(proves_plan, session.part("rate_limits")), attempt(getattr, session, "project") or ""
    billing = "" if proved else billing_of()
    where = ["--project", project, "--directory", attempt(getattr, session, "directory") or ""]
    settings_of = None if proved else project
    snapshot, due = gather(session, config, cache, limits, now, of_plan=not billing, project=settings_of)
    row = attempt(row_of, session, snapshot, config, now) or ""
    if instead is not None and not row:
        row = attempt(instead, session, snapshot, config, now) or ""
    steps: "list[Callable[[], object]]" = []
    if place:
        steps.append(lambda: save_news(cache, snapshot, now))
        proof = "yes" if proved else ""
        options = attempt(start_options, cache, config_path, config, billing, proof, where) or []
        sessions = snapshot.sessions
        if options:
            steps.append(lambda: start_due(session, snapshot, place, options, now))
        if options and sessions is not None and snapshot.entry is not NOTHING_YET:  # there must be one to merge it into
            steps.append(lambda: start_sessions(sessions, place, options, now))
        if config.hint:
            steps.append(lambda: further_module("statusline.context_steps").keep_context(session, place))
    if due:
        steps.append(lambda: further_module("statusline.spawn").start_all(due, now, where))
    if place and snapshot.news is not None and snapshot.news[0].is_new:
        # The first tick of all could not write it down before: the start of a refresher makes the cache directory.
        steps.append(lambda: save_news(cache, snapshot, now))
    return row, steps


def may_be_of_project(path: "str", session: "Session", *, is_cache: "bool") -> "bool":
    """Return whether a path may be in the session's project; a message that names none decides nothing for a cache."""
    directory = session.directory or ""
    folder = session.project or directory or setting("CLAUDE_PROJECT_DIR")
    if not folder:
        return bool(session.payload) and not is_cache  # without a message it is no session, but a terminal
    home = setting("HOME") if is_cache else ""
    return further_module("cache.model.trust").is_of_project(path, folder, directory, home)  # type: ignore[no-any-return]


def theme_of_host(session: "Session", snapshot: "Snapshot") -> "str":
    """Return Claude Code's theme as the refresher read it, or from its settings if they have changed since.

    To wait for the refresher would take a tick more, and Claude Code starts one every 10 s.
    """
    for path, times in snapshot.entry.watch.items():
        if path.endswith("settings.json") and times_of(path) != times:
            chosen_theme = further_module("cache.model.trust").chosen_theme
            theme = chosen_theme(path, setting("CLAUDE_CONFIG_DIR"), home_in(setting), session.project or "")
            return snapshot.theme if theme is None else theme
    return snapshot.theme


def row_of(session: "Session", snapshot: "Snapshot", config: "Config", now: "float") -> "str":
    """Return the rows that the configuration asks for."""
    theme, glyphs, separator, colors = config.theme, config.glyphs, config.separator, config.colors
    host_theme = attempt(theme_of_host, session, snapshot) or ""
    style = attempt(style_for, theme, glyphs, separator, colors=colors, host_theme=host_theme) or Style()
    width = usable_width(setting("COLUMNS"), config.padding)
    return compose_rows(rows_of(session, snapshot, config, now), width, style, wrap=config.wrap)
