"""A login that has ended alerts once, until it works again."""

from __future__ import annotations

import pytest

from cache.watches.config import Watch
from cache.watches.logins import ended_logins, still_ended

WATCH = Watch((), "", "expired", "desktop")


def told_of(*problems: str | None) -> list[str]:
    sent: list[str] = []
    texts = []
    for problem in problems:
        sent = still_ended(sent, problem)
        told = ended_logins([WATCH, Watch((80,), "x")], problem, sent)
        sent += [each.record for each in told]
        texts += [each.problem for each in told]
    return texts


@pytest.mark.parametrize(
    ("problems", "told"),
    [
        ((None, "unreachable", "rate_limited", "off", "api_key", "refused"), []),
        ((None, "expired", "expired"), ["expired"]),
        (("expired", "signed_out", "expired"), ["expired"]),
        (("signed_out", None, "expired"), ["signed_out", "expired"]),
        (("expired", "unreachable", "off", "expired"), ["expired"]),
    ],
)
def test_once_until_it_works_again(problems: tuple[str | None, ...], told: list[str]) -> None:
    assert told_of(*problems) == told


def test_the_text_names_the_next_step() -> None:
    (told,) = ended_logins([WATCH], "expired", [])
    assert told.text == "Login expired. Run `claude`: it renews the login by itself."
    assert told.facts == {"HUDLINE_PROBLEM": "expired"}
