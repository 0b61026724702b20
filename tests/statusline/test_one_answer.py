"""Line, ``usage``, ``usage --json`` and ``export`` never differ in what runs out: 1,000 states of a cache."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from cache.model.clock import clock_text, day_text
from cache.model.entry import Entry
from cache.model.stdin_limits import reported_limits
from cache.model.windows import Window, windows_in
from statusline.commands import export
from statusline.commands.support.metrics import families
from statusline.commands.usage import json_of, page_of
from statusline.commands.usage_page.bars import BLOCKS
from statusline.commands.usage_page.known_numbers import known_usage
from statusline.commands.usage_page.page import rows_of as page_rows
from statusline.config import Config
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows
from statusline.render.theme import Style
from tests.support.examples import SHARE, examples
from tests.support.kept_readings import keep_usage, saved_snapshot

NOW = 1_795_320_860
MINUTE, HOUR, DAY = 60, 3600, 86400
ACCOUNT = "3f2a9c0d1e4b5a67"
IDS = {"five_hour": (HOUR * 5, "5h"), "seven_day": (DAY * 7, "7d"), "seven_day:fable": (DAY * 7, "Fable")}
State = tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]
LINE = Config(
    {"rows": [["five_hour", "seven_day", "model_week", "spend", "runs_out"]], "time": {"zone": "local"}, "fill": False}
)


@pytest.fixture(autouse=True, scope="module")
def _in_utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@st.composite
def windows(draw: st.DrawFn, id_: str, *, official: bool = True) -> Window:
    span, label = IDS[id_]
    percent = draw(st.floats(0, 99.9) | st.sampled_from([0.0, 88.0, 91.0, 100.0, 104.0]))
    resets_at = NOW + draw(st.integers(-600, span)) if draw(st.integers(0, 9)) else None
    age_s = draw(st.sampled_from([0, 60, 1100]) | st.integers(0, 2 * HOUR))
    source = draw(st.sampled_from(["stdin", "claude", "oauth"])) if official else "estimate"
    return Window(id_, label, percent, resets_at, source, NOW - age_s, age_known=bool(draw(st.integers(0, 5))))


@st.composite
def projections(draw: st.DrawFn, known: list[Window]) -> dict[str, Any]:
    """Return projections as a refresher leaves them, or as they were some time and some readings ago."""
    found = {}
    for each in known:
        if each.resets_at is not None and draw(st.integers(0, 3)):
            made_from = {"percent": each.percent + draw(st.sampled_from([0, 0, -5, 2, 4])), "resets_at": each.resets_at}
            ahead_s = draw(st.integers(1, 2 * HOUR) | st.integers(-60, IDS[each.id][0]))
            found[each.id] = {"at": NOW + ahead_s, **made_from, "observed_at": each.observed_at}
    return found


SPEND = st.none() | st.builds(
    lambda used, percent, uncapped, age_s: {
        "used": used,
        "limit": None if uncapped else 50.0,
        "currency": "EUR",
        "percent": None if uncapped else percent,
        "observed_at": NOW - age_s,
        **({"uncapped": True} if uncapped else {}),
    },
    st.floats(0, 60),
    st.floats(0, 110),
    st.booleans(),
    st.integers(0, HOUR),
)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Return the value of the usage entry, that of the estimate's, and what stdin says, if it says anything."""
    known = [draw(windows(id_)) for id_ in IDS if draw(st.integers(0, 3))]
    rows, first = draw(projections(known)), draw(st.none() | st.sampled_from(list(IDS)))
    value = {
        "account": ACCOUNT,
        "account_since": 0,
        "plan": draw(st.sampled_from(["Max 20x", "Enterprise", None])),
        "windows": [each.as_json() for each in known],
        "spend": draw(SPEND),
        "runs_out_at": rows[first]["at"] if first in rows else draw(st.none() | st.integers(NOW - 60, NOW + DAY)),
        "runs_out_window": first,
        "projections": rows if draw(st.integers(0, 4)) else None,
    }
    guesses = [draw(windows(id_, official=False)) for id_ in IDS if draw(st.booleans())]
    spent = {"five_hour": {"usd": draw(st.floats(0, 9)), "resets_at": None}} if draw(st.booleans()) else None
    estimate = {"account": ACCOUNT, "windows": [each.as_json() for each in guesses], "spent": spent}
    limits = {
        each.id: {"used_percentage": each.percent, "resets_at": each.resets_at}
        for each in known
        if ":" not in each.id and draw(st.booleans())
    }
    return value, estimate, draw(st.sampled_from([None, limits]))


