"""What a tick knows: which numbers an estimate may take the place of, and whose limits count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import Entry
from cache.model.stdin_limits import reported_limits
from cache.model.windows import ESTIMATE, Window
from cache.readings.snapshot import Snapshot
from tests.support.kept_readings import keep_usage, saved_snapshot

NOW = 1_795_320_000
HOUR = 3600
LIMITS = {"five_hour": {"used_percentage": 42, "resets_at": NOW + HOUR}}
SPEND = {"used": 192.0, "limit": 200.0, "currency": "USD", "percent": 96.0}


def reading(id_: str, percent: float, *, age_s: int = 0, source: str = "oauth", ahead_s: int | None = HOUR) -> Window:
    return Window(id_, id_, percent, None if ahead_s is None else NOW + ahead_s, source, NOW - age_s)


class Kept:
    """The files of a cache, and what a tick makes of them."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def usage(self, *windows: Window, **value: Any) -> None:
        keep_usage(self.place, windows, Entry({"account": "a", **value}, NOW - 60, NOW + 240))

    def estimate(self, *windows: Window, age_s: int = 0, **value: Any) -> None:
        whole = {"account": "a", "windows": [each.as_json() for each in windows], **value}
        (self.place / "transcripts.json").write_text(Entry(whole, NOW - age_s, NOW + 60).to_text())

    def seen(self, limits: object = None, *, project: str | None = "") -> Snapshot:
        """Return what a tick of a process that is known knows."""
        saved_snapshot(str(self.place), "p1", {}, NOW - 60, read=lambda _: "")
        reported = reported_limits(limits, NOW)
        return saved_snapshot(str(self.place), "p1", reported, NOW, project=project, read=lambda _: "")

    def shown(self, limits: object = None, **options: Any) -> dict[str, tuple[float, str]]:
        return {id_: (each.percent, each.source) for id_, each in self.seen(limits, **options).windows.items()}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


# -- estimates


def test_an_estimate_takes_the_place_of_an_old_number_only(kept: Kept) -> None:
    kept.usage(reading("five_hour", 40, age_s=1201), reading("seven_day", 61, age_s=1200))
    kept.estimate(reading("five_hour", 47, source=ESTIMATE), reading("seven_day", 70, source=ESTIMATE))
    assert kept.shown() == {"five_hour": (47, ESTIMATE), "seven_day": (61, "oauth")}


def test_an_official_number_stays_where_there_is_no_estimate_for_it(kept: Kept) -> None:
    kept.usage(reading("five_hour", 40, age_s=5000))
    kept.estimate(spent={"five_hour": {"usd": 0.16, "resets_at": NOW + 60}})
    assert kept.shown() == {"five_hour": (40, "oauth")}
    assert kept.seen().spent == {}


@pytest.mark.parametrize(("ahead_s", "is_shown"), [(1, True), (0, False), (-60, False), (None, True)])
def test_an_estimate_past_its_reset_is_never_shown(kept: Kept, ahead_s: int | None, is_shown: bool) -> None:
    kept.usage()
    kept.estimate(reading("five_hour", 47, source=ESTIMATE, ahead_s=ahead_s))
    assert bool(kept.shown()) == is_shown
    resets_at = None if ahead_s is None else NOW + ahead_s
    kept.estimate(spent={"five_hour": {"usd": 0.16, "resets_at": resets_at}})
    assert kept.seen().spent == ({"five_hour": 0.16} if is_shown else {})


@pytest.mark.parametrize(
    ("rows", "spent"),
    [
        ({"five_hour": {"usd": 0.16}, "seven_day": {"usd": 3, "resets_at": None}}, {"five_hour": 0.16, "seven_day": 3}),
        ({"five_hour": {"usd": 0}}, {}),
        ({"five_hour": {"usd": -1}}, {}),
        ({"five_hour": {"usd": "0.16"}}, {}),
        ({"five_hour": 0.16}, {}),
        ([], {}),
        (None, {}),
    ],
)
def test_what_was_spent_here_is_read_leniently(kept: Kept, rows: object, spent: dict[str, float]) -> None:
    kept.usage()
    kept.estimate(spent=rows)
    found = kept.seen()
    assert (found.windows, found.spent) == ({}, spent)


@pytest.mark.parametrize(("account", "age_s"), [("b", 0), ("a", 1201), ("a", -1200)])
def test_what_another_account_spent_or_what_was_found_long_ago_is_not_shown(
    kept: Kept, account: str, age_s: int
) -> None:
    kept.usage()
    kept.estimate(account=account, age_s=age_s, spent={"five_hour": {"usd": 0.16}})
    assert kept.seen().spent == {}


# -- money alone


@pytest.mark.parametrize("ahead_s", [None, HOUR])
def test_windows_that_stay_at_nothing_on_an_enterprise_seat_are_none(kept: Kept, ahead_s: int | None) -> None:
    idle = [reading(id_, 0, ahead_s=ahead_s) for id_ in ("five_hour", "seven_day")]
    kept.usage(*idle, plan="Enterprise", spend=SPEND)
    kept.estimate(reading("five_hour", 12, source=ESTIMATE), spent={"seven_day": {"usd": 3}})
    found = kept.seen()
    assert (found.windows, found.spent, found.spend) == ({}, {}, SPEND), "nor does an estimate stand in for them"
    assert kept.shown(LIMITS)["five_hour"] == (42, "stdin"), "one that is used counts"


# -- who pays


@pytest.mark.parametrize(
    ("keyed", "project", "is_shown"),
    [(["*"], "", False), (["/one"], "/one", False), (["/one"], "/two", True), (None, "/one", True)],
)
def test_where_a_program_hands_out_a_key_the_plans_numbers_are_not_this_sessions(
    kept: Kept, keyed: object, project: str, is_shown: bool
) -> None:
    facts = {"plan": "Max 20x", "spend": SPEND, "runs_out_at": NOW + 60, "runs_out_window": "five_hour"}
    kept.usage(reading("five_hour", 40), keyed=keyed, mcp={"expired": 1}, **facts)
    found = kept.seen(project=project)
    shown = (bool(found.windows), found.plan, bool(found.spend), bool(found.projections))
    assert shown == ((True, "Max 20x", True, True) if is_shown else (False, None, False, False))
    assert found.mcp == {"expired": 1}
    proved = kept.seen(LIMITS, project=None)
    assert (proved.windows["five_hour"].percent, proved.plan, proved.keyed) == (42, "Max 20x", False)


def test_which_of_what_was_spent_here_is_an_estimate_is_kept(kept: Kept) -> None:
    kept.usage()
    kept.estimate(spent={"five_hour": {"usd": 0.16, "estimated": True}, "seven_day": {"usd": 3, "estimated": 1}})
    assert kept.seen().estimated == ("five_hour",)
