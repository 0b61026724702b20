"""How far an estimate can be trusted: usage elsewhere shows in increments that local work does not explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cache.sources.transcripts.calibration import Calibration, Increment
from cache.sources.transcripts.estimate import SignedInAccount, estimates
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.trust import trust
from statusline.commands.usage_page.estimate_trust import Trust, read_trust
from tests.support.estimate_index import HOUR, learn, work
from tests.support.transcript_writer import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable


def of(increments: Iterable[tuple[float, float]]) -> Calibration:
    """Return what is learned from increments: percent, and dollars."""
    found = tuple(Increment(*each) for each in increments)
    percent, dollars = (sum(column) for column in zip(*found, strict=True))
    return Calibration(percent / dollars, percent, 0.0, found)


def test_increments_that_are_alike_show_no_use_elsewhere() -> None:
    found = trust(of([(3.3, 1.0)] * 10))
    assert [found.points, found.off] == pytest.approx([33, 0])
    assert found.elsewhere is False


def test_rises_without_local_work_show_use_elsewhere() -> None:
    found = trust(of([(3.3, 1.0), (3.3, 0.0)] * 5))
    assert [found.points, found.off] == pytest.approx([33, 1])
    assert found.elsewhere is True


def test_rounding_to_whole_percents_is_not_usage_elsewhere() -> None:
    """A percentage may be half a point off at either end of an increment."""
    assert trust(of([(3.0, 3.4), (4.0, 3.6)] * 10)).elsewhere is False
    assert trust(of([(3.2, 4.4), (4.3, 3.1)] * 10)).elsewhere is True


@pytest.mark.parametrize("increments", [[(5.0, 1.0), (20.0, 1.0)], [(4.1, 1.0), (0.1, 1.0)] * 4])
def test_too_little_data_says_nothing_about_usage_elsewhere(increments: list[tuple[float, float]]) -> None:
    assert trust(of(increments)).elsewhere is None


def test_the_trust_of_an_index_is_that_of_its_five_hours(tmp_path: Path) -> None:
    with open_index(tmp_path / "i.sqlite3") as store:
        assert estimates(store, SignedInAccount("a"), [], NOW).trust is None
        store.note("complete", 1)
        for n in range(8, 0, -1):
            reset = NOW - n * 5 * HOUR
            work(store, (1, reset - 4.5 * HOUR))
            steps = [(10 * k, reset - (5 - k) * HOUR) for k in range(1, 5)]
            learn(store, *steps, resets_at=reset)
        found = estimates(store, SignedInAccount("a"), [], NOW).trust
    assert found is not None
    assert found.elsewhere is True
    assert found.as_json() == {"points": 320.0, "off": 1.45, "elsewhere": True}


DIFFER = "official numbers differ by 41% from the use on this machine"


@pytest.mark.parametrize(
    ("trust", "sentence"),
    [
        (
            Trust(240, 0.413, elsewhere=True),
            f"Much of the use is elsewhere: {DIFFER}, so estimates can be far off.",
        ),
        (
            Trust(240, 0.043, elsewhere=False),
            "Estimates are off by about 4% of what they add to the last official number.",
        ),
        (
            Trust(240, 0.0, elsewhere=False),
            "Estimates are off by about 1% of what they add to the last official number.",
        ),
        (
            Trust(12.4, 0.5, elsewhere=None),
            "Estimates are rough: they were learned from only 12 points of official numbers.",
        ),
    ],
)
def test_one_sentence_rates_the_estimate(trust: Trust, sentence: str) -> None:
    assert trust.sentence == sentence


FIELDS = '{"points": 30, "off": 0.5, "elsewhere": true}'


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('{"account": "a", "trust": ' + FIELDS + "}", Trust(30, 0.5, elsewhere=True)),
        ('{"account": "a", "trust": {"points": 30, "off": 0.5, "elsewhere": 1}}', Trust(30, 0.5, elsewhere=None)),
        ('{"account": "b", "trust": ' + FIELDS + "}", None),
        ('{"account": "a", "trust": null}', None),
        ('{"account": "a", "trust": {"points": "x", "off": 1}}', None),
        ('{"account": "a"}', None),
        ("null", None),
    ],
)
def test_it_is_read_from_the_entry_of_this_account_alone(tmp_path: Path, value: str, found: Trust | None) -> None:
    assert read_trust(tmp_path, "a") is None
    (tmp_path / "transcripts.json").write_text(f'{{"schema": 1, "fetched_at": 1, "due_at": 1, "value": {value}}}')
    assert read_trust(tmp_path, "a") == found
