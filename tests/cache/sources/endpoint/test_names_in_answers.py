"""Names in the endpoint's answer are untrusted: no secret in one is kept, whole or in part."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.sources.endpoint.decode import NAME_AT_MOST, NO_NAME_FROM, safe_name
from cache.sources.endpoint.response import Usage, parse_usage
from cache.work.redact import MARK
from tests.support.examples import examples
from tests.support.secret_shapes import CORE, SHAPES, TOKEN, leaks

NOW = 1788465600

Position = Callable[[str], dict[str, Any]]


def row(**changes: Any) -> dict[str, Any]:
    """Return a body with one row of ``limits``, full and active, so that all of it is used."""
    return {"limits": [{"kind": "weekly_scoped", "percent": 100, "is_active": True, **changes}]}


def scope(**names: Any) -> dict[str, Any]:
    return row(scope=names)


PLACES: dict[str, Position] = {
    "display_name": lambda text: scope(model={"id": None, "display_name": text}),
    "model id": lambda text: scope(model={"id": text, "display_name": None}),
    "both": lambda text: scope(model={"id": text, "display_name": text}),
    "surface": lambda text: scope(model=None, surface=text),
    "surface and model": lambda text: row(kind="daily", scope={"surface": text, "model": {"display_name": text}}),
    "kind": lambda text: row(kind=text),
    "group": lambda text: row(kind="monthly_all", group=text, severity=text),
    "bucket": lambda text: {text: {"utilization": 100, "resets_at": None}},
    "percent": lambda text: row(kind="monthly_all", resets_at=text) | {"five_hour": {"utilization": 1, "note": text}},
    "currency": lambda text: {"spend": {"used": {"amount_minor": 5, "currency": text}, "enabled": True}},
    "older currency": lambda text: {"extra_usage": {"is_enabled": True, "used_credits": 5, "currency": text}},
    "reason": lambda text: {"extra_usage": {"is_enabled": True, "used_credits": 5, "disabled_reason": text}},
}


def read(place: Position, text: str) -> Usage:
    return parse_usage(json.dumps({"five_hour": None, **place(text)}).encode(), now=NOW)


def told(usage: Usage) -> str:
    """Return all of an answer that is kept, as text."""
    return json.dumps([[each.as_json() for each in usage.windows], usage.spend, usage.other], ensure_ascii=False)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_secret_in_a_name_is_kept(place: Position) -> None:
    for text in SHAPES.values():
        assert leaks(text), "else this says nothing"
        for name in (text, f"Fable {text}", f"{text} Fable"):
            assert not leaks(told(read(place, name))), name


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_secret_at_the_cut_of_a_name_is_removed_too(place: Position) -> None:
    for text in SHAPES.values():
        for before in range(20, NAME_AT_MOST, 3):
            assert not leaks(told(read(place, "m" * (before - 1) + " " + text))), text


HIDDEN = ["\u200b", "\x00", "\x1b", "\u202e", "\u00ad", "\ufeff", "\ufe0f", "\U000e0100", "\u034f", "\u115f", "\u3164"]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")
def test_what_cannot_be_seen_hides_no_secret(place: Position, sign: str) -> None:
    """The line leaves such characters out: what was hidden between them would be whole again."""
    for text in SHAPES.values():
        for step in (1, 2, 5):
            found = told(read(place, sign.join(text[i : i + step] for i in range(0, len(text), step))))
            assert sign not in found
            assert not leaks(found)


def test_a_text_too_long_for_a_name_is_none() -> None:
    """To cut it before it is scrubbed could leave half a secret."""
    long = "m " * NO_NAME_FROM
    assert safe_name(long[: NO_NAME_FROM - len(TOKEN)] + TOKEN) == ""
    found = read(PLACES["display_name"], long)
    assert [each.label for each in found.windows] == []
    assert found.other["binding"] == "weekly_scoped"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Fable 5", "Fable 5"),
        ("  Opus\n5.5\t ", "Opus 5.5"),
        ("claude-fable-5", "claude-fable-5"),
        ("模型 😀", "模型 😀"),
        (f"Fable {TOKEN}", f"Fable {MARK}"),
        (TOKEN, MARK),
        ("x" * 60, "x" * NAME_AT_MOST),
        ("\u200b \x00", ""),
        ("", ""),
    ],
)
def test_a_name_stays_what_it_is_but_for_its_secrets(text: str, name: str) -> None:
    assert safe_name(text) == name


@examples(300)
@given(before=st.text(max_size=30), shape=st.sampled_from(sorted(SHAPES.values())), after=st.text(max_size=30))
def test_no_secret_survives_in_a_name_whatever_is_around_it(before: str, shape: str, after: str) -> None:
    assert not leaks(safe_name(f"{before} {shape} {after}"))


@examples(300)
@given(st.text(max_size=NO_NAME_FROM + 5))
def test_any_name_is_short_and_visible(text: str) -> None:
    name = safe_name(text)
    assert len(name) <= NAME_AT_MOST
    assert name == name.strip()
    assert not any(unicodedata.category(each)[0] == "C" for each in name)
    assert CORE not in name