def drawn(place: Path, limits: dict[str, Any] | None) -> str:
    """Return the line of a session."""
    session = Session({"session_id": "s", "model": {"display_name": "Fable 5"}, "rate_limits": limits})
    snapshot = saved_snapshot(str(place), "p1", reported_limits(limits, NOW), NOW, read=lambda _: "")
    return compose_rows(rows_of(session, snapshot, LINE, NOW), 400, Style())


def test_they_say_the_same(tmp_path: Path) -> None:
    found = Counter[str | None]()

    @examples(1000, without=[HealthCheck.too_slow])
    @given(state=states())
    def holds(state: State) -> None:
        found[agreed_window(tmp_path, state)] += 1

    holds()
    assert len(found) > 1 or SHARE < 1, "else the states would try little"


def agreed_window(tmp_path: Path, state: State) -> str | None:
    """Return which window all of them say runs out first, having seen that they agree."""
    value, estimate, limits = state
    (tmp_path / "readings.json").unlink(missing_ok=True)
    keep_usage(tmp_path, windows_in(value["windows"]), Entry(value, NOW - 60, NOW + 240))
    (tmp_path / "transcripts.json").write_text(Entry(estimate, NOW - 30, NOW + 30).to_text())
    env = {"STATUSLINE_CACHE_DIR": str(tmp_path), "STATUSLINE_CONFIG": str(tmp_path / "none.json"), "HOME": "/none"}
    env |= {"STATUSLINE_OAUTH": "off"}
    line = drawn(tmp_path, limits)
    page = page_of(env, NOW)
    usage, exported = json_of(page), export.json_of(known_usage(env, NOW), {}, NOW)
    at, window = usage["runs_out_at"], usage["runs_out_window"]
    assert (exported["runs_out_at"], exported["runs_out_window"]) == (at, window)
    told = re.search(r"(\w+) out ((?:\w{3} )?\d\d:\d\d|\w{3})(?: |$)", line)
    rows = {row.label: row.outlook for row in page_rows(page, BLOCKS)}
    metric = [each for each in families(known_usage(env, NOW), {}, NOW) if each.name.startswith("hudline_runs_out")]
    if at is None:
        assert told is None
        assert not metric
        assert not rows.get("5h", "").startswith("out") or rows.get("7d") == "limit reached"
        return None
    assert isinstance(at, int)
    when = clock_text(at, NOW) if window == "five_hour" else day_text(at)
    assert told is not None
    assert (told[1], told[2]) == (IDS[str(window)][1], when)
    assert rows[IDS[str(window)][1]] == f"out {when}"
    assert metric[0].samples == [({"account": ACCOUNT, "window": window}, at)]
    if "Fable" not in line:  # the model's own week may come before the plan's
        assert line.index(f"{told[1]} ") == min(line.index(f"{label} ") for label in ("5h", "7d") if label in line)
    return str(window)


def test_a_window_that_is_projected_full_in_minutes_comes_before_a_fuller_week(tmp_path: Path) -> None:
    five = Window("five_hour", "5h", 88.0, NOW + HOUR, "oauth", NOW - 60)
    week = Window("seven_day", "7d", 91.0, NOW + 3 * DAY, "oauth", NOW - 60)
    out = {"runs_out_at": NOW + 12 * MINUTE, "runs_out_window": "five_hour"}
    value: dict[str, Any] = {"account": ACCOUNT, "windows": [five.as_json(), week.as_json()], "spend": None, **out}
    keep_usage(tmp_path, [five, week], Entry(value, NOW - 60, NOW + 240))
    assert drawn(tmp_path, None) == "5h 88%! ▲8 ↻1h00m │ 7d 91% ▲33 ↻3d0h │ 5h out 04:26"
    assert json.loads((tmp_path / "usage.json").read_text())["value"]["runs_out_window"] == "five_hour"
