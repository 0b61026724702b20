"""What may stand where Claude Code, our own files and a terminal are read: strategies for hypothesis."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from cache.model.entry import Entry
from cache.model.windows import Window
from cache.readings.hearing import hear
from cache.readings.store import Readings, directory_in
from cache.readings.writer import readings_text
from statusline.config_table import GLYPHS, PRESET_NAMES, THEMES
from statusline.segments.registry import TABLE
from tests.support.paths import PAYLOADS
from tests.support.tick_world import payload

NOW = 1_790_000_000  # the moment of all these runs, epoch seconds
TRANSCRIPT = "/nowhere/transcript.jsonl"  # of the session whose activity is kept: there is none, and it did not change

NASTY = [
    "\x1b[31mred\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\click",
    "a\nb\r\tc\x00\x7f\x9b1m",
    "\u202eevil\u2066\u200b\u200d\ufeff\u2028",
    "\ud800half",
    "漢字" * 200,
    "e" + "\u0301" * 300,
    "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f44d\U0001f3fd",
    "\u0915\u094d\u0937\u093f" * 30,
    "%s{0}$(touch x)`id`#[fg=red]\\[",
    "x" * 5000,
    " ",
    "",
]
NUMBERS = [0, -1, 1, 99.99999999, 100, 1e3, 1e308, -1e308, 5e-324, float("nan"), float("inf"), 2**63, -(10**400), NOW]
OTHERS: list[Any] = [
    None,
    True,
    False,
    [],
    {},
    [None],
    {"": None},
    [[[[]]]],
    {"used_percentage": {}},
    {"name": ["x"]},
    ["a", 1],
]

ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([*NASTY, *NUMBERS, *OTHERS]), st.text(max_size=20), st.integers(-300, 300), st.floats(-9, 999)
)
FIELDS = ["model", "display_name", "cost", "context_window", "used_percentage", "rate_limits", "five_hour", "cwd", "pr"]
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=5),
    max_leaves=8,
)


def paths_in(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every part of a JSON value, the whole included."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in steps for found in paths_in(inner, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], odd: object) -> Any:
    """Put something odd at a path of a JSON value, as far as that path is still there; return the whole."""
    if not path:
        return deepcopy(odd)
    within = value
    try:
        for key in path[:-1]:
            within = within[key]
        within[path[-1]] = deepcopy(odd)  # what is sampled stays as it is
    except (KeyError, IndexError, TypeError):
        pass  # something odd stands further up already
    return value


def spoiled(wholes: list[Any], at_most: int = 4) -> st.SearchStrategy[Any]:
    """Return a strategy for these JSON values with something odd in some places."""
    known = [(each, paths_in(each)) for each in wholes]

    @st.composite
    def draw_spoiled(draw: st.DrawFn) -> Any:
        whole, paths = draw(st.sampled_from(known))
        value = deepcopy(whole)
        for _ in range(draw(st.integers(0, at_most))):
            value = put(value, draw(st.sampled_from(paths)), draw(ODD))
        return value

    return draw_spoiled()


def torn(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Return a strategy for files that hold such JSON: whole, cut off anywhere, or something else altogether."""
    texts = st.builds(json.dumps, values)
    cut = st.builds(lambda text, at: text[: at % (len(text) + 1)], texts, st.integers(0, 10**4))
    return st.one_of(texts, texts, cut).map(str.encode) | st.binary(max_size=30)


RECORDED = [payload(path.stem, now=NOW) for path in sorted(PAYLOADS.glob("*.json"))]
SESSIONS = spoiled(RECORDED)
LIMITS = spoiled([each["rate_limits"] for each in RECORDED if "rate_limits" in each])

_WINDOWS = [
    Window("five_hour", "5h", 24.0, NOW + 7200, "oauth", NOW - 60).as_json(),
    Window("seven_day", "7d", 93.0, NOW + 86400, "claude", NOW - 3000).as_json(),
    Window("seven_day:opus", "Opus", 100.0, NOW + 86400, "oauth", NOW).as_json(),
]
_USAGE = {
    "account": "0123456789abcdef",
    "account_since": NOW - 86400,
    "plan": "Max 20x",
    "windows": _WINDOWS,
    "spend": {"used": 40.01, "limit": 40.0, "currency": "EUR", "percent": 100},
    "runs_out_at": NOW + 3000,
    "runs_out_window": "five_hour",
    "projections": {"seven_day": {"at": NOW + 9000, "percent": 93.0, "resets_at": NOW + 86400, "observed_at": NOW}},
    "keyed": ["/somewhere"],
    "mcp": {"expired": 1, "missing": 2},
}
_ESTIMATE = {
    "account": "0123456789abcdef",
    "windows": [Window("five_hour", "5h", 47.0, NOW + 7200, "estimate", NOW).as_json()],
    "spent": {"five_hour": {"usd": 0.16, "resets_at": NOW + 7200}, "seven_day": {"usd": 12.5, "resets_at": None}},
}


