"""What a tick knows, as one value: the kept entry, whose numbers they are, and the windows to show."""

from cache.model.billing import is_keyed
from cache.model.entry import NOTHING_YET, Entry, read_entry
from cache.model.jsonio import mapping, number, whole, words
from cache.model.layout import DIRECTORIES_FOLDER, TRANSCRIPTS_FILE, USAGE_FILE
from cache.model.lazy import further_module
from cache.model.limits import only_money_limits, projections_in
from cache.model.osapi import setting
from cache.model.stdin_limits import reported_windows
from cache.model.windows import PLAN_WIDE, Window, has_ended, windows_in
from cache.readings.directory import IN_FLIGHT_S, UNKNOWN, is_former_id
from cache.readings.endpoint_answer import add_answer, is_held, model_windows
from cache.readings.hearing import hear
from cache.readings.login import is_settling, login_file, state_file, update_login
from cache.readings.store import Readings, directory_in, read_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.readings.directory import Content, Directory, Process
    from cache.readings.reading import Limits

# What a file that is not as we wrote it may raise in use.
ODD = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
STALE_S = 20 * 60  # an older number says its age, or gives way to an estimate
_USUAL_IN_PATHS = (("%", "%25"), ("/", "%2F"), ("-", "%2D"), ("_", "%5F"), (".", "%2E"))
NAME_AT_MOST = 200  # bytes of a directory's name


class Snapshot:
    """``windows`` by id are what to show; ``entry`` is the refresher's; ``account`` is whose login it is.

    ``news`` is what `save_news` writes down, None where nothing is new. ``wanted`` is ``changed`` or ``due`` where the
    refresher is to be started for what this tick saw, else empty. From the entry come ``plan``, ``spend``,
    ``projections`` (for `run_out`), ``expected`` (points of the week's pace, as `cache.usage.working_time` makes them),
    ``mcp`` (how many of the servers' logins are ``expired`` and ``missing``) and ``theme``, which is Claude Code's,
    empty if unknown.
    ``spent`` are the dollars of answers on this machine, by the id of a window of which no percentage is known.
    ``keyed`` says that a program hands out an API key for this session, ``is_of_account`` that it uses the account's
    login beyond doubt, so that estimates count. The rest is filled in by the tick, as far as
    the line shows it:
    ``branch`` and ``operation`` (``rebase 2/5``) are those of the checkout where the session works, ``git`` and
    ``activity`` are what their jobs found, ``commands`` the last output of the person's own by name, ``home`` the
    person's home, ``sessions`` the entry of the sessions job, ``waiting`` the names of the other sessions that wait.
    ``login`` is the account that this session's numbers are of, empty where that is not certain, and ``account_name``
    what to call it. ``money`` is what was spent on this machine, in the shape of `cache.money.amounts`;
    ``shows_money`` says that the line needs it, ``branch_usd`` is what the branch took. ``estimated`` has the
    ids in ``spent``, and ``branch``, whose dollars are estimates because a model's price is unknown.
    """

    __slots__ = (
        "account",
        "account_name",
        "activity",
        "branch",
        "branch_usd",
        "commands",
        "entry",
        "estimate",
        "estimated",
        "expected",
        "git",
        "home",
        "is_of_account",
        "keyed",
        "login",
        "mcp",
        "money",
        "news",
        "operation",
        "plan",
        "projections",
        "sessions",
        "shows_money",
        "spend",
        "spent",
        "theme",
        "waiting",
        "wanted",
        "windows",
    )

    def __init__(self, entry: "Entry", windows: "dict[str, Window]", account: "str | None" = None) -> None:
        value = mapping(entry.value)
        self.entry = entry
        self.windows = windows
        self.account = account or words(value.get("account")) or UNKNOWN
        self.wanted = ""
        self.news: "tuple[Readings, str, Directory] | None" = None
        self.plan = words(value.get("plan"))
        self.spend = mapping(value.get("spend"))
        self.projections = projections_in(value) if value else {}
        self.expected = value.get("expected")
        self.keyed = self.is_of_account = False
        self.spent: "dict[str, float]" = {}
        self.estimated: "tuple[str, ...]" = ()
        self.mcp = mapping(value.get("mcp"))
        self.theme = words(value.get("theme")) or ""
        self.branch: "str | None" = None
        self.operation: "str | None" = None
        self.git: "dict[str, object]" = {}
        self.activity: "dict[str, object]" = {}
        self.commands: "dict[str, str]" = {}
        self.home = self.login = self.account_name = ""
        self.sessions: "Entry | None" = None  # read only where the line shows it, or a watch tells of it
        self.waiting: "list[str]" = []
        self.money = mapping(mapping(entry.parts.get("money")).get("value"))
        self.shows_money = False
        self.branch_usd: "float | None" = None
        self.estimate: "Entry | None" = None  # that of the transcripts job, read only where a number is stale


def forget_plan(snapshot: "Snapshot") -> "None":
    """Drop what the entry tells of a plan: it is another login's."""
    snapshot.plan, snapshot.spend, snapshot.projections, snapshot.expected = None, {}, {}, None


