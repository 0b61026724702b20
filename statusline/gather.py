"""Gathering what the line shows: everything is read here, before anything is rendered."""

from cache.model.entry import NOTHING_YET, part_of
from cache.model.files import real_path
from cache.model.git_head import branch_in, is_reftable, may_hide_branch, repository_of
from cache.model.jsonio import mapping, words
from cache.model.lazy import further_module
from cache.model.osapi import setting
from cache.readings.snapshot import Snapshot, process_key, take_snapshot
from statusline.attempt import attempt
from statusline.checkout import read_git, read_operation
from statusline.segments.registry import needs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.model.entry import Entry
    from cache.model.git_head import Repository
    from cache.readings.reading import Limits
    from statusline.checkout import DueJob
    from statusline.config import Config
    from statusline.payload import Session

SHORT_ID = 8  # characters of an account's id
WAITING_FOR_S = 90  # how long a session is shown as waiting; the job runs again after 30


OF_DEFAULT = ("branch", "git", "money", "operation", "sessions", "usage")  # what the default row needs; a test compares


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
    snapshot.home = attempt(home_for, session, setting("HOME").rstrip("/")) or ""
    return snapshot, attempt(add_surroundings, snapshot, session, config, cache, now) or []


def waiting_in(entry: "Entry", session: "Session", now: "float") -> "list[str]":
    """Return the names of the sessions that wait, but not of this one; none where that is long ago."""
    rows = mapping(entry.value).get("waiting")
    if not isinstance(rows, list) or not -WAITING_FOR_S < now - entry.fetched_at < WAITING_FOR_S:
        return []
    own_pid, own_id = session.setting("CLAUDE_PID"), session.words("session_id")
    others = [row for row in map(mapping, rows) if str(row.get("pid")) != own_pid and row.get("session") != own_id]
    return [words(row.get("name")) or "?" for row in others]


def home_for(session: "Session", home: "str") -> "str":
    """Return the home by the name under which the directory is in it: HOME may be a link to where it really is."""
    directory = session.directory or ""
    if not home or directory == home or directory.startswith(home + "/"):
        return home
    real = real_path(home) or home
    return real if directory == real or directory.startswith(real + "/") else home


def repository_in(session: "Session") -> "Repository | None":
    """Return the checkout whose branch matters to a session."""
    return repository_of(session.checkout or "", session.setting)


def entered_branch(session: "Session") -> "str | None":
    """Return the branch of a worktree that the payload names, None where the session is not about to enter one."""
    return None if session.checkout == session.directory else session.words("worktree", "branch")


def hidden_branch(repository: "Repository") -> "str":
    """Return the branch of a rebase or a bisection, empty where git's files do not name it."""
    operation = further_module("cache.model.git_operation").operation_of(repository.git_dir)
    return operation[1] if operation else ""


def is_waiting_watched(watches: "object") -> "bool":
    """Return whether one of the configured watches tells of sessions that wait."""
    return isinstance(watches, list) and any(mapping(each).get("on") == "waiting" for each in watches)


def add_surroundings(
    snapshot: "Snapshot", session: "Session", config: "Config", cache: "str", now: "float"
) -> "list[DueJob]":
    """Fill in what the configured segments need besides usage; return the jobs that are due for it."""
    needs = {*OF_DEFAULT} if config.is_default else {need for name in config.names for need in needs_of(name)}
    if "sessions" in needs or is_waiting_watched(config.given.get("watch")):
        snapshot.sessions = part_of(snapshot.entry, "sessions")
        snapshot.waiting = attempt(waiting_in, snapshot.sessions, session, now) or []
    if "account" in needs and snapshot.login:
        names = config.given.get("accounts")
        account_name = further_module("statusline.account_names").account_name
        snapshot.account_name = attempt(account_name, names, snapshot.login, []) or snapshot.login[:SHORT_ID]
    snapshot.shows_money = "money" in needs
    repository = None
    if needs & {"branch", "operation", "git"}:
        repository = attempt(repository_in, session)
    if repository is None and "branch" in needs:
        snapshot.branch = attempt(entered_branch, session)
    if repository is not None:
        snapshot.branch = attempt(branch_in, repository)
        if "operation" not in needs and may_hide_branch(repository):
            snapshot.branch = attempt(hidden_branch, repository) or snapshot.branch
        if is_reftable(repository):  # only git knows the branch
            needs.add("git")
        if "branch_money" in needs and cache:
            read_branch = further_module("statusline.branch_money").read_branch
            usd, is_estimate = attempt(read_branch, cache, repository.root, snapshot.branch) or (None, False)
            snapshot.branch_usd = usd
            if is_estimate:
                snapshot.estimated += ("branch",)
    values, due = read_kept(needs, repository, session, config, cache, now)
    for name, value in values.items():
        setattr(snapshot, name, value)
    return due


def read_kept(
    needs: "set[str]", repository: "Repository | None", session: "Session", config: "Config", cache: "str", now: "float"
) -> "tuple[dict[str, object], list[DueJob]]":
    """Return what git and the background jobs last said, by field of the snapshot, and the jobs that are due."""
    values: "dict[str, object]" = {}
    due: "list[DueJob]" = []
    if repository is not None:
        if "operation" in needs:
            values.update(attempt(read_operation, repository) or {})
        # A bare repository has no working tree whose status could be asked.
        if cache and "git" in needs and repository.git_dir != repository.root:
            found, due = attempt(read_git, repository, session, config.every("git"), cache, now) or ({}, [])
            values.update(found)
    if cache and needs & {"activity", "command"}:
        found, more = attempt(_read_background, needs, session, config, cache, now) or ({}, [])
        values.update(found)
        due += more
    return values, due


def _read_background(
    needs: "set[str]", session: "Session", config: "Config", cache: "str", now: "float"
) -> "tuple[dict[str, object], list[DueJob]]":
    return further_module("statusline.background").read_background(needs, session, config, cache, now)  # type: ignore[no-any-return]