def _readings() -> dict[str, Any]:
    """Return the ticks' own file after a process has handed in its first answer."""
    readings = Readings()
    directory = directory_in(readings, "")
    directory.account = "0123456789abcdef"
    hear(directory, "s1", {}, NOW - 90)
    hear(directory, "s1", {"five_hour": (24.0, NOW + 7200), "seven_day": (93.0, NOW + 300000)}, NOW - 60)
    found: dict[str, Any] = json.loads(readings_text(readings, "", directory))
    return found


_GIT = {
    "staged": 2,
    "modified": 3,
    "untracked": 1,
    "conflicts": 1,
    "ahead": 2,
    "behind": 1,
    "stash": 4,
    "upstream": "origin/main",
    "took_s": 0.1,
    "lines": {"s": 12},
}
_ACTIVITY = {
    "last_tool": "Bash",
    "tool_argument": "npm test",
    "running_agents": 2,
    "todos": {"done": 3, "total": 7, "current": "Write the tests"},
    "turns": 12,
}


def _kept(value: dict[str, Any], watch: str = "/nowhere") -> dict[str, Any]:
    times = [0, 0] if watch == TRANSCRIPT else [1, 2]
    found: dict[str, Any] = json.loads(Entry(value, NOW - 60, NOW + 3600, watch={watch: times}).to_text())
    return found


# What the files of a cache hold, by the job that writes them; `readings` is the ticks' own.
WHOLE: dict[str, dict[str, Any]] = {
    "usage": _kept(_USAGE),
    "transcripts": _kept(_ESTIMATE),
    "readings": _readings(),
    "git": _kept(_GIT),
    "activity": _kept(_ACTIVITY, TRANSCRIPT),
    "command": _kept({"text": "3 jobs"}),
}
CACHES = st.fixed_dictionaries({}, optional={job: torn(spoiled([entry])) for job, entry in WHOLE.items()})

_OPTIONS = st.fixed_dictionaries(
    {"segment": st.sampled_from(sorted(TABLE))},
    optional={
        "bar": st.sampled_from([True, False, 1, 8, 400, "x"]),
        "when": st.sampled_from(["always", "warn", "alert", 3]),
        "style": st.sampled_from(["full", "name", "both", None]),
        "label": ODD,
        "text": ODD,
        "name": ODD,
        "window": ODD,
        "color": ODD | st.sampled_from(["yellow", "#50a14f"]),
    },
)
_ITEMS = st.lists(st.sampled_from(sorted(TABLE)) | _OPTIONS | ODD, max_size=12)
_ROWS = st.lists(_ITEMS | st.fixed_dictionaries({}, optional={"left": _ITEMS, "right": _ITEMS}) | ODD, max_size=5)


def _one_of(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(names) | ODD


_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "rows": _ROWS | ODD,
        "preset": _one_of(PRESET_NAMES),
        "theme": _one_of(THEMES),
        "colors": st.dictionaries(st.sampled_from(["calm", "block", "rail"]), st.just("cyan") | ODD) | ODD,
        "glyphs": _one_of(GLYPHS),
        "separator": ODD,
        "wrap": st.booleans(),
        "padding": st.integers(-1, 25),
        "thresholds": st.dictionaries(st.sampled_from(sorted(TABLE)), st.lists(ODD, max_size=3) | ODD, max_size=3),
        "time": st.fixed_dictionaries(
            {},
            optional={
                "style": _one_of(("clock", "both")),
                "hours": st.sampled_from([12, 24]),
                "zone": _one_of(("utc", "Asia/Tokyo")),
            },
        ),
        "commands": st.dictionaries(st.sampled_from(["one", ""]) | st.text(max_size=5), ODD, max_size=2),
        "refresh": ODD,
    },
)
CONFIGURATIONS = torn(_SETTINGS | st.sampled_from([{"preset": name} for name in PRESET_NAMES]) | ODD)

_TERMINALS = [
    {"TERM": "dumb"},
    {"TERM": "xterm"},
    {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLORFGBG": "0;15"},
    {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"},
    {"TERM": "screen", "NO_COLOR": "1"},
    {"TERM": "xterm-kitty", "NO_COLOR": "", "FORCE_COLOR": "1"},
    {"FORCE_COLOR": "0"},
    {},
]
_PEOPLE = [
    {"HOME": "/home/user"},
    {"HOME": "/home/user/"},
    {"HOME": "", "ANTHROPIC_API_KEY": "sk-ant-api03-FAKE"},
    {"HOME": "/", "CLAUDE_CODE_AUTO_COMPACT_WINDOW": "100000", "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "50"},
    {"HOME": "/", "CLAUDE_CODE_AUTO_COMPACT_WINDOW": "-1", "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "x"},
]
ENVIRONMENTS = st.builds(
    lambda terminal, person, columns: {**terminal, **person, "COLUMNS": str(columns)},
    st.sampled_from(_TERMINALS),
    st.sampled_from(_PEOPLE),
    st.integers(10, 400),
)
