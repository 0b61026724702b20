"""The acceptance of the estimate: 40 simulated people per row, several draws of them, of which the worst counts.

``HUDLINE_EXAMPLES=long`` makes the five draws that it was accepted with.

Each has worked for some days with official numbers; then there are none any more, and the work goes on. What is looked
at is by how many points the number that is shown then is off, and what is said of use elsewhere.

Use elsewhere in sessions of up to an hour can be learned by nobody beforehand: that it is noticed is tested, not how
far the estimate is off then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cache.sources.transcripts.estimate import SignedInAccount, estimates
from cache.sources.transcripts.index import open_index
from tests.support.examples import SHARE, trials
from tests.support.simulated_users import HOUR, Habits, User

if TYPE_CHECKING:
    from pathlib import Path

    from cache.model.windows import Window
    from cache.sources.transcripts.index import Store
    from cache.sources.transcripts.trust import Trust

PEOPLE = trials(40, fewest=10)
DRAWS = 5 if SHARE > 1 else 1
HERE = SignedInAccount("a")


class Life:
    """A person and the index of the machine, at the time of the last official number."""

    def __init__(self, store: Store, name: str, habits: Habits) -> None:
        store.note("complete", 1)
        self.store, self.user = store, User(name, habits)
        self.last = self.user.live(store)

    def shown(self, now: float) -> Window | None:
        """Return what is shown of the five hours: the estimate, or the last official number while it holds."""
        official = self.last if self.last and self.last.resets_at and self.last.resets_at > now else None
        found = estimates(self.store, HERE, [official] if official else [], now).windows
        return next((each for each in found if each.id == "five_hour"), official)

    def off(self, now: float) -> float:
        """Return by how many points that is off."""
        shown = self.shown(now)
        return abs((shown.percent if shown else 0.0) - self.user.server.at(now)[0])

    def trust(self) -> Trust | None:
        return estimates(self.store, HERE, [], self.user.blind_at).trust


def p90(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.9) - 1]


def worst_p90(folder: Path, name: str, habits: Habits, hours: tuple[int, ...]) -> list[float]:
    """Return the 90th percentile of the errors after so many hours, in the worst of the draws."""
    worst = [0.0] * len(hours)
    for draw in range(DRAWS):
        errors: list[list[float]] = [[] for _ in hours]
        for number in range(PEOPLE):
            with open_index(folder / f"{draw}-{number}.sqlite3") as store:
                life = Life(store, f"{name} {draw} {number}", habits)
                for found, after in zip(errors, hours, strict=True):
                    found.append(life.off(life.user.blind_at + after * HOUR))
        worst = [max(one, p90(found)) for one, found in zip(worst, errors, strict=True)]
    return worst


@pytest.mark.parametrize(
    ("name", "habits", "points"),
    [
        pytest.param("one machine", Habits(), {1: 2.0, 3: 2.0, 6: 3.0}, marks=pytest.mark.thorough),
        ("with pauses", Habits(pauses=True), {1: 2.0, 3: 2.0, 6: 3.0}),
        pytest.param("30 % elsewhere", Habits(elsewhere=0.3), {1: 6.0, 3: 6.0, 6: 6.0}, marks=pytest.mark.thorough),
    ],
)
def test_hours_after_the_last_official_number_the_estimate_is_close_for_nine_of_ten_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, habits: Habits, points: dict[int, float]
) -> None:
    found = dict(zip(points, worst_p90(tmp_path, name, habits, tuple(points)), strict=True))
    with capsys.disabled():
        print(f"\nestimate, {name}: p90 after {', '.join(f'{h} h {p:.2f}' for h, p in found.items())} points")
    assert all(found[after] <= most for after, most in points.items())


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "habits", "least", "most"),
    [
        ("none elsewhere", Habits(), 0.0, 0.10),
        ("none elsewhere, with pauses", Habits(pauses=True), 0.0, 0.10),
        ("60 % elsewhere", Habits(elsewhere=0.6), 0.80, 1.0),
        ("60 % elsewhere in sessions", Habits(elsewhere=0.6, sessions=True), 0.80, 1.0),
    ],
)
def test_much_use_elsewhere_is_noticed_and_none_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, habits: Habits, least: float, most: float
) -> None:
    shares = []
    for draw in range(DRAWS):
        noticed = 0
        for number in range(PEOPLE):
            with open_index(tmp_path / f"{draw}-{number}.sqlite3") as store:
                trust = Life(store, f"{name} {draw} {number}", habits).trust()
                noticed += trust is not None and trust.elsewhere is True
        shares.append(noticed / PEOPLE)
    with capsys.disabled():
        print(f"\nmuch use elsewhere, {name}: said of {min(shares):.0%} to {max(shares):.0%}")
    assert least <= min(shares)
    assert max(shares) <= most


@pytest.mark.thorough
def test_work_that_goes_on_two_hours_after_a_reset_is_estimated_in_the_window_that_it_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worst = 0.0
    for draw in range(DRAWS):
        errors = []
        for number in range(PEOPLE):
            with open_index(tmp_path / f"{draw}-{number}.sqlite3") as store:
                life = Life(store, f"resumed {draw} {number}", Habits(resumes=2 * HOUR))
                server, end = life.user.server, life.user.server.at(life.user.here[-1].at)[1] or 0
                resumed_at = next(each.at for each in life.user.here if each.at > life.user.blind_at)
                assert resumed_at + 5 * HOUR <= end
                before = life.shown(resumed_at)
                assert before is None or (before.percent, before.resets_at) == (0.0, None)
                for now in (resumed_at + 3 * HOUR, resumed_at + 5 * HOUR - 30, resumed_at + 5.9 * HOUR):
                    shown = life.shown(now)
                    assert shown is not None
                    assert shown.resets_at == server.at(now)[1]
                    errors.append(life.off(now))
        worst = max(worst, p90(errors))
    with capsys.disabled():
        print(f"\nestimate, resumed 2 h after a reset: p90 {worst:.2f} points")
    assert worst <= 5.0
