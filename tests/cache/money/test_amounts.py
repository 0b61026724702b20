"""Today, block, week and month equal a naive sum of the transcripts, over midnight and changes of the zone."""

from __future__ import annotations

import functools
import os
import random
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from cache.jobs import transcripts as job
from cache.model.entry import Entry
from cache.model.layout import INDEX_FILE
from cache.money.amounts import cache_prices
from cache.sources.transcripts.coverage import complete_from
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.prices import Prices
from cache.sources.transcripts.scan import scan
from cache.work.request import Request
from tests.support.transcript_writer import answer_line, lines_of, naive_answers, naive_cost

if TYPE_CHECKING:
    from tests.support.transcript_writer import Naive

DAY, HOUR = 86400, 3600
SUNDAY = datetime(2026, 11, 29, 22, 30, tzinfo=timezone.utc).timestamp()


class Machine:
    """A home with transcripts, and the job on it at a time and in a zone."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder, self.zone = folder, folder / "cache", "UTC"
        self.projects = folder / ".claude" / "projects"
        self.folder.mkdir(parents=True)
        self.entry = Entry()
        self.prices: dict[str, Any] = {}

    def write(self, name: str, *times: float, model: str = "claude-opus-5-5", **place: Any) -> Path:
        """Add answers to a transcript, and tell the file system that it was changed at the last of them."""
        path = self.projects / "p" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            for number, at in enumerate(times):
                file.write(answer_line(f"{name}{at}{number}", "r", at, output=700 + number, model=model, **place))
        return path

    def run(self, now: float) -> dict[str, Any]:
        """Run the job; return what it tells of money."""
        config = self.home / "config.json"
        config.write_text(f'{{"time": {{"zone": "{self.zone}"}}, "prices": {{}}}}'.replace('"UTC"', '"utc"'))
        request = Request("transcripts", self.folder, config, {"HOME": str(self.home)})
        self.entry, _ = job.collect(request, self.entry, now)
        assert self.entry.value is not None
        found: Any = self.entry.value["money"]
        return dict(found)

    def naive(self) -> list[Naive]:
        return naive_answers(lines_of(path) for path in sorted(self.projects.rglob("*.jsonl")))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def times(rng: random.Random, now: float, days: float, number: int) -> list[float]:
    return sorted(now - rng.random() * days * DAY for _ in range(number))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_the_amounts_equal_a_naive_sum_also_after_midnight_and_in_another_zone(machine: Machine, zone: str) -> None:
    rng = random.Random(zone)
    for number in range(5):
        machine.write(f"s{number}", *times(rng, SUNDAY, 32, 30))
    machine.write("now", *times(rng, SUNDAY, 0.9, 40))
    for now, zone_now in ((SUNDAY, zone), (SUNDAY + 2 * HOUR, zone), (SUNDAY + 2 * HOUR, "Europe/Vienna")):
        machine.zone = zone_now
        found = machine.run(now)
        there = ZoneInfo(zone_now)
        day, answers = datetime.fromtimestamp(now, there), machine.naive()
        dates = [(datetime.fromtimestamp(each.at, there), each) for each in answers]
        wanted = {
            "today": [each for at, each in dates if at.date() == day.date()],
            "week": [each for at, each in dates if at.isocalendar()[:2] == day.isocalendar()[:2]],
            "month": [each for at, each in dates if (at.year, at.month) == (day.year, day.month)],
        }
        for name, group in wanted.items():
            assert found[name]["usd"] == pytest.approx(sum(map(naive_cost, group)), abs=6e-5), name
            assert found[name]["tokens"] == sum(sum(each.tokens) for each in group), name
            assert found[name]["from"] <= now < found[name]["until"]


def test_the_block_begins_with_the_first_answer_after_the_last_one(machine: Machine) -> None:
    first = SUNDAY - 7 * HOUR
    machine.write("s", first, first + HOUR, first + 5 * HOUR + 60, first + 6 * HOUR)
    block = machine.run(SUNDAY)["block"]
    last_two = sorted(machine.naive(), key=lambda each: each.at)[2:]
    assert (block["from"], block["until"]) == (first + 5 * HOUR + 60, first + 10 * HOUR + 60)
    assert block["usd"] == pytest.approx(sum(map(naive_cost, last_two)), abs=6e-5)
    assert "block" not in machine.run(SUNDAY + 6 * HOUR)


def test_while_transcripts_are_unread_an_amount_stays_or_is_missing_and_is_never_too_low(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest files are read first, so that today is known long before the month."""
    new, old = machine.write("new", SUNDAY - 60), machine.write("old", SUNDAY - 9 * DAY)
    os.utime(old, (SUNDAY - 9 * DAY, SUNDAY - 9 * DAY))
    monkeypatch.setattr("cache.jobs.transcripts.scan", functools.partial(scan, budget_s=0))
    first = machine.run(SUNDAY)
    assert first["today"]["usd"] > 0
    assert "month" not in first
    assert first["complete_from"] is None
    assert machine.entry.value is not None
    assert not machine.entry.value["complete"]
    second = machine.run(SUNDAY)
    assert second["month"]["usd"] > second["today"]["usd"] > 0
    machine.write("new", SUNDAY - 30)
    machine.write("other", SUNDAY - 20)
    os.utime(new, (SUNDAY - 30, SUNDAY - 30))
    third = machine.run(SUNDAY + 1)
    assert (third["today"], third["month"]) == (second["today"], second["month"]), "half of what is new is not told"
    fourth = machine.run(SUNDAY + 2)
    assert fourth["today"]["usd"] > second["today"]["usd"]


