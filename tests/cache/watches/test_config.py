"""Which watches a configuration has."""

from __future__ import annotations

import hashlib

import pytest

from cache.watches.config import Watch, watches_in

DESKTOP = {"notify": "desktop"}


@pytest.mark.parametrize(
    ("value", "watch"),
    [
        ({"on": "waiting", **DESKTOP}, Watch((), "", "waiting", "desktop")),
        ({"on": "waiting", "at": [80], **DESKTOP}, Watch((), "", "waiting", "desktop")),
        ({"on": "expired", "command": "x"}, Watch((), "x", "expired")),
        ({"on": "expired", "command": "x", **DESKTOP}, Watch((), "x", "expired", "desktop")),
        ({"on": "reset", **DESKTOP}, Watch((90,), "", "reset", "desktop")),
        ({"on": "reset", "at": [95, 50], **DESKTOP}, Watch((50, 95), "", "reset", "desktop")),
        ({"on": "threshold", **DESKTOP}, Watch((90,), "", "threshold", "desktop")),
        ({"at": [80], **DESKTOP}, Watch((80,), "", "threshold", "desktop")),
    ],
)
def test_an_event_and_what_to_do(value: object, watch: Watch) -> None:
    assert watches_in([value]) == [watch]
    assert watches_in([watch.as_json()]) == [watch]


@pytest.mark.parametrize(
    "value",
    [
        {"on": "waiting"},
        {"on": "never", **DESKTOP},
        {"on": None, **DESKTOP},
        {"on": [], **DESKTOP},
        {"on": "reset", "at": [0], **DESKTOP},
        {"on": "reset", "at": 80, **DESKTOP},
        {"on": "waiting", "notify": "phone"},
        {"on": "waiting", "notify": []},
        {"on": "waiting", "notify": {}, "command": "x"},
        {"on": "waiting", "command": ""},
        {"on": "waiting", "command": 3, **DESKTOP},
        DESKTOP,
    ],
)
def test_an_odd_watch_is_left_out(value: object) -> None:
    assert watches_in([value]) == []


def test_what_differs_is_recorded_separately() -> None:
    watches = [
        Watch((80,), "x"),
        Watch((80,), "x", "reset"),
        Watch((80,), "x", notify="desktop"),
        Watch((80,), "", notify="desktop"),
    ]
    assert len({each.id for each in watches}) == 4
    assert Watch((80,), "x").id == Watch((90,), "x").id


def test_what_an_earlier_version_recorded_still_counts() -> None:
    assert Watch((80,), "x").id == hashlib.sha256(b"x").hexdigest()[:16]


def test_watches_that_do_the_same_are_one_with_all_thresholds() -> None:
    does = {"on": "reset", "command": "true"}
    found = watches_in([{**does, "at": [40]}, {**does, "at": [30, 40]}, {**does, "at": [30], "notify": "desktop"}])
    assert found == [Watch((30, 40), "true", "reset"), Watch((30,), "true", "reset", "desktop")]
