"""What holds for every segment in the table: its sample is true, it can be silent, and nothing odd breaks it."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.windows import ESTIMATE, Window
from statusline.commands.config_check.segment_options import LEVELLED, OPTIONS_OF
from statusline.payload import Session
from statusline.render.placed_segment import render_pieces
from statusline.render.theme import Style
from statusline.segments.registry import TABLE, joint_of, needs_of, segment_function, topic_of, weight_of
from statusline.segments.segment import ALERT, CALM, PACE, WARN, Options, Segment
from tests.support.examples import examples
from tests.support.package_layout import hot_builder
from tests.support.paths import ROOT
from tests.support.segment_scene import NOW, forms, said, segment, snapshot, window

USED = {"input_tokens": 12, "cache_creation_input_tokens": 3_988, "cache_read_input_tokens": 80_000}
CONTEXT = {"context_window_size": 200_000, "used_percentage": 42, "remaining_percentage": 58, "current_usage": USED}
WARM = {
    "caching_observed": True,
    "warm": True,
    "hit_ratio": 0.8,
    "expires_at": NOW + 48,
    "recache_tokens_if_cold": 120_000,
}
REPO = {"host": "github.com", "owner": "owner", "name": "name"}
PR = {"number": 123, "url": "https://github.com/owner/name/pull/123", "review_state": "approved"}
FOLDERS = {"current_dir": "/home/user/work/hud/project", "added_dirs": ["/a", "/b"]}
COST = {
    "total_cost_usd": 0.15,
    "total_duration_ms": 4_320_000,
    "total_api_duration_ms": 180_000,
    "total_lines_added": 156,
    "total_lines_removed": 23,
}
HOUR_OF_COST = {"total_cost_usd": 1.2, "total_duration_ms": 3_600_000}
FIVE, SEVEN = window("five_hour", 42.4), window("seven_day", 61.5, ahead_s=400_000)
FABLE, HAIKU = window("seven_day:fable", 36, ahead_s=400_000), window("seven_day:haiku", 12, ahead_s=400_000)
FULL = window("five_hour", 100)
SPENT = {"used": 40.01, "limit": 50.0, "currency": "USD", "percent": 80.02}
GIT = {"staged": 2, "modified": 3, "untracked": 1, "conflicts": 1, "ahead": 2, "behind": 1, "stash": 2}
TODOS = {"done": 3, "total": 7, "current": "Write the tests"}
MISS = {
    "last_miss_at": NOW - 10,
    "last_miss_cause": {"causes": ["tools_changed"]},
    "misses": 1,
    "miss_recache_tokens": 82_000,
}
MONEY: dict[str, Any] = {
    name: {"usd": usd, "tokens": 1_250_000, "from": NOW - 3600, "until": NOW + 3600, "at": NOW - 60}
    for name, usd in (("today", 6.1), ("block", 2.1), ("week", 31.2), ("month", 84.0))
} | {"account": "unknown", "complete_from": NOW - 30 * 86400, "cache_prices": {"claude-opus-5-5": [5, 8]}}

# What makes each segment show the sample of its docstring.
SHOWN: dict[str, dict[str, Any]] = {
    "model": {"payload": {"model": {"display_name": "Opus 5.5"}}},
    "effort": {"payload": {"effort": {"level": "medium"}}},
    "thinking": {"payload": {"thinking": {"enabled": True}}},
    "fast_mode": {"payload": {"fast_mode": True}},
    "output_style": {"payload": {"output_style": {"name": "Explanatory"}}},
    "vim": {"payload": {"vim": {"mode": "INSERT"}}},
    "agent": {"payload": {"agent": {"name": "reviewer"}}},
    "session_name": {"payload": {"session_name": "fix-login"}},
    "version": {"payload": {"version": "2.1.330"}},
    "clock": {},
    "project": {"payload": {"cwd": "/home/user/project"}},
    "directory": {"payload": {"workspace": FOLDERS}, "known": snapshot(home="/home/user")},
    "added_dirs": {"payload": {"workspace": FOLDERS}},
    "branch": {"known": snapshot(branch="main")},
    "worktree": {"payload": {"worktree": {"name": "feat-x"}}},
    "changed_files": {"known": snapshot(git={"modified": 2})},
    "git_operation": {"known": snapshot(operation="rebase 2/5")},
    "git_changes": {"known": snapshot(git=GIT)},
    "git_sync": {"known": snapshot(git=GIT)},
    "stash": {"known": snapshot(git=GIT)},
    "repo": {"payload": {"workspace": {"repo": REPO}}},
    "pr": {"payload": {"pr": PR}},
    "context": {"payload": {"context_window": CONTEXT}},
    "context_tokens": {"payload": {"context_window": CONTEXT}},
    "context_left": {"payload": {"context_window": CONTEXT}},
    "compaction": {
        "payload": {"context_window": {**CONTEXT, "current_usage": {**USED, "cache_read_input_tokens": 98_000}}}
    },
    "cache_hits": {"payload": {"prompt_cache": WARM}},
    "cache_ttl": {"payload": {"prompt_cache": WARM}},
    "cache_miss": {
        "payload": {"prompt_cache": MISS, "model": {"id": "claude-opus-5-5"}},
        "known": snapshot(money=MONEY),
    },
    "five_hour": {"known": snapshot(FIVE)},
    "seven_day": {"known": snapshot(SEVEN)},
    "model_week": {"payload": {"model": {"id": "claude-fable-5"}}, "known": snapshot(SEVEN, FABLE, HAIKU)},
    "scoped_weeks": {"known": snapshot(SEVEN, HAIKU, FABLE)},
    "spend": {"known": snapshot(SEVEN, spend=SPENT)},
    "binding": {"known": snapshot(FIVE)},
    "resumes": {"known": snapshot(FULL, SEVEN)},
    "provider": {"env": {"ANTHROPIC_API_KEY": "sk-ant-FAKE"}},
    "runs_out": {
        "known": snapshot(window("five_hour", 42, ahead_s=50_000), projections={"five_hour": {"at": NOW + 44_740}})
    },
    "source": {"known": snapshot(FIVE)},
    "plan": {"known": snapshot(plan="Max 20x")},
    "account": {"known": snapshot(account_name="work")},
    "cost": {"payload": {"cost": COST}},
    "cost_per_hour": {"payload": {"cost": HOUR_OF_COST}},
    **{name: {"known": snapshot(money=MONEY)} for name in ("today", "block", "week", "month")},
    "branch_cost": {"known": snapshot(branch="feat/login", branch_usd=12.4)},
    "duration": {"payload": {"cost": COST}},
    "api_time": {"payload": {"cost": COST}},
    "lines": {"payload": {"cost": COST}},
    "last_tool": {"known": snapshot(activity={"last_tool": "Bash", "tool_argument": "npm test"})},
    "running_agents": {"known": snapshot(activity={"running_agents": 2})},
    "todos": {"known": snapshot(activity={"todos": TODOS})},
    "turns": {"known": snapshot(activity={"turns": 12})},
    "mcp": {"known": snapshot(mcp={"expired": 1, "missing": 2})},
    "sessions": {"known": snapshot(waiting=["api", "docs"])},
    "text": {"options": {"text": "hello"}},
    "command": {"known": snapshot(commands={"jobs": "\n 3 jobs \nmore"}), "options": {"name": "jobs"}},
}
NEVER_SILENT = {"clock"}  # there is always a time of day


class Scenes(dict[str, dict[str, Any]]):
    """The scenes by segment; one that is missing fails in words."""

    def __missing__(self, name: str) -> dict[str, Any]:
        raise AssertionError(f"add {name} to SHOWN in {Path(__file__).name}, with a scene in which it shows its sample")


SHOWN = Scenes(SHOWN)


@pytest.mark.parametrize("name", TABLE)
def test_a_segment_shows_the_sample_of_its_docstring(name: str) -> None:
    sample = re.match(r"``(.+?)``", segment_function(name).__doc__ or "")
    assert sample is not None
    assert said(name, **SHOWN[name]) == sample[1]


@pytest.mark.parametrize("name", sorted(set(TABLE) - NEVER_SILENT))
def test_a_segment_with_nothing_to_say_is_silent(name: str) -> None:
    assert segment(name) is None


def test_a_time_that_no_clock_has_is_silent() -> None:
    assert segment_function("clock")(Session(None), snapshot(), 1e20, Options()) is None


@pytest.mark.parametrize("name", TABLE)
def test_the_forms_of_a_segment_become_shorter(name: str) -> None:
    widths = [len(form) for form in forms(segment(name, **SHOWN[name]))]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(widths)


NEEDS = {
    *("branch", "operation", "git", "activity", "usage", "mcp", "command"),
    *("sessions", "account", "money", "branch_money"),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_row_of_the_registry_is_well_formed(name: str) -> None:
    row = f"in the row of {name} in registry.py"
    assert (ROOT / "statusline" / "segments" / f"{topic_of(name)}.py").exists(), f"{row}, name the file of the function"
    assert 0 < weight_of(name) <= 100, f"{row}, choose a weight from 1 to 100"
    assert joint_of(name) in {" │ ", " · ", " › ", " "}, f"{row}, choose ' │ ', ' · ' or ' ' as the joint"
    assert set(needs_of(name)) <= NEEDS, f"{row}, choose the needs from {sorted(NEEDS)}"


def test_no_two_segments_have_the_same_weight() -> None:
    """Else the order in which they come would be an accident; a folder has two ways to be shown."""
    weights = [weight_of(name) for name in TABLE if name != "directory"]
    twice = {name for name in TABLE if weights.count(weight_of(name)) > 1}
    free = sorted(set(range(1, 101)) - set(weights))
    assert not twice, f"in registry.py, {twice} have the same weight; these are free: {free}"


@pytest.mark.parametrize("name", TABLE)
def test_a_segment_has_needs_exactly_if_standard_input_is_not_enough(name: str) -> None:
    """A segment that shows something with nothing but stdin known has no needs, and the other way round."""
    scene = {key: value for key, value in SHOWN[name].items() if key != "known"}
    of_stdin = segment(name, **scene) is not None
    if of_stdin:
        assert not needs_of(name), f"in registry.py, remove the needs of {name}: stdin is enough for it"
    else:
        assert needs_of(name), f"in registry.py, add to {name} what the tick must read for it, of {sorted(NEEDS)}"


def test_no_other_name_of_the_merged_module_stands_for_a_segment() -> None:
    builder = hot_builder()
    names = {
        name
        for module in builder.hot_modules(ROOT)
        for node in builder._kept_statements(ROOT, module)
        for name in builder._bound_names(node)
    }
    merged = {name for name in TABLE if topic_of(name) in builder.TOPICS}
    assert names & set(TABLE) == merged


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([10**400, -1, "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.integers(-10, 10**6) | st.floats() | st.integers()

# A session of which every segment of stdin has something to say, and what is known besides.
TALKATIVE: dict[str, Any] = {
    "model": {"id": "claude-fable-5", "display_name": "Fable 5"},
    "effort": {"level": "medium"},
    "thinking": {"enabled": True},
    "fast_mode": True,
    "output_style": {"name": "Explanatory"},
    "vim": {"mode": "INSERT"},
    "agent": {"name": "reviewer"},
    "session_name": "fix-login",
    "version": "2.1.330",
    "cwd": "/home/user",
    "workspace": {**FOLDERS, "project_dir": "/home/user/work", "git_worktree": "feat-x", "repo": REPO},
    "worktree": {"name": "feat-x"},
    "pr": {**PR, "kind": "mr"},
    "cost": COST,
    "context_window": CONTEXT,
    "prompt_cache": {**WARM, **MISS},
    "rate_limits": {"spend_limit": {"used_percentage": 45.5, "resets_at": NOW + 7080}},
}
FACTS: dict[str, Any] = {
    "git": GIT,
    "mcp": {"expired": 1, "missing": 2},
    "activity": {"last_tool": "Bash", "tool_argument": "npm test", "running_agents": 2, "todos": TODOS, "turns": 12},
    "spend": SPENT,
    "money": MONEY,
}


def paths_in(value: object, *path: str) -> list[tuple[str, ...]]:
    """Return where in an object something stands, each object itself included."""
    below = (
        [found for key, each in value.items() for found in paths_in(each, *path, key)]
        if isinstance(value, dict)
        else []
    )
    return [path, *below]


def with_odd_fields(draw: st.DrawFn, value: dict[str, Any]) -> Any:
    """Return a copy in which some fields, or the whole, are something else or missing."""
    made = deepcopy(value)
    for path in draw(st.lists(st.sampled_from(paths_in(value)), max_size=5)):
        if not path:
            return draw(ANY)
        at: Any = made
        for key in path[:-1]:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at.pop(path[-1], None)
            if draw(st.booleans()):
                at[path[-1]] = draw(NUMBERS | ANY)
    return made


WINDOWS = st.builds(
    Window,
    st.sampled_from(["five_hour", "seven_day", "seven_day:fable", "seven_day:", "x"]),
    st.text(min_size=1, max_size=8),
    st.floats(0, 1000),
    st.none() | st.integers(NOW - 10, NOW + 10**6) | st.integers(),
    st.sampled_from(["stdin", "oauth", ESTIMATE]),
    st.integers(NOW - 3000, NOW) | st.integers(0, NOW + 60),
)
CHOSEN = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("bar", "style", "always", "window", "text", "name", "unit"), ANY | st.text())
)
ENVIRONMENT = st.dictionaries(
    st.sampled_from(["CLAUDE_CODE_AUTO_COMPACT_WINDOW", "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "DISABLE_COMPACT"]),
    st.text(max_size=8) | st.integers(-1, 10**9).map(str),
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Session, Any, Options]:
    """Return a payload of anything, what is known besides, of anything that its types allow, and any options."""
    facts = with_odd_fields(draw, FACTS)
    facts = facts if isinstance(facts, dict) else {}
    known = snapshot(
        *draw(st.lists(WINDOWS, max_size=4)),
        **{name: value if isinstance(value, dict) else {} for name, value in facts.items() if name in FACTS},
        commands=draw(st.dictionaries(st.text(max_size=2), st.text(max_size=8), max_size=2)),
        waiting=draw(st.lists(st.text(max_size=8), max_size=5)),
        branch=draw(st.none() | st.text()),
        operation=draw(st.none() | st.text()),
        plan=draw(st.none() | st.text()),
        account_name=draw(st.text()),
        home=draw(st.sampled_from(["", "/", "/home/user"])),
        projections=draw(
            st.dictionaries(
                st.sampled_from(["five_hour", "seven_day", "seven_day:fable"]),
                st.builds(dict, at=st.integers(NOW, NOW + 90_000) | ANY, percent=NUMBERS | ANY) | ANY,
            )
        ),
        spent=draw(st.dictionaries(st.sampled_from(["five_hour", "seven_day"]), st.floats(0, 1e12))),
        branch_usd=draw(st.none() | st.floats()),
        estimated=draw(st.sampled_from([(), ("five_hour", "branch")])),
    )
    variables = draw(ENVIRONMENT)
    options = Options(
        draw(st.none() | CHOSEN),
        draw(st.tuples(st.floats(0, 1000), st.floats(0, 1000))),
        draw(st.sampled_from(["countdown", "clock", "both"])),
        draw(st.sampled_from([12, 24])),
        draw(st.sampled_from(["local", "utc", "Europe/Vienna", "No/Where"])),
        draw(st.dictionaries(st.sampled_from(["day", "block", "week", "month"]), st.floats(0.01, 1e6))),
    )
    return Session(with_odd_fields(draw, TALKATIVE), lambda name: variables.get(name, "")), known, options


@examples(1000)
@given(scene=scenes())
def test_whatever_stands_in_the_fields_a_segment_speaks_or_is_silent(scene: tuple[Session, Any, Options]) -> None:
    session, known, options = scene
    for name in TABLE:  # for one scene, because to draw it takes longer than all of these
        found = segment_function(name)(session, known, NOW, options)
        if found is not None:
            assert_sound(found, name)


def assert_sound(found: object, name: str) -> None:
    assert isinstance(found, Segment), name
    assert found.level in {None, CALM, PACE, WARN, ALERT}, name
    assert not found.link or found.link.startswith("https://"), name
    for pieces in (found.pieces, *(found.details or {}).values()):
        assert pieces, name
        assert all(isinstance(text, str) for _, text in render_pieces(pieces, Style())), name
        values = " ".join(text for role, text in pieces if role == "value")
        assert all(text.strip() for role, text in pieces if role == "value"), f"{name}: return None, no empty value"
        assert not re.search(r"\b(nan|inf|None|True|False)\b", values), name


# --- what a new segment needs: each test names the step that was forgotten -------------------------------------------

FOLDER = ROOT / "statusline" / "segments"


def functions_of(path: Path) -> list[ast.FunctionDef]:
    """Return the functions in a file that have the signature of a segment."""
    signature = list(inspect.signature(segment_function("model")).parameters)
    functions = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if node.name[0] != "_" and [arg.arg for arg in node.args.args] == signature]


FUNCTIONS_OF = {path.stem: functions_of(path) for path in sorted(FOLDER.glob("*.py"))}
WRITTEN = {node.name: node for functions in FUNCTIONS_OF.values() for node in functions}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_segment_is_registered(name: str) -> None:
    assert name in TABLE, f"add a row for {name} to statusline/segments/registry.py"


@pytest.mark.parametrize("name", TABLE)
def test_a_registered_segment_is_written(name: str) -> None:
    assert name in WRITTEN, f"write the function {name} in statusline/segments/{topic_of(name)}.py"
    in_file = {node.name for node in FUNCTIONS_OF[topic_of(name)]}
    assert name in in_file, f"in registry.py, name the file in which the function {name} is"


@pytest.mark.parametrize("name", WRITTEN)
def test_the_docstring_of_a_segment_begins_with_a_sample(name: str) -> None:
    first_line = (ast.get_docstring(WRITTEN[name]) or "").partition("\n")[0]
    assert re.match(r"``.+?``.*: .+\.", first_line), (
        f"begin the docstring of {name} with a sample and a sentence, as in: ``ctx 42%``: how full the window is."
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_the_options_that_a_segment_reads_are_declared(name: str) -> None:
    calls = [node for node in ast.walk(WRITTEN[name]) if isinstance(node, ast.Call)]
    read = {call.args[0].value for call in calls if is_method(call, "get") and isinstance(call.args[0], ast.Constant)}
    assert read <= set(OPTIONS_OF.get(name, ())), (
        f"add the options of {name} to OPTIONS_OF in statusline/commands/config_check/segment_options.py"
    )
    if any(is_method(call, "level") for call in calls):
        assert name in LEVELLED, (
            f"add {name} to LEVELLED in statusline/commands/config_check/segment_options.py: thresholds apply to it"
        )


def is_method(call: ast.Call, name: str) -> bool:
    """Return whether a call is ``options.NAME(...)``."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == name else None
    return isinstance(owner, ast.Name) and owner.id == "options"


def test_the_page_of_segments_is_current(tmp_path: Path) -> None:
    made = tmp_path / "README.md"
    subprocess.run([sys.executable, str(ROOT / ".build" / "segments_page.py"), str(made)], check=True)
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), (
        "run: python .build/segments_page.py"
    )
