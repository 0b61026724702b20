"""Of many readings of a window, the one to believe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cache.merge import AGREE_S, believe, has_ended, same_window, worth_keeping
from cache.window import Window, window_from

NOW, RESET = 1795320000, 1795327200


def reading(percent: float, at: int, resets_at: int | None = RESET, id_: str = "five_hour") -> Window:
    return Window(id_, "5h", percent, resets_at, "stdin", at)


def believed(*readings: Window, now: int = NOW) -> tuple[float, int] | None:
    found = believe(readings, now).get("five_hour")
    return None if found is None else (found.percent, found.observed_at)


def test_the_highest_of_the_last_five_minutes_counts() -> None:
    assert believed(reading(42, NOW - 200), reading(40, NOW)) == (42, NOW)


def test_a_correction_downwards_counts_once_the_higher_one_is_old() -> None:
    assert believed(reading(42, NOW - AGREE_S - 1), reading(40, NOW)) == (40, NOW)


def test_an_idle_session_that_replays_an_old_number_does_not_win() -> None:
    assert believed(reading(90, NOW - 4000), reading(10, NOW)) == (10, NOW)


def test_of_two_windows_the_one_observed_last_counts() -> None:
    assert believed(reading(99, NOW - 10, RESET), reading(1, NOW, RESET + 5 * 3600)) == (1, NOW)


def test_a_window_that_has_ended_does_not_count() -> None:
    assert believed(reading(99, NOW, NOW)) is None
    assert believed(reading(99, NOW, NOW - 5), reading(3, NOW - 50)) == (3, NOW - 50)


def test_resets_that_jitter_are_one_window() -> None:
    assert same_window(reading(1, NOW), reading(1, NOW, RESET + 900))
    assert not same_window(reading(1, NOW), reading(1, NOW, RESET + 901))
    assert same_window(reading(1, NOW, RESET, "seven_day"), reading(1, NOW, RESET + 3600, "seven_day"))
    assert not same_window(reading(1, NOW, None), reading(1, NOW))
    assert same_window(reading(1, NOW, None), reading(1, NOW, None))


def test_a_reading_from_the_future_was_made_before_the_clock_was_set_back() -> None:
    assert believed(reading(99, NOW + 4000), reading(3, NOW)) == (3, NOW)


def test_a_reading_from_the_future_does_not_push_out_what_is_seen_now() -> None:
    assert worth_keeping([reading(99, NOW + 4000), reading(3, NOW)], NOW) == [reading(3, NOW)]


def test_a_window_that_had_not_started_is_not_shown_again_after_one_has_run() -> None:
    not_started, started = reading(0, NOW - 7000, None), reading(40, NOW - 6000, NOW)
    assert believed(*worth_keeping([not_started, started], NOW - 6000), now=NOW) is None


def test_a_window_ends_when_its_newest_reading_says_so() -> None:
    older, newer = reading(3, NOW - 9000, NOW + 60), reading(38, NOW - 100, NOW)
    assert believed(older, newer, now=NOW - 1) == (38, NOW - 100)
    assert believed(older, newer) is None
    kept = worth_keeping([newer], NOW + 30)
    assert believed(older, *kept, now=NOW + 30) is None
    assert worth_keeping([older, newer], NOW + 960) == []


def naive(readings: list[Window], now: int) -> tuple[float, int] | None:
    """Apply the rule as it is told, over every reading there ever was.

    A window has ended when the newest reading of it says so; "not started" ends when a window starts.
    """

    def is_over(one: Window) -> bool:
        return any(
            has_ended(each, now) and same_window(each, one) and each.observed_at >= one.observed_at for each in readings
        )

    started_at = max((each.observed_at for each in readings if each.resets_at is not None), default=0)
    alive = [each for each in readings if not is_over(each) and each.observed_at <= now]
    alive = [each for each in alive if each.resets_at is not None or each.observed_at >= started_at]
    if not alive:
        return None
    newest = max(alive, key=lambda each: (each.observed_at, each.percent))
    agreeing = [each for each in alive if same_window(each, newest) and each.observed_at >= newest.observed_at - 300]
    return max(each.percent for each in agreeing), newest.observed_at


steps = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 100), st.sampled_from([RESET, RESET + 60, RESET + 18000, None])),
    max_size=40,
)


@given(steps)
def test_keeping_only_what_may_matter_later_never_changes_what_is_believed(
    taken: list[tuple[int, int, int | None]],
) -> None:
    every: list[Window] = []
    kept: list[Window] = []
    now = NOW
    for later, percent, resets_at in taken:
        now += later
        every.append(reading(percent, now, resets_at))
        kept = worth_keeping([*kept, every[-1]], now)
        assert believed(*kept, now=now) == naive(every, now)
        assert len(kept) <= 16


def test_rows_that_make_no_sense_are_no_windows() -> None:
    good = reading(42, NOW).as_json()
    assert window_from(good) == reading(42, NOW)
    for change in ({"percent": 1795327200}, {"percent": -1}, {"percent": None}, {"id": 3}, {"observed_at": "x"}):
        assert window_from({**good, **change}) is None
    assert window_from("five_hour") is None
