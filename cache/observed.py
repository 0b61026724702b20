"""What all sessions of one config directory reported: kept by the ticks, so that each shows the freshest."""

from cache.files import read_file
from cache.merge import AHEAD_S, worth_keeping
from cache.reported import reported_windows
from cache.system import system
from cache.window import Window, windows_in
from cache.wire import dump_json, mapping, number, parse_json, whole

SESSIONS = 32  # the last ones that had news
LOGINS = 3  # versions of the login's file; what was seen under older ones, the refresher has taken in
OBSERVED_SCHEMA = 1


class Observed:
    """What sessions reported.

    ``by_login`` holds the few readings that can still matter, under the mark (`mark_of`) of the login's file that stood
    there when they were first seen; ``sessions`` as id -> (first seen at, limits).
    """

    __slots__ = ("by_login", "sessions")

    def __init__(
        self,
        by_login: "dict[str, list[Window]] | None" = None,
        sessions: "dict[str, tuple[int, dict[str, object]]] | None" = None,
    ) -> None:
        self.by_login = by_login or {}
        self.sessions = sessions or {}

    @property
    def readings(self) -> "list[Window]":
        """The readings under any login."""
        return [each for readings in self.by_login.values() for each in readings]

    def to_text(self) -> "str":
        """Return the text of its file."""
        rows = {login: [each.as_json() for each in readings] for login, readings in self.by_login.items()}
        return dump_json({"schema": OBSERVED_SCHEMA, "readings": rows, "sessions": self.sessions})


def mark_of(watch: "dict[str, list[int]]") -> "str":
    """Return what tells one version of the watched files from another: two logins never share it."""
    return " ".join(f"{mtime_ns}-{size}" for mtime_ns, size in watch.values())


def read_observed(path: "str") -> "Observed":
    """Return what the file holds, nothing where it is missing, torn or foreign."""
    data = read_file(path, ours=True)
    if data is None:
        return Observed()
    try:
        fields = mapping(parse_json(data.decode()))
    except ValueError:
        return Observed()
    if fields.get("schema") != OBSERVED_SCHEMA:
        return Observed()
    by_login = {login: windows_in(rows) for login, rows in mapping(fields.get("readings")).items()}
    return Observed(by_login, _sessions(fields.get("sessions")))


def _sessions(value: "object") -> "dict[str, tuple[int, dict[str, object]]]":
    found: "dict[str, tuple[int, dict[str, object]]]" = {}
    for id_, pair in mapping(value).items():
        if isinstance(pair, list) and len(pair) == 2:
            found[id_] = (whole(pair[0]) or 0, mapping(pair[1]))
    return found


def hand_in(
    observed: "Observed", session_id: "str", rate_limits: "object", now: "float", login: "str" = ""
) -> "Observed | None":
    """Return what is known after a session's ``rate_limits``, or None where they are no news.

    A reading is as old as the moment its session's limits first had this content: an idle session replays its last
    answer for hours. A window that only left, because its reset has passed, is no news either. What was first seen in
    the future, before the clock was set back, is seen anew. ``login`` is the mark of the login's file, by which the
    refresher tells whose readings they are.
    """
    limits = _content(rate_limits)
    first_seen, before = observed.sessions.get(session_id, (None, {}))
    is_same = all(before.get(id_) == content for id_, content in limits.items())
    if first_seen is None and (limits or session_id):
        first_seen = _earliest(observed, now)
    elif first_seen is None or (is_same and first_seen <= now + AHEAD_S):
        return None
    else:
        first_seen = int(now)
    sessions = {id_: pair for id_, pair in observed.sessions.items() if id_ != session_id}
    sessions[session_id] = (first_seen, limits if len(before) > 8 else {**before, **limits})
    while len(sessions) > SESSIONS:
        del sessions[next(iter(sessions))]
    return Observed(_with_news(observed, login, reported_windows(rate_limits, first_seen), now), sessions)


def _earliest(observed: "Observed", now: "float") -> "int":
    """Return when an unknown session's limits may have been seen first.

    Where the list is full, it may be one that was dropped from it, and replays what is as old as the oldest there.
    """
    known_since = [first_seen for first_seen, _ in observed.sessions.values()]
    return int(now) if len(known_since) < SESSIONS else min(int(now), *known_since)


def _with_news(observed: "Observed", login: "str", news: "list[Window]", now: "float") -> "dict[str, list[Window]]":
    """Return the readings by login with new ones; those of one login never push out those of another."""
    groups = {mark: each for mark, each in observed.by_login.items() if mark != login}
    groups[login] = observed.by_login.get(login, []) + news
    kept = {mark: worth_keeping(each, now) for mark, each in groups.items()}
    kept = {mark: each for mark, each in kept.items() if each}
    while len(kept) > LOGINS:
        del kept[next(iter(kept))]
    return kept


def _content(rate_limits: "object") -> "dict[str, object]":
    """Return what makes two reports the same: the raw numbers, whose jitter tells a new answer from a replay."""
    found: "dict[str, object]" = {}
    for id_, fields in mapping(rate_limits).items():
        limits = mapping(fields)
        if limits and len(found) < 8:
            found[id_] = [_plain(limits.get("used_percentage")), _plain(limits.get("resets_at"))]
    return found


def _plain(value: "object") -> "object":
    """Return a value that comes back from the file as it was: what is no finite number would come back as null."""
    return value if number(value) is not None else str(value)[:40]


def write_observed(path: "str", observed: "Observed") -> "bool":
    """Replace the file in one step; say whether that was done.

    Two ticks of one session overlap: the second finds the fixed temp name taken and leaves it to the next tick. What a
    killed tick leaves behind, the refresher removes.
    """
    temporary = path + ".tmp"
    flags = system.O_WRONLY | system.O_CREAT | system.O_EXCL | getattr(system, "O_NOFOLLOW", 0)
    try:
        fd = system.open(temporary, flags, 0o600)
    except OSError:
        return False
    try:
        data = observed.to_text().encode()
        whole_write = system.write(fd, data) == len(data)
    except OSError:
        whole_write = False
    system.close(fd)
    try:
        if whole_write:
            system.replace(temporary, path)
        else:
            system.unlink(temporary)
    except OSError:
        return False
    return whole_write
