"""What a tick knows, as one value: the kept entry, what sessions observed, and the windows to believe."""

from cache.entry import NOTHING_YET, Entry, read_entry
from cache.files import times_of
from cache.merge import believe, has_ended
from cache.observed import Observed, hand_in, mark_of, read_observed, write_observed
from cache.reported import KNOWN, reported_windows
from cache.window import Window, windows_in
from cache.wire import mapping, whole, words

STALE_S = 20 * 60  # an older number says its age, or gives way to an estimate
NAME_AT_MOST = 200  # bytes of a directory's name


class Snapshot:
    """``windows`` by id are what to show; ``entry`` is the refresher's.

    From it come ``plan``, ``spend``, ``runs_out_at`` (epoch seconds) and ``mcp`` (how many of the servers' logins are
    ``expired`` and ``missing``). The rest is filled in by the tick, as far as the line shows it: ``branch`` and
    ``operation`` (``rebase 2/5``) are those of the checkout where the session works, ``git`` and ``activity`` are what
    their jobs found, ``commands`` the last output of the person's own by name, ``home`` the person's home.
    """

    __slots__ = (
        "activity",
        "branch",
        "commands",
        "entry",
        "estimate",
        "git",
        "home",
        "mcp",
        "operation",
        "plan",
        "runs_out_at",
        "spend",
        "windows",
    )

    def __init__(self, entry: "Entry", windows: "dict[str, Window]") -> None:
        self.entry = entry
        self.windows = windows
        value = mapping(entry.value)
        self.plan = words(value.get("plan"))
        self.spend = mapping(value.get("spend"))
        self.runs_out_at = whole(value.get("runs_out_at"))
        self.mcp = mapping(value.get("mcp"))
        self.branch: "str | None" = None
        self.operation: "str | None" = None
        self.git: "dict[str, object]" = {}
        self.activity: "dict[str, object]" = {}
        self.commands: "dict[str, str]" = {}
        self.home = ""
        self.estimate: "Entry | None" = None  # that of the transcripts job, read only where a number is stale


def place_of(cache: "str", config_dir: "str") -> "str":
    """Return the folder of the usage files of one CLAUDE_CONFIG_DIR (empty: the default one)."""
    return f"{cache}/dirs/{plain_name(config_dir)}" if config_dir else cache


def plain_name(text: "str") -> "str":
    """Return a name for a file, another for every path or id: ASCII letters and digits stay, bytes become ``%XX``."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, as JSON can hold it
        data = text.encode("utf-8", "surrogatepass")
    name = "".join(map(_plain_byte, data))
    return name if len(name) <= NAME_AT_MOST else f"{name[: NAME_AT_MOST - 17]}-{fingerprint(name):016x}"


def _plain_byte(byte: "int") -> "str":
    char = chr(byte)
    return char if char.isascii() and char.isalnum() else f"%{byte:02X}"


def fingerprint(text: "str") -> "int":
    """Return FNV-1a of 64 bits: tells long paths of one user apart without importing hashlib."""
    found = 0xCBF29CE484222325
    for char in text:
        found = (found ^ ord(char)) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return found


def take_snapshot(
    place: "str", session_id: "str | None", rate_limits: "object", now: "float", *, of_plan: "bool" = True
) -> "Snapshot":
    """Read the kept files, hand in what this session reports, and settle what to believe.

    ``place`` is the folder of `place_of`; a missing one means that stdin alone speaks. A session that is not paid by a
    plan (``of_plan`` false) shows no kept numbers either: they are not its own.
    """
    entry = read_entry(place + "/usage.json") if place else NOTHING_YET
    if not of_plan or not place:
        snapshot = Snapshot(entry, believe(reported_windows(rate_limits, now), now))
        snapshot.plan, snapshot.spend, snapshot.runs_out_at = None, {}, None
        return snapshot
    observed = read_observed(place + "/observed.json")
    login = mark_of({path: times_of(path) for path in entry.watch})
    news = hand_in(observed, session_id or "", rate_limits, now, login)
    if news is not None:
        write_observed(place + "/observed.json", news)
        observed = news
    snapshot = Snapshot(entry, believe(believed_readings(entry, observed), now))
    if any(is_stale(snapshot.windows.get(id_), now) for id_, _ in KNOWN):
        snapshot.estimate = read_entry(place + "/transcripts.json")
        _fill_in(snapshot, now)
    return snapshot


def is_stale(window: "Window | None", now: "float") -> "bool":
    """Say whether a number is missing or old enough to tell its age."""
    return window is None or now - window.observed_at > STALE_S


def _fill_in(snapshot: "Snapshot", now: "float") -> "None":
    """Put fresh estimates where no official number is fresh; they are of this account and of a later time."""
    value = mapping(snapshot.estimate.value if snapshot.estimate else None)
    if value.get("account") != mapping(snapshot.entry.value).get("account", "unknown"):
        return
    for each in windows_in(value.get("windows")):
        official = snapshot.windows.get(each.id)
        is_news = official is None or each.observed_at > official.observed_at
        if is_stale(official, now) and is_news and not is_stale(each, now) and not has_ended(each, now):
            snapshot.windows[each.id] = each


def believed_readings(entry: "Entry", observed: "Observed") -> "list[Window]":
    """Return the readings of the current account: those kept for it, and what sessions saw since it signed in."""
    value = mapping(entry.value)
    since = whole(value.get("account_since")) or 0
    kept = windows_in(value.get("windows")) + windows_in(entry.readings)
    return kept + [each for each in observed.readings if each.observed_at >= since]