def place_of(cache: "str", config_dir: "str") -> "str":
    """Return the folder of the usage files of one CLAUDE_CONFIG_DIR (empty: the default one)."""
    return f"{cache}/{DIRECTORIES_FOLDER}/{plain_name(config_dir)}" if config_dir else cache


def plain_name(text: "str") -> "str":
    """Return a name for a file, another for every path or id: ASCII letters and digits stay, bytes become ``%XX``."""
    name = text
    for sign, code in _USUAL_IN_PATHS:
        name = name.replace(sign, code)
    if text.isascii() and len(name) <= NAME_AT_MOST and (not text or name.replace("%", "").isalnum()):
        return name  # as most paths are: to look at every character takes 0.1 % of a start
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


def process_key(read: "Callable[[str], str]", session_id: "str | None") -> "str":
    """Return what tells one running Claude Code from another, empty for a tick that none of them started."""
    pid = read("CLAUDE_PID")
    if pid.isascii() and pid.isdigit() and len(pid) <= 10:
        return "p" + pid
    return "s" + session_id[:64] if session_id else ""


def take_snapshot(
    cache: "str",
    process: "str",
    limits: "Limits",
    now: "float",
    *,
    of_plan: "bool" = True,
    project: "str | None" = "",
    read: "Callable[[str], str]" = setting,
) -> "Snapshot":
    """Read the kept files, add what this process reports, and decide what to show; `save_news` writes the news down.

    ``cache`` is the cache directory; without one stdin alone speaks. ``process`` is that of `process_key`, ``read``
    returns a variable of the environment. A session that is not paid by a plan (``of_plan`` false) shows no kept
    numbers either: they are not its own. Nor does one whose settings name a program that hands out an API key, those of
    the person or of its ``project``; None where stdin proves a plan, whatever the settings say.
    """
    config_dir, now = read("CLAUDE_CONFIG_DIR"), round(now, 2)
    place = place_of(cache, config_dir) if cache else ""
    entry = read_entry(f"{place}/{USAGE_FILE}") if place else NOTHING_YET
    keyed = project is not None and is_keyed(mapping(entry.value), project)
    if not of_plan or keyed or not place:
        snapshot = Snapshot(entry, reported_windows(limits, now))
        forget_plan(snapshot)
        snapshot.keyed = keyed
        return snapshot
    name = plain_name(config_dir)
    try:
        readings, directory = open_readings(cache, place, name, entry, now)
        snapshot = _observe(directory, entry, process, limits, now, read)
    except ODD:
        readings = Readings({})
        directory = directory_in(readings, name)
        snapshot = _observe(directory, entry, process, limits, now, read)
    snapshot.news = (readings, name, directory) if directory.is_changed else None
    if only_money_limits(snapshot.windows, snapshot.spend, snapshot.plan):
        snapshot.windows = {}
        return snapshot
    if any(is_stale(snapshot.windows.get(id_), now) for id_ in PLAN_WIDE):
        snapshot.estimate = read_entry(f"{place}/{TRANSCRIPTS_FILE}")
        if snapshot.is_of_account:
            _fill_in(snapshot, now)
    return snapshot


def save_news(cache: "str", snapshot: "Snapshot", now: "float") -> "None":
    """Write down what is new in a snapshot, so that other sessions know it; what was not written stays news."""
    if snapshot.news is not None:
        readings, name, directory = snapshot.news
        if further_module("cache.readings.writer").write_readings(cache, readings, name, directory, now):
            snapshot.news = None


def open_readings(
    cache: "str", place: "str", name: "str", entry: "Entry", now: "float"
) -> "tuple[Readings, Directory]":
    """Return what is kept of all config directories, and of the one with this name; earlier versions' files count."""
    kept = read_readings(cache)
    readings = kept or Readings()
    directory = directory_in(readings, name)
    if directory.account is None and entry.value is not None and entry.answer is None:
        directory.account = words(mapping(entry.value).get("account"))
        further_module("cache.readings.takeover").take_over(directory, entry, place, now)
    return readings, directory


def _observe(
    directory: "Directory",
    entry: "Entry",
    process_key: "str",
    limits: "Limits",
    now: "float",
    read: "Callable[[str], str]",
) -> "Snapshot":
    """Bring the directory up to date, and return what this process shows."""
    state_path = directory.state_path or state_file(read)
    has_switched = update_login(directory, login_file(read), state_path, now, is_held=is_held(directory, entry, now))
    if directory.account is None:
        directory.account = words(mapping(entry.value).get("account")) or UNKNOWN
    held = is_held(directory, entry, now)
    was_held = add_answer(directory, entry, now)
    if directory.waiting:
        further_module("cache.readings.news").settle_waiting(directory, now, is_held=held)
    process, content = hear(directory, process_key, limits, now) if process_key else (None, None)
    snapshot = Snapshot(entry, {}, directory.account)
    snapshot.wanted = wanted(directory, entry)
    if has_switched or was_held or is_settling(directory, now, is_held=held):
        forget_plan(snapshot)
    else:
        fill_in_numbers(snapshot, directory, process, content, now)
    if directory.is_changed:
        directory.load()  # it will be written: what is malformed must show here
    return snapshot


