"""The estimate: what it learns from official numbers, and what it says when there are none."""

from __future__ import annotations

import random
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cache.sources.answer import Answer
from cache.sources.calibration import calibration, observe, pairs, readings
from cache.sources.estimate import Spent, estimate, estimates
from cache.sources.prices import Prices, Tokens
from cache.sources.store import Store, opened
from cache.sources.tally import add, file_number, known_files
from cache.sources.transcripts import scan
from cache.window import CLAUDE, ESTIMATE, OAUTH, STDIN, Window
from tests.examples import trials
from tests.transcripts_made import NOW, answer_line

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR, DAY = 3600, 86400
RESET = NOW + 2 * HOUR  # of the window that is on
LABELS = {"five_hour": "5h", "seven_day": "7d", "seven_day:fable": "Fable"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an index for which all transcripts have been read, as far as there are any."""
    with opened(tmp_path / "i.sqlite3") as found:
        scan(found, [tmp_path / "projects"], now=NOW)
        yield found


DOLLAR = {"claude-opus-5-5": 50_000, "claude-fable-5-2": 25_000}  # tokens of output


def work(store: Store, *dollars_at: tuple[float, float], model: str = "claude-opus-5-5") -> None:
    """Let answers have been given: of so many dollars, at these times."""
    file = file_number(store, f"f{len(known_files(store))}", NOW)
    for n, (dollars, at) in enumerate(dollars_at, start=file * 1000):
        add(store, file, [Answer(n, 1, int(at), model, Tokens(0, round(dollars * DOLLAR[model]), 0, 0, 0))])


def damage(store: Store, at: float) -> None:
    """Let an old answer at this time have cost more than any number."""
    work(store, (1, at))
    store.write("UPDATE sightings SET dollars = ? WHERE at = ?", (float("inf"), int(at)))


def estimated(store: Store, last: Window | None, now: float = NOW, id_: str = "five_hour") -> Window:
    """Return an estimate that there is."""
    found = estimate(store, "a", id_, last, now)
    assert isinstance(found, Window)
    return found


def official(
    percent: float, at: float, resets_at: int | None = RESET, id_: str = "five_hour", source: str = OAUTH
) -> Window:
    return Window(id_, LABELS[id_], percent, resets_at, source, int(at))


def learn(store: Store, *percents_at: tuple[float, float], resets_at: int = RESET, account: str = "a") -> None:
    for percent, at in percents_at:
        observe(store, account, official(percent, at, resets_at))


@pytest.mark.parametrize("when", ["before", "since"])
def test_an_endless_cost_in_a_damaged_index_teaches_nothing_and_is_no_estimate(store: Store, when: str) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (1, NOW - 90))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    damage(store, NOW - (HOUR + 1 if when == "before" else 60))
    learned = calibration(store, "a", "five_hour")
    assert learned is not None
    assert (learned.percent_per_dollar, learned.pairs) == (10.0, 2 if when == "since" else 1)
    found = estimate(store, "a", "five_hour", official(30, NOW - 1800), NOW)
    assert (found is None) is (when == "since")


# --- an official number in this window ---------------------------------------------------------------------------


def test_what_was_done_since_is_added_to_the_last_official_number(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (3, NOW - 60))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    assert calibration(store, "a", "five_hour") == (10.0, 2, 0.0)
    found = estimate(store, "a", "five_hour", official(30, NOW - 1800), NOW)
    assert found == Window("five_hour", "5h", 60.0, RESET, ESTIMATE, NOW)


@pytest.mark.parametrize(("dollars", "percent"), [(0.0, None), (0.099, None), (0.1, 31.0), (0.5, 35.0)])
def test_an_official_number_stays_while_less_than_a_point_was_added(
    store: Store, dollars: float, percent: float | None
) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (dollars, NOW - 60))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    found = estimate(store, "a", "five_hour", official(30, NOW - 1800), NOW)
    assert found == (None if percent is None else Window("five_hour", "5h", percent, RESET, ESTIMATE, NOW))


def test_a_limit_that_is_reached_stays_reached_until_it_resets(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (5, NOW - 60))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    assert estimate(store, "a", "five_hour", official(100, NOW - 900), NOW) is None
    assert estimate(store, "a", "five_hour", official(99.9, NOW - 900), NOW) is not None
    assert estimated(store, official(100, NOW - 900), RESET + 1).percent == 0.0


def test_without_a_calibration_an_official_number_stays_as_it_is(store: Store) -> None:
    work(store, (5, NOW - 60))
    assert estimate(store, "a", "five_hour", official(30, NOW - 1800), NOW) is None
    assert estimate(store, "a", "seven_day", official(30, NOW - 1800, NOW + DAY, "seven_day"), NOW) is None


def test_without_any_official_number_at_hand_the_last_reading_is_the_anchor(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, NOW - 60))
    learn(store, (20, NOW - HOUR))
    assert estimated(store, None) == Window("five_hour", "5h", 30.0, RESET, ESTIMATE, NOW)


def test_an_estimate_stays_within_bounds(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (10_000, NOW - 60))
    learn(store, (90, NOW - HOUR))
    assert estimated(store, official(90, NOW - HOUR)).percent == 1000
    ahead = estimate(store, "a", "five_hour", official(90, NOW + HOUR), NOW)  # the clock was set back
    assert ahead is None


def test_activity_of_the_account_before_does_not_count(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (5, NOW - HOUR), (1, NOW - 60))
    learn(store, (20, NOW - 2 * HOUR))
    found = estimate(store, "a", "five_hour", official(20, NOW - 2 * HOUR), NOW, account_since=NOW - 1800)
    assert isinstance(found, Window)
    assert found.percent == 30


def test_a_model_week_counts_only_that_model(store: Store) -> None:
    reset = NOW + 3 * DAY
    work(store, (5, NOW - DAY), (9, NOW - 60))
    work(store, (2, NOW - DAY), (1, NOW - 60), model="claude-fable-5-2")
    window = official(20, NOW - HOUR, reset, "seven_day:fable")
    observe(store, "a", window)
    found = estimated(store, window, id_="seven_day:fable")
    assert found == Window("seven_day:fable", "Fable", 30.0, reset, ESTIMATE, NOW)
    unknown = Window("seven_day:surprise", "Surprise", 20.0, reset, OAUTH, NOW - HOUR)
    observe(store, "a", unknown)
    assert estimate(store, "a", "seven_day:surprise", unknown, NOW) is None


# --- after a reset -----------------------------------------------------------------------------------------------


def test_the_next_window_starts_with_the_first_answer_after_the_reset(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, RESET + 2 * HOUR), (2, RESET + 6 * HOUR))
    learn(store, (40, RESET - HOUR))
    last = official(40, RESET - HOUR)
    for at in (RESET, RESET + HOUR, RESET + 2 * HOUR):
        assert estimated(store, last, at) == Window("five_hour", "5h", 0.0, None, ESTIMATE, at)
    for at, percent in ((RESET + 2 * HOUR + 1, 20.0), (RESET + 6 * HOUR + 1, 60.0), (RESET + 7 * HOUR - 1, 60.0)):
        assert estimated(store, last, at) == Window("five_hour", "5h", percent, RESET + 7 * HOUR, ESTIMATE, at)
    assert estimated(store, last, RESET + 7 * HOUR).resets_at is None


def test_each_window_after_it_starts_with_the_first_answer_after_the_one_before(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, RESET), (1, RESET + 5 * HOUR), (1, RESET + 11 * HOUR))
    learn(store, (40, RESET - HOUR))
    last = official(40, RESET - HOUR)
    first = estimated(store, last, RESET + HOUR)
    assert (first.percent, first.resets_at) == (20.0, RESET + 5 * HOUR)
    second = estimated(store, last, RESET + 6 * HOUR)
    assert (second.percent, second.resets_at) == (20.0, RESET + 10 * HOUR)
    third = estimated(store, last, RESET + 12 * HOUR)
    assert (third.percent, third.resets_at) == (20.0, RESET + 16 * HOUR)


def test_the_week_follows_its_last_known_reset_at_once(store: Store) -> None:
    reset = NOW + DAY
    work(store, (5, NOW - DAY), (3, reset + DAY))
    observe(store, "a", official(50, NOW, reset, "seven_day"))
    found = estimated(store, official(50, NOW, reset, "seven_day"), reset + 2 * DAY, "seven_day")
    assert found == Window("seven_day", "7d", 30.0, reset + 7 * DAY, ESTIMATE, reset + 2 * DAY)
    assert estimated(store, None, reset + HOUR, "seven_day").resets_at is None


def test_a_window_that_had_not_started_starts_with_the_first_answer(store: Store) -> None:
    work(store, (2, NOW - 20 * HOUR), (1, NOW - 90))
    learn(store, (40, NOW - 19 * HOUR), resets_at=NOW - 16 * HOUR)
    found = estimated(store, official(0, NOW - HOUR, None))
    assert found == Window("five_hour", "5h", 20.0, NOW - 90 + 5 * HOUR, ESTIMATE, NOW)
    still = estimated(store, official(0, NOW - 60, None))
    assert still == Window("five_hour", "5h", 0.0, None, ESTIMATE, NOW)


# --- never calibrated --------------------------------------------------------------------------------------------


def test_without_any_official_number_there_is_no_percentage_only_what_was_spent(store: Store) -> None:
    work(store, (6, NOW - 20 * HOUR), (3, NOW - 12 * HOUR), (0.16, NOW - HOUR), (0.04, NOW - 60))
    found = estimates(store, "a", [], NOW)
    assert found.windows == []
    assert {id_: each.since for id_, each in found.spent.items()} == {
        "five_hour": NOW - HOUR,
        "seven_day": NOW - 7 * DAY,
    }
    assert [each.dollars for each in found.spent.values()] == pytest.approx([0.2, 9.2])
    assert found.spent["five_hour"].as_json() == {"dollars": 0.2, "since": NOW - HOUR}
    assert estimate(store, "a", "spend", None, NOW) is None


def test_spent_in_five_hours_is_counted_from_the_first_answer_after_the_five_hours_before(store: Store) -> None:
    work(store, (1, NOW - 11 * HOUR), (2, NOW - 6 * HOUR - 1), (4, NOW - 5 * HOUR + 1), (8, NOW - HOUR))
    assert estimate(store, "a", "five_hour", None, NOW) == Spent(12.0, NOW - 5 * HOUR + 1)
    assert estimate(store, "a", "five_hour", None, NOW + 1) == Spent(0.0, NOW + 1)


def test_after_an_official_number_that_taught_nothing_there_is_only_what_was_spent(store: Store) -> None:
    learn(store, (40, RESET - HOUR))
    work(store, (0.5, RESET + HOUR))
    assert estimate(store, "a", "five_hour", None, RESET + 2 * HOUR) == Spent(0.5, RESET + HOUR)
    assert estimate(store, "a", "five_hour", None, RESET + HOUR) == Spent(0.0, RESET + HOUR)


def test_another_account_is_another_calibration(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, NOW - 60))
    learn(store, (20, NOW - HOUR))
    assert isinstance(estimate(store, "b", "five_hour", None, NOW), Spent)
    assert estimate(store, "b", "five_hour", None, NOW, account_since=NOW - HOUR) == Spent(1.0, NOW - 60)


def test_all_that_can_be_estimated_is(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, NOW - 60))
    week = official(5, NOW - HOUR, NOW + DAY, "seven_day")
    for window in (official(20, NOW - HOUR), week):
        observe(store, "a", window)
    found = estimates(store, "a", [week], NOW)
    assert [(each.id, each.percent, each.source) for each in found.windows] == [
        ("five_hour", 30.0, ESTIMATE), ("seven_day", 7.5, ESTIMATE),
    ]  # fmt: skip
    assert found.spent == {}


# --- what is learned ---------------------------------------------------------------------------------------------


def test_small_increments_are_put_together_until_they_measure_something(store: Store) -> None:
    work(store, *[(0.1, RESET - 5 * HOUR + 60 * n) for n in range(100)])
    learn(store, *[(n, RESET - 5 * HOUR + 600 * n) for n in range(1, 10)])
    found = pairs(store, "a", "five_hour")
    assert [pair.percent for pair in found] == [3, 4]
    assert [pair.dollars for pair in found] == pytest.approx([3, 4])


def test_a_correction_downwards_is_no_increment_and_what_follows_is(store: Store) -> None:
    work(store, *[(1, NOW - 9000 + 100 * n) for n in range(90)])
    learn(store, (40, NOW - 8000), (20, NOW - 6000), (21, NOW - 5000), (30, NOW - 4000))
    assert [pair.percent for pair in pairs(store, "a", "five_hour")] == [10, 40]


def test_a_new_window_starts_from_nothing(store: Store) -> None:
    work(store, *[(1, RESET - 5 * HOUR + 60 * n) for n in range(600)])
    learn(store, (80, RESET - HOUR))
    learn(store, (10, RESET + HOUR), (20, RESET + 2 * HOUR), resets_at=RESET + 5 * HOUR)
    assert [pair.percent for pair in pairs(store, "a", "five_hour")] == [10, 10, 80]


def test_increments_during_which_another_account_was_seen_tell_nothing(store: Store) -> None:
    work(store, *[(1, NOW - 9000 + 100 * n) for n in range(90)])
    learn(store, (10, NOW - 8000))
    learn(store, (50, NOW - 7000), account="b")
    learn(store, (20, NOW - 6000), (30, NOW - 5000))
    assert [pair.percent for pair in pairs(store, "a", "five_hour")] == [10, 10]
    assert calibration(store, "nobody", "five_hour") is None


def test_an_increment_that_ends_at_the_limit_or_without_local_work_tells_nothing(store: Store) -> None:
    work(store, (1, NOW - 3000), (9, NOW - 1500))
    learn(store, (50, NOW - 4000), (90, NOW - 2000), (100, NOW - 1000))
    assert [pair.percent for pair in pairs(store, "a", "five_hour")] == [40]
    assert estimated(store, None, RESET + 1).percent == 0


def test_increments_that_other_machines_caused_do_not_spoil_what_was_learned(store: Store) -> None:
    for n in range(8):
        reset = NOW - n * 5 * HOUR
        work(store, (1, reset - 3 * HOUR))
        values = ("a", "five_hour", reset - HOUR, reset, 60 if n in {2, 5} else 10)
        store.write("INSERT INTO readings VALUES(?, ?, ?, ?, ?, NULL)", values)
    found = calibration(store, "a", "five_hour")
    assert found is not None
    assert found.percent_per_dollar == pytest.approx(10)
    assert found.pairs == 8


def test_a_new_plan_is_learned_from_the_latest_increments(store: Store) -> None:
    for n in range(40, 0, -1):
        reset = NOW - n * 5 * HOUR
        work(store, (1, reset - 3 * HOUR))
        learn(store, (40 if n > 12 else 10, reset - HOUR), resets_at=reset)
    found = calibration(store, "a", "five_hour")
    assert found is not None
    assert found.percent_per_dollar == pytest.approx(10)


def test_transcripts_that_are_read_later_set_right_what_was_learned(store: Store) -> None:
    work(store, (1, NOW - 3 * HOUR + 60))
    learn(store, (40, NOW - HOUR))
    assert calibration(store, "a", "five_hour") == (40, 1, 0)
    work(store, (3, NOW - 2 * HOUR))
    assert calibration(store, "a", "five_hour") == (10, 1, 0)


def test_before_the_first_scan_has_finished_a_window_s_whole_way_teaches_nothing(store: Store) -> None:
    work(store, (1, NOW - 3 * HOUR + 60), (1, NOW - 1800))
    learn(store, (40, NOW - HOUR), (50, NOW - 60))
    store.write("DELETE FROM facts WHERE name = 'complete'", ())
    assert pairs(store, "a", "five_hour") == [(10, 1)]


def test_what_is_no_official_reading_or_no_news_is_not_kept(store: Store) -> None:
    observe(store, "a", official(30, NOW, source=CLAUDE))
    for window in (
        official(50, NOW + 60, source=ESTIMATE),
        official(50, NOW + 60, None),
        official(float("nan"), NOW + 60),
        official(1e9, NOW + 60),
        official(50, RESET + 1),  # observed after its end, by a clock that is wrong
        official(50, RESET - 6 * HOUR),
        official(29, NOW, source=STDIN),
        official(29, NOW - 60, source=STDIN),
        Window("spend", "", 5, RESET, OAUTH, NOW + 60),
    ):
        observe(store, "a", window)
    assert readings(store, "a", "five_hour") == [(NOW, RESET, 30.0)]
    assert store.rows("SELECT count(*) FROM readings") == [(1,)]


def test_what_is_kept_is_bounded(store: Store) -> None:
    for n in range(300):
        reset = NOW + n * 5 * HOUR
        learn(store, (4, reset - 4 * HOUR), (8, reset - 3 * HOUR), resets_at=reset)
    assert len(readings(store, "a", "five_hour")) == 64
    learn(store, (4, NOW + 120 * DAY), resets_at=NOW + 120 * DAY + HOUR, account="b")
    assert readings(store, "a", "five_hour") == []


# --- the acceptance: three users, simulated ----------------------------------------------------------------------


class User(NamedTuple):
    """A mix of models, and how many percent of a 5-hour window a dollar takes: the ``k`` that is to be found out."""

    models: dict[str, float]
    percent_per_dollar: float


USERS = [
    User({"claude-opus-5-5": 0.9, "claude-haiku-5-5": 0.1}, 2.4),
    User({"claude-sonnet-5-5": 0.7, "claude-opus-5-5": 0.1, "claude-haiku-4-5": 0.2}, 5.5),
    User({"claude-fable-5-2": 0.5, "claude-opus-5": 0.3, "claude-3-5-haiku-20241022": 0.2}, 0.9),
]
FULL = (35.0, 95.0)  # percent that a busy window comes to


class Trial:
    """Two days of one user's life, with official readings until three hours before its end."""

    def __init__(self, folder: Path, number: int, noise: float) -> None:
        self.rng, self.noise = random.Random(number), noise
        self.user = USERS[number % 3]
        self.enough = self.rng.randrange(5, 9)  # pairs; nothing is learned from more
        self.path = folder / "projects/p" / f"s{number}.jsonl"
        self.path.parent.mkdir(parents=True)
        self.answers: list[tuple[float, float]] = []  # when, and its dollars
        self.lines: list[bytes] = []

    def run(self, store: Store) -> float:
        """Live, learn, estimate; return by how many points the estimate is off."""
        end = NOW // 60 * 60
        for window in (2, 1):
            reset = end - window * 7 * HOUR
            self.busy_window(reset)
            self.look(store, reset, reset - HOUR // 2)
        self.busy_window(end)
        last = self.look(store, end, end - 3 * HOUR)
        known = calibration(store, "a", "five_hour")
        assert known is not None
        assert 5 <= known.pairs <= self.enough
        found = estimated(store, last, end - 1)
        assert found.observed_at - last.observed_at >= 3 * HOUR - 1
        return abs(found.percent - self.true_percent(end - 5 * HOUR, end - 1))

    def busy_window(self, reset: int) -> None:
        """Work through a window, in bursts, until it stands at what a busy one comes to."""
        goal = self.rng.uniform(*FULL) / self.user.percent_per_dollar
        before = sum(dollars for _, dollars in self.answers)
        while sum(dollars for _, dollars in self.answers) < before + goal:
            burst = reset - 5 * HOUR + self.rng.random() * 4.8 * HOUR
            for n in range(self.rng.randrange(1, 12)):
                model = self.rng.choices(list(self.user.models), list(self.user.models.values()))[0]
                write, read = int(self.rng.expovariate(1 / 30_000)), int(self.rng.expovariate(1 / 200_000))
                tokens = Tokens(self.rng.randrange(10, 9000), self.rng.randrange(50, 12_000), write, write // 3, read)
                self.say(int(min(burst + 20 * n, reset - 30)), model, tokens)

    def say(self, at: int, model: str, tokens: Tokens) -> None:
        """Write an answer as two lines, the first of them an early state of it."""
        number = len(self.answers)
        self.answers.append((at, Prices().cost(model, tokens)))
        five, hour = tokens.cache_write_5m, tokens.cache_write_1h
        for share in (3, 1):
            usage: dict[str, object] = {"input_tokens": tokens.input, "cache_read_input_tokens": tokens.cache_read}
            usage["cache_creation"] = {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}
            usage["cache_creation_input_tokens"] = five + hour
            usage["output_tokens"] = tokens.output // share
            self.lines.append(answer_line(f"m{number}", f"r{number}", at, model=model, usage=usage, text="."))

    def look(self, store: Store, reset: int, until: int) -> Window:
        """Ask for the official number every 20 to 40 minutes; each increment comes with noise, to one decimal."""
        self.path.write_bytes(b"".join(self.lines))
        assert scan(store, [self.path.parent.parent], now=NOW).finished
        at, shown, true = reset - 5 * HOUR, 0.0, 0.0
        while at < until:
            at = min(at + self.rng.randrange(20, 41) * 60, until)
            now_true = self.true_percent(reset - 5 * HOUR, at)
            shown += (now_true - true) * max(0.0, self.rng.gauss(1, self.noise))
            true = now_true
            last = Window("five_hour", "5h", round(shown, 1), reset, STDIN, at)
            if len(pairs(store, "a", "five_hour")) < self.enough:
                observe(store, "a", last)
        return last

    def true_percent(self, start: float, end: float) -> float:
        return self.user.percent_per_dollar * sum(dollars for at, dollars in self.answers if start <= at < end)


def simulate(folder: Path, noise: float) -> list[float]:
    errors = []
    for number in range(trials(200, fewest=60)):
        place = folder / str(number)
        place.mkdir()
        with opened(place / "i.sqlite3") as store:
            errors.append(Trial(place, number, noise).run(store))
    return sorted(errors)


@pytest.mark.parametrize(("noise", "points"), [(0.1, 5.0), (0.0, 1.0)])
def test_three_hours_later_the_estimate_is_close_in_nine_of_ten_trials(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], noise: float, points: float
) -> None:
    errors = simulate(tmp_path, noise)
    median, p90 = statistics.median(errors), errors[int(len(errors) * 0.9) - 1]
    summary = f"{len(errors)} trials, noise {noise:.0%}: median {median:.2f}, p90 {p90:.2f} points"
    with capsys.disabled():
        print(f"\nestimate 3 h after the last official reading, {summary}")
    assert p90 <= points
