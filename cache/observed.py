"""What all sessions of one config directory reported: kept by the ticks, so that each shows the freshest."""

from cache.files import read_file
from cache.merge import worth_keeping
from cache.reported import reported_windows
from cache.system import system
from cache.window import Window, windows_in
from cache.wire import dump_json, mapping, parse_json, whole

SESSIONS = 32  # the last ones that had news
OBSERVED_SCHEMA = 1


class Observed:
    """``readings`` of any session, the few that can still matter; ``sessions`` as id -> [first seen at, limits]."""

    __slots__ = ("readings", "sessions")

    def __init__(
        self, readings: "list[Window] | None" = None, sessions: "dict[str, tuple[int, object]] | None" = None
    ) -> None:
        self.readings = readings or []
        self.sessions = sessions or {}

    def to_text(self) -> "str":
        """Return the text of its file."""
        rows = [each.as_json() for each in self.readings]
        return dump_json({"schema": OBSERVED_SCHEMA, "readings": rows, "sessions": self.sessions})


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
    return Observed(windows_in(fields.get("readings")), _sessions(fields.get("sessions")))


def _sessions(value: "object") -> "dict[str, tuple[int, object]]":
    found: "dict[str, tuple[int, object]]" = {}
    for id_, pair in mapping(value).items():
        if isinstance(pair, list) and len(pair) == 2:
            found[id_] = (whole(pair[0]) or 0, pair[1])
    return found


def hand_in(observed: "Observed", session_id: "str", rate_limits: "object", now: "float") -> "Observed | None":
    """Return what is known after a session's ``rate_limits``, or None where they are no news.

    A reading is as old as the moment its session's limits first had this content: an idle session replays its last
    answer for hours. A window that only left, because its reset has passed, makes the rest no newer.
    """
    limits = _content(rate_limits)
    seen_at, before = observed.sessions.get(session_id, (0, None))
    if not limits or limits == before:
        return None
    if isinstance(before, dict) and all(before.get(id_) == content for id_, content in limits.items()):
        first_seen = seen_at
    else:
        first_seen = int(now)
    readings = worth_keeping(observed.readings + reported_windows(rate_limits, first_seen), now)
    sessions = dict(observed.sessions)
    sessions.pop(session_id, None)
    sessions[session_id] = (first_seen, limits)
    while len(sessions) > SESSIONS:
        del sessions[next(iter(sessions))]
    return Observed(readings, sessions)


def _content(rate_limits: "object") -> "dict[str, object]":
    """Return what makes two reports the same: the raw numbers, whose jitter tells a new answer from a replay."""
    found: "dict[str, object]" = {}
    for id_, fields in mapping(rate_limits).items():
        limits = mapping(fields)
        if limits and len(found) < 8:
            found[id_] = [_plain(limits.get("used_percentage")), _plain(limits.get("resets_at"))]
    return found


def _plain(value: "object") -> "object":
    return value if isinstance(value, (int, float)) else str(value)[:40]


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