def fill_in_numbers(
    snapshot: "Snapshot", directory: "Directory", process: "Process | None", content: "Content | None", now: "float"
) -> "None":
    """Put in the numbers of the login that a process has; where that is in doubt, its own answer at most.

    ``content`` is None for a tick without limits, and for a command: then the last answer of the process counts.
    """
    if content is None and process is not None:
        content = process.content
    owner = process.owner if process is not None and process.owner is not None else snapshot.account
    is_waiting = content is not None and any(each is content for each, _ in directory.waiting)
    if is_waiting or _may_have_former_login(directory, process, content, now):
        forget_plan(snapshot)
        if is_waiting and content is not None:  # until its owner is known, only its own process shows it
            reported = reported_windows(content.limits, content.first_seen_at, age_known=content.dated)
            snapshot.windows = {id_: each for id_, each in reported.items() if not has_ended(each, now)}
        return
    snapshot.is_of_account = owner == snapshot.account
    snapshot.windows = directory.owner(owner).windows(now)
    if not _is_of(snapshot.entry, directory) or not snapshot.is_of_account:
        forget_plan(snapshot)
    if snapshot.is_of_account:
        snapshot.windows.update(known_model_windows(directory, snapshot.entry, now))
    is_known = snapshot.is_of_account or owner in directory.formers
    snapshot.login = owner if is_known and owner != UNKNOWN else ""


def _may_have_former_login(
    directory: "Directory", process: "Process | None", content: "Content | None", now: "float"
) -> "bool":
    """Return whether a process may have the former login: it has reported a former account's answer since the switch.

    It may also have the new one, and the answer was under way.
    """
    switched_at = directory.switched_at
    if content is None or process is None or process.owner is not None or switched_at is None:
        return False
    is_recent = content.first_seen_at >= switched_at and now - switched_at < IN_FLIGHT_S
    return is_recent and content.owner in directory.formers


def wanted(directory: "Directory", entry: "Entry") -> "str":
    """Return ``changed`` for an entry of another account, ``due`` where the endpoint is to be asked, or nothing."""
    account = words(mapping(entry.value).get("account")) or UNKNOWN
    if entry.value is not None and account != directory.account:
        return "changed"
    return "due" if directory.ask or directory.is_unread else ""


def _is_of(entry: "Entry", directory: "Directory") -> "bool":
    """Return whether an entry is of the directory's account; an earlier version named it in another way."""
    account = words(mapping(entry.value).get("account")) or UNKNOWN
    return account == directory.account or (is_former_id(account) and directory.switched_at is None)


def known_model_windows(directory: "Directory", entry: "Entry", now: "float") -> "dict[str, Window]":
    """Return the windows of single models in the account's last answer, whichever config directory got it.

    Earlier versions kept that answer in the entry alone, or its windows among those of the entry.
    """
    models = directory.owner(directory.account).models
    if isinstance(models, list):
        return model_windows(models, now)
    if entry.answer is not None:
        is_ours = entry.answer.get("account") == directory.account
        return model_windows(entry.answer.get("windows"), now) if is_ours else {}
    return model_windows(mapping(entry.value).get("windows"), now) if _is_of(entry, directory) else {}


def is_stale(window: "Window | None", now: "float") -> "bool":
    """Return whether a number is missing or old enough to tell its age."""
    return window is None or now - window.observed_at > STALE_S


def _fill_in(snapshot: "Snapshot", now: "float") -> "None":
    """Put fresh estimates where no official number is fresh; they are of this account and of a later time."""
    value = mapping(snapshot.estimate.value if snapshot.estimate else None)
    if value.get("account") != snapshot.account:
        return
    for each in windows_in(value.get("windows")):
        known = snapshot.windows.get(each.id)
        is_news = known is None or each.observed_at > known.observed_at
        if is_stale(known, now) and is_news and not is_stale(each, now) and not has_ended(each, now):
            snapshot.windows[each.id] = each
    if snapshot.estimate is not None and -STALE_S < now - snapshot.estimate.fetched_at <= STALE_S:
        spent = spent_in(value.get("spent"), now)
        snapshot.spent = {id_: usd for id_, usd in spent.items() if id_ not in snapshot.windows}
        rows = mapping(value.get("spent"))
        snapshot.estimated = tuple([id_ for id_ in snapshot.spent if mapping(rows.get(id_)).get("estimated") is True])


def spent_in(rows: "object", now: "float") -> "dict[str, float]":
    """Return the dollars spent on this machine by window id, ``{id: {"usd", "resets_at"}}`` in; not of ended ones."""
    found = {}
    for id_, row in mapping(rows).items():
        usd, resets_at = number(mapping(row).get("usd")), whole(mapping(row).get("resets_at"))
        if usd is not None and usd > 0 and (resets_at is None or resets_at > now):
            found[id_] = usd
    return found
