"""A window is projected to run out only if that is before its reset at the recent pace."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cache.model.run_out import out_of
from cache.model.windows import Window
from cache.usage.history import Sample
from cache.usage.projection import FIVE_HOURS, WEEK, pace_of, projections_of, runs_out_at, smooth

if TYPE_CHECKING:
    from collections.abc import Sequence

    Points = Sequence[tuple[float, float]]

NOW = 1_795_320_000
MINUTE, HOUR, DAY = 60, 3600, 86400


def window_of(points: Points, *, id_: str = "five_hour", left: float = 3 * HOUR, source: str = "oauth") -> Window:
    """Return the reading to project from: the last of points given as (seconds before NOW, percent)."""
    ago, percent = points[-1]
    return Window(id_, "5h", percent, int(NOW + left), source, int(NOW - ago))


def samples_of(points: Points, left: float = 3 * HOUR) -> list[Sample]:
    return [Sample(int(NOW - ago), percent, int(NOW + left)) for ago, percent in points]


def projected(points: Points, *, id_: str = "five_hour", left: float = 3 * HOUR, source: str = "oauth") -> int | None:
    return runs_out_at(samples_of(points, left), window_of(points, id_=id_, left=left, source=source), NOW)


def line(per_hour: float, *, hours: float, start: float = 0, step_s: float = 300) -> Points:
    """Return points that rise evenly until now."""
    count = int(hours * HOUR / step_s)
    return [((count - i) * step_s, start + per_hour * i * step_s / HOUR) for i in range(count + 1)]


def in_minutes(at: int | None) -> float | None:
    return None if at is None else (at - NOW) / MINUTE


def test_steady_usage_runs_out_when_projected() -> None:
    """30 % an hour for 2 hours: the other 40 % last 80 minutes."""
    assert in_minutes(projected(line(30, hours=2))) == pytest.approx(80, abs=0.1)


@given(
    percent=st.floats(15, 98),
    half_hours=st.integers(1, 9),
    seen_s=st.floats(1200, 5 * HOUR),
    step_s=st.sampled_from([30, 120, 300, 600]),
)
def test_steady_usage_is_projected_to_the_minute_wherever_the_readings_begin(
    percent: float, half_hours: int, seen_s: float, step_s: float
) -> None:
    hours = half_hours / 2
    points = [each for each in line(percent / hours, hours=hours, step_s=step_s) if each[0] <= seen_s]
    truth, left = (100 - points[-1][1]) / percent * hours * 60, (5 - hours) * HOUR
    found = in_minutes(projected(points, left=left))
    if truth < left / 60 - 1:
        assert found == pytest.approx(truth, abs=1)
    elif truth > left / 60 + 1:
        assert found is None


@given(
    per_hour=st.floats(10, 60),
    hours=st.floats(1, 1.5),
    seed=st.integers(0, 10**6),
    noise=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_noise_of_a_point_moves_it_by_a_quarter_at_most(per_hour: float, hours: float, seed: int, noise: float) -> None:
    chance = random.Random(seed)
    even = line(per_hour, hours=hours)
    noisy = [(ago, max(0.0, percent + chance.uniform(-noise, noise))) for ago, percent in even]
    truth = (100 - even[-1][1]) / per_hour * 60
    assume(truth > 20)
    found = in_minutes(projected(noisy, left=3.4 * HOUR))
    if truth < 0.75 * 3.4 * 60:
        assert found == pytest.approx(truth, rel=0.25)


@given(percent=st.floats(50, 80), per_hour=st.floats(26, 40))
def test_whole_percents_are_as_good_as_exact_ones(percent: float, per_hour: float) -> None:
    even = line(per_hour, hours=percent / per_hour)
    points = [(ago, float(int(shown))) for ago, shown in even]
    truth = (100 - even[-1][1]) / per_hour * 60
    assert in_minutes(projected(points)) == pytest.approx(truth, rel=0.2, abs=5)


ANY = st.lists(st.tuples(st.integers(-600, 6 * HOUR), st.floats(0, 130)), max_size=40)


@given(
    rows=ANY,
    percent=st.floats(0, 130),
    ago=st.integers(-10, 2 * HOUR),
    left=st.integers(1, 5 * HOUR),
    id_=st.sampled_from(["five_hour", "seven_day", "seven_day:fable"]),
    former=ANY,
)
def test_a_projection_is_between_now_and_the_reset(
    rows: list[tuple[int, float]],
    percent: float,
    ago: int,
    left: int,
    id_: str,
    former: list[tuple[int, float]],
) -> None:
    kept = [Sample(NOW - at, value, NOW + left) for at, value in rows]
    kept += [Sample(NOW - at, value, NOW + left - 5 * HOUR) for at, value in former]
    window = Window(id_, "", percent, NOW + left, "oauth", NOW - ago)
    found = runs_out_at(kept, window, NOW + 0.7)
    assert found is None or (NOW + 0.7 < found < NOW + left and percent < 100)


@given(
    drops=st.lists(st.floats(0, 20), min_size=3, max_size=40), top=st.floats(0, 99.9), left=st.integers(60, 5 * HOUR)
)
def test_flat_and_falling_use_is_safe(drops: list[float], top: float, left: int) -> None:
    percents = [max(0.0, top - sum(drops[: i + 1])) for i in range(len(drops))]
    points = [((len(drops) - i) * 300.0, percent) for i, percent in enumerate(percents)]
    assert projected(points, left=left) is None
    assert projected([(ago, top) for ago, _ in points], left=left) is None


def test_use_that_lasts_until_the_reset_is_safe() -> None:
    points = line(18, hours=3)
    assert projected(points, left=2 * HOUR) is None
    assert in_minutes(projected(points, left=3 * HOUR)) == pytest.approx(46 / 18 * 60, abs=0.1)


def test_too_few_readings_and_too_short_a_time_say_nothing() -> None:
    assert projected([(1200, 20), (0, 80)]) is None
    assert projected([(500, 20), (300, 50), (0, 80)]) is None
    assert projected([(660, 20), (300, 50), (0, 80)]) is not None


def test_a_rise_below_one_percent_gives_no_projection() -> None:
    """98 and 98.4 may be the same number, rounded by one source and reported exactly by another."""
    assert projected([(1800, 98), (900, 98), (0, 98.4)]) is None


def test_without_a_reset_an_estimate_or_a_full_window_there_is_nothing_to_tell() -> None:
    points = line(30, hours=2)
    window = window_of(points)
    window.resets_at = None
    assert runs_out_at(samples_of(points), window, NOW) is None
    assert projected(points, source="estimate") is None
    assert projected(line(50, hours=2)) is None
    assert projected(line(60, hours=2)) is None


def test_a_reading_older_than_its_half_life_gives_no_projection() -> None:
    points = line(20, hours=2)
    late = window_of(points)
    late.observed_at = NOW - 1700
    assert runs_out_at(samples_of(points), late, NOW) is not None
    late.observed_at = NOW - 1801
    assert runs_out_at(samples_of(points), late, NOW) is None


def test_a_time_that_has_passed_is_no_projection() -> None:
    """98 % twenty minutes ago, at 30 % an hour: it should be full by now, so this is not known any more."""
    points = [(ago + 1200, percent) for ago, percent in line(30, hours=2, start=38)]
    assert projected(points) is None


def test_a_pause_moves_the_end_away_and_then_out_of_sight() -> None:
    busy = [(2 * HOUR, 0.0), (90 * MINUTE, 20.0), (HOUR, 40.0)]
    ends = []
    for idle in (0, 15, 30, 45, 60):
        points = [(ago - HOUR + idle * MINUTE, percent) for ago, percent in busy]
        points += [(ago * MINUTE, 40.0) for ago in range(idle - 5, -1, -5)]
        ends.append(in_minutes(projected(points, left=4 * HOUR - idle * MINUTE)))
    assert ends[0] == pytest.approx(90, abs=1)
    assert ends[1] is not None
    assert ends[1] > 110
    assert ends[-1] is None


def test_an_idle_gap_without_readings_counts_as_time() -> None:
    """There was no reading for an idle hour: the pace is not that of the minutes before it."""
    before = [(100 * MINUTE, 0), (80 * MINUTE, 20), (60 * MINUTE, 40)]
    assert projected([*before, (0, 41)], left=2 * HOUR) is None


def test_a_burst_weighs_by_its_size_not_by_its_number_of_readings() -> None:
    few = [(3600.0, 10.0), (600.0, 10.0), (300.0, 25.0), (0.0, 26.0)]
    many = [(3600.0, 10.0), (600.0, 10.0), *((600.0 - i, 10 + i / 20) for i in range(1, 301)), (0.0, 26.0)]
    one, two = projected(few, left=4 * HOUR), projected(many, left=4 * HOUR)
    assert one is not None
    assert two is not None
    assert abs(one - two) < 60


def test_the_burst_that_a_window_starts_with_is_not_its_pace() -> None:
    """12 % in 12 minutes is 60 % an hour; as the time before it counts as idle, half of that is taken for the pace."""
    points = [(12 * MINUTE, 0.0), (6 * MINUTE, 6.0), (0.0, 12.0)]
    assert in_minutes(projected(points, left=4.8 * HOUR)) == pytest.approx(182, abs=5)


def test_a_correction_downwards_takes_back_what_was_above_it() -> None:
    """For 40 minutes the readings were 20 points too high: no burst is seen where they rose, no end sooner than due."""
    straight = line(30, hours=2)
    corrected = [(ago, percent + 20 if 20 * MINUTE < ago < HOUR else percent) for ago, percent in straight]
    found = in_minutes(projected(corrected))
    assert found is not None
    assert 75 < found < 110


def test_one_low_glitch_is_not_a_burst() -> None:
    points = list(line(15, hours=3))
    points[-3] = (points[-3][0], 0.0)
    assert projected(points, left=2 * HOUR) is None


def test_one_high_glitch_is_not_the_level() -> None:
    points = list(line(30, hours=2))
    points[-4] = (points[-4][0], 99.0)
    assert in_minutes(projected(points)) == pytest.approx(80, rel=0.1)


def test_former_windows_do_not_count() -> None:
    """A window that was nearly full until an hour ago does not affect the next one."""
    former = [Sample(NOW - HOUR - ago, 90 - ago / 100, NOW - HOUR) for ago in range(0, 9000, 300)]
    flat = [(float(ago), 3.0) for ago in range(3000, -1, -300)]
    kept = former + samples_of(flat, left=4 * HOUR)
    assert runs_out_at(kept, window_of(flat, left=4 * HOUR), NOW) is None
    rising = line(40, hours=1)
    alone = projected(rising, left=4 * HOUR)
    assert alone is not None
    assert runs_out_at(former + samples_of(rising, left=4 * HOUR), window_of(rising, left=4 * HOUR), NOW) == alone


def test_a_reset_that_jitters_is_the_same_window() -> None:
    points = line(30, hours=2)
    kept = [each._replace(resets_at=NOW + 3 * HOUR + (i % 3 - 1) * 60) for i, each in enumerate(samples_of(points))]
    assert in_minutes(runs_out_at(kept, window_of(points), NOW)) == pytest.approx(80, abs=0.1)


def test_samples_come_in_any_order_and_the_windows_own_reading_replaces_one_of_its_time() -> None:
    points = line(30, hours=2)
    kept = [*samples_of(points)[::-1], Sample(NOW, 3.0, NOW + 3 * HOUR)]
    assert in_minutes(runs_out_at(kept, window_of(points), NOW)) == pytest.approx(80, abs=0.1)


@pytest.mark.parametrize("id_", ["seven_day", "seven_day:fable"])
@pytest.mark.parametrize(("hours", "is_known"), [(8, False), (30, False), (47, False), (48, True), (60, True)])
def test_a_week_has_no_projection_until_its_readings_cover_two_days(id_: str, hours: int, is_known: bool) -> None:
    """However heavy the first day was: it may be the only one of its kind."""
    points = line(80 / hours, hours=hours, step_s=1800)
    assert (projected(points, id_=id_, left=7 * DAY - hours * HOUR) is not None) == is_known


def test_readings_of_the_week_before_do_not_cover_this_one() -> None:
    before = [Sample(NOW - DAY - i * HOUR, 90 - i / 2, NOW - DAY) for i in range(100)]
    heavy = line(3, hours=24, step_s=1800)
    window = window_of(heavy, id_="seven_day", left=6 * DAY)
    assert runs_out_at([*before, *samples_of(heavy, left=6 * DAY)], window, NOW) is None


@pytest.mark.parametrize("per_day", [18.0, 22.0, 30.0])
def test_days_of_work_with_nights_between_give_the_pace_of_the_week(per_day: float) -> None:
    """Three days of eight hours each; looked at in the evening and in the morning, it is within a third."""
    points = []
    for i in range(3 * 48 + 1):
        into_day = i % 48 * 0.5
        percent = per_day * (i // 48 + min(into_day, 8) / 8)
        points.append(((3 * 48 - i) * 1800.0, percent))
    evening = [(ago - 16 * HOUR, percent) for ago, percent in points if ago >= 16 * HOUR]
    for seen, left in ((points, 4 * DAY), (evening, 4 * DAY + 16 * HOUR)):
        truth = (100 - seen[-1][1]) / per_day
        found = projected(seen, id_="seven_day:fable", left=left)
        if truth < 0.7 * left / DAY:
            assert found is not None
            assert (found - NOW) / DAY == pytest.approx(truth, rel=0.34)


def test_after_a_gap_what_was_used_before_the_first_reading_counts_on_average() -> None:
    """One hour into five at 40 %, seen for twelve minutes only: not the pace of these minutes alone."""
    points = [(12 * MINUTE, 20.0), (6 * MINUTE, 30.0), (0.0, 40.0)]
    found = in_minutes(projected(points, left=4 * HOUR))
    assert found is not None
    assert 60 / (20 / 12) < found < 90


def test_settled_leaves_alone_what_only_rises() -> None:
    rising = samples_of(line(13, hours=2))
    assert smooth(rising) == rising
    assert smooth([]) == []
    assert smooth(rising[:1]) == rising[:1]


@given(st.lists(st.floats(0, 100), max_size=30))
def test_settled_never_falls_and_keeps_the_last_word(percents: list[float]) -> None:
    found = smooth([Sample(i, percent, None) for i, percent in enumerate(percents)])
    assert [each.percent for each in found] == sorted(each.percent for each in found)
    assert [each.at for each in found] == list(range(len(percents)))
    assert not percents or found[-1].percent == percents[-1]


def test_a_reading_of_unknown_age_gives_no_projection() -> None:
    points = line(30, hours=2)
    window = window_of(points)
    window.age_known = False
    assert runs_out_at(samples_of(points), window, NOW) is None


def test_the_first_of_the_plan_wide_windows_is_named() -> None:
    fast, slow = line(30, hours=2), line(60, hours=1.5, start=9)
    windows = [
        window_of(fast),
        window_of(slow, id_="seven_day:fable"),
        window_of(line(1, hours=2), id_="seven_day", left=DAY),
    ]
    kept = {"five_hour": samples_of(fast), "seven_day:fable": samples_of(slow)}
    found = projections_of(windows, lambda id_: kept.get(id_, []), NOW)
    assert set(found) == {"five_hour"}, "the week of a model has too few readings yet"
    out = out_of({each.id: each for each in windows}, found, NOW)
    assert out is not None
    assert out[1] == "five_hour"
    assert in_minutes(out[0]) == pytest.approx(80, abs=0.1)
    assert projections_of(windows[1:], lambda id_: kept.get(id_, []), NOW) == {}


def test_only_the_short_window_has_the_short_pace() -> None:
    assert (pace_of("five_hour"), pace_of("seven_day"), pace_of("seven_day:fable")) == (FIVE_HOURS, WEEK, WEEK)
