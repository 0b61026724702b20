"""A curve keeps every peak, reset and reached limit, with few points."""

from __future__ import annotations

import random

from cache.usage.history import Sample
from statusline.commands.report_page.curves import APART, MARKS_AT_MOST, STRETCHES, curve_of, split
from statusline.commands.report_page.facts import Facts
from statusline.commands.report_page.wording import describe_curve

START = 1_795_000_000
HOUR, DAY = 3600, 86400


def test_a_curve_rises_from_empty_to_its_reset_and_falls() -> None:
    reset = START + 6 * HOUR
    curve = curve_of("five_hour", "5h", [Sample(START + 3 * HOUR, 40.0, reset)], START, START + DAY)
    assert curve is not None
    assert curve.lines == [[(START + HOUR, 0.0), (START + 3 * HOUR, 40.0), (reset, 40.0), (reset, 0.0)]]


def test_a_window_that_runs_does_not_fall() -> None:
    curve = curve_of("five_hour", "5h", [Sample(START + 60, 130.0, START + 2 * DAY)], START, START + DAY)
    assert curve is not None
    assert curve.lines == [[(START + 60, 100.0)]]
    assert (curve.reset_count, curve.hits) == (0, [START + 60])


def test_a_reset_that_varies_by_a_second_is_the_same_window() -> None:
    samples = [Sample(START + n, 1.0, START + HOUR + n % 2) for n in range(5)]
    assert split(samples) == [samples]
    assert len(split([*samples, Sample(START + 9, 0.0, None), Sample(START + 10, 1.0, START + 5 * HOUR)])) == 3


def test_thinning_keeps_the_peak_the_last_reading_and_all_counts() -> None:
    rng = random.Random(7)
    samples = [Sample(START + 10 * n, rng.uniform(0, 99), START + DAY) for n in range(8000)]
    samples[4321] = samples[4321]._replace(percent=100.0)
    curve = curve_of("seven_day", "7d", samples, START, START + DAY)
    assert curve is not None
    assert len(curve.course) <= 2 * (STRETCHES + 1)
    assert samples[4321] in curve.course
    assert curve.course[-1] == samples[-1]
    assert curve.course == sorted(curve.course)
    assert (curve.peak, curve.hit_count) == (samples[4321], 1)


def test_resets_that_always_change_are_counted_and_few_are_drawn() -> None:
    samples = [Sample(START + 10 * n, 100.0, START + 10 * n + 1000 * (n % 2)) for n in range(8000)]
    curve = curve_of("five_hour", "5h", samples, START, START + DAY)
    assert curve is not None
    assert curve.hit_count == 8000
    assert len(curve.resets) == len(curve.hits) == MARKS_AT_MOST
    assert len(curve.marked) <= APART
    assert len(curve.course) <= 2 * (STRETCHES + 1)


def test_a_limit_that_was_reached_before_is_not_reached_again_at_the_start() -> None:
    samples = [Sample(START + n * HOUR, 100.0, START + DAY) for n in (-2, -1, 1, 2)]
    curve = curve_of("seven_day", "7d", samples, START, START + DAY)
    assert curve is not None
    assert (curve.hits, curve.hit_count, curve.peak.percent) == ([], 0, 100.0)
    assert curve.course == samples[2:]
    assert "The limit was reached before." in describe_curve(curve, Facts(START + DAY, START, zone="utc"))


def test_readings_outside_of_the_time_are_left_out() -> None:
    assert curve_of("five_hour", "5h", [Sample(START - 1, 1.0, None)], START, START + DAY) is None