def test_it_is_complete_since_claude_code_deletes_transcripts(machine: Machine) -> None:
    """After a time without a look, longer than transcripts are kept, it is complete only since then."""
    machine.write("s", SUNDAY - 60)
    assert machine.run(SUNDAY)["complete_from"] == SUNDAY - 30 * DAY
    assert machine.run(SUNDAY + 20 * DAY)["complete_from"] == SUNDAY - 30 * DAY
    (machine.home / ".claude" / "settings.json").write_text('{"cleanupPeriodDays": 7}')
    assert machine.run(SUNDAY + 26 * DAY)["complete_from"] == SUNDAY - 30 * DAY
    assert machine.run(SUNDAY + 34 * DAY)["complete_from"] == SUNDAY + 27 * DAY


@pytest.mark.parametrize(
    ("ahead", "complete"),
    [(40, SUNDAY - 30 * DAY), (340, SUNDAY - 20 * DAY + HOUR), (3652, SUNDAY + 10 * DAY + 90)],
    ids=["the gap was none", "sums were deleted", "all sums were deleted"],
)
def test_a_clock_that_was_ahead_leaves_no_date_in_the_future(machine: Machine, ahead: int, complete: float) -> None:
    machine.write("s", SUNDAY - 60)
    for days in (0, 20, 40):
        assert machine.run(SUNDAY + days * DAY)["complete_from"] == SUNDAY - 30 * DAY
    machine.run(SUNDAY + (40 + ahead) * DAY)
    for days in (40, 41, 60):
        assert machine.run(SUNDAY + days * DAY + 90)["complete_from"] == complete
    assert machine.run(SUNDAY + 91 * DAY)["complete_from"] == SUNDAY + 61 * DAY, "this is one"


def test_a_first_look_with_a_clock_that_is_ahead_is_corrected(machine: Machine) -> None:
    """So is what an earlier version has noted: the time of the last look is right, and the other in the future."""
    machine.write("s", SUNDAY - 60)
    machine.run(SUNDAY + 40 * DAY)
    assert machine.run(SUNDAY)["complete_from"] == SUNDAY - 30 * DAY
    with open_index(machine.folder / INDEX_FILE, Prices()) as store:
        store.note("complete_from", SUNDAY + 10 * DAY)
        assert complete_from(store, SUNDAY) is None
    assert machine.run(SUNDAY + 60)["complete_from"] == SUNDAY + 60 - 30 * DAY


def test_branches_are_told_with_their_folders_the_latest_first(machine: Machine) -> None:
    machine.write("a", SUNDAY - 9 * DAY, SUNDAY - 8 * DAY, branch="main", folder="/p")
    machine.write("b", SUNDAY - HOUR, branch="feat/login", folder="/p")
    machine.write("c", SUNDAY - 2 * HOUR, branch="", folder="/p")
    machine.run(SUNDAY)
    assert machine.entry.value is not None
    rows: Any = machine.entry.value["branches"]
    assert [row[:2] for row in rows] == [["/p", "feat/login"], ["/p", "main"]]
    assert rows[1][2] == pytest.approx(
        sum(naive_cost(each) for each in machine.naive() if each.branch == "main"), abs=6e-5
    )


def test_the_price_of_the_cache_is_told_of_models_in_use_that_have_one(machine: Machine, tmp_path: Path) -> None:
    machine.write("a", SUNDAY - 60, model="claude-opus-5-5")
    machine.write("b", SUNDAY - 60, model="gpt-unheard-of")
    machine.write("c", SUNDAY - 60, model="own-model")
    machine.write("d", SUNDAY - 20 * DAY, model="claude-sonnet-5-5")
    assert machine.run(SUNDAY)["cache_prices"] == {"claude-opus-5-5": [5, 8]}
    with open_index(tmp_path / "cache" / "transcripts.sqlite3", Prices({"own": {"cache_write_1h": 3}})) as store:
        assert cache_prices(store, SUNDAY)["own-model"][1] == 3


def test_amounts_with_a_model_of_unknown_price_name_it(machine: Machine) -> None:
    machine.write("known", SUNDAY - 2 * DAY, model="claude-opus-9", branch="known")
    assert "unpriced" not in machine.run(SUNDAY)["week"]
    machine.write("new", SUNDAY - 60, model="glm-4.6", branch="new")
    machine.write("secret", SUNDAY - 50, model="sk-ant-oat01-CANARY-abcdefgh", branch="new")
    machine.write("synthetic", SUNDAY - 40, model="<synthetic>", branch="known")
    found = machine.run(SUNDAY)
    assert found["today"]["unpriced"] == found["month"]["unpriced"] == ["[redacted]", "glm-4.6"]
    assert machine.entry.value is not None
    branches: Any = machine.entry.value["branches"]
    assert {row[1]: row[3:] for row in branches} == {"known": [], "new": [True]}
    spent: Any = machine.entry.value["spent"]
    assert spent["five_hour"]["estimated"] is True
