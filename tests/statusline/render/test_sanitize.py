"""The one exit: whatever a text holds, what leaves can be seen and does nothing."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusline.render.sanitize import LONGEST, safe_link, sanitize
from statusline.render.width import clusters

BAD = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}
NASTY = (
    "\x1b[31mred\x07\x1b]0;title\x07\x9b1m \u202eevil\u2066 zero\u200bwidth\u200d\ufeff line\u2028sep\u2029 \x00\t\r\n"
    "\u00ad\ufe0f\u3164\U000e0041 \ud800"
)


def test_what_could_act_or_hide_never_passes() -> None:
    clean = sanitize(NASTY)
    assert clean.split() == ["[31mred]0;title1m", "evil", "zerowidth", "line", "sep"]
    assert not {unicodedata.category(char) for char in clean} & BAD


@pytest.mark.thorough
@pytest.mark.unmeasured
def test_of_all_characters_only_harmless_ones_pass() -> None:
    """Letters, digits, signs, marks, the blank, and the icons of fonts for terminals."""
    passed = {char for point in range(sys.maxunicode + 1) if sanitize("x" + (char := chr(point))) == "x" + char}
    assert not {unicodedata.category(char) for char in passed} & BAD
    assert {char for char in passed if char.isspace()} == {" "}
    assert {"a", "é", "漢", "\u0301", "\ue0a0", "\U000f0001", "❤"} <= passed
    assert not {"\u200d", "\ufe0f", "\u3164", "\u202e", "\u061c", "\U000e0041", "\x9b"} & passed


def test_a_stack_of_marks_is_kept_low_and_none_stands_on_what_is_not_its_own() -> None:
    assert sanitize("e" + "\u0301" * 50) == "e" + "\u0301" * 6
    assert sanitize("\u0301a \u0301b") == "a b"


@pytest.mark.parametrize(
    "name",
    [
        "\u091c\u093c\u093f\u0902\u0926\u0917\u0940",  # Hindi: a consonant with three marks
        "\u1019\u103c\u102d\u102f\u1037",  # Burmese: four
        "\u0f62\u0f92\u0fb1\u0f74",  # Tibetan
        "\u05e9\u05c1\u05b8\u05bc\u05dc\u05d5\u05b9\u05dd",  # pointed Hebrew
        "Vie\u0323\u0302t Nam",  # decomposed Vietnamese
        "\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48",  # Thai
        "\u0643\u064e\u0651\u064e",  # Arabic
    ],
)
def test_a_name_in_any_script_stays_as_it_is_written(name: str) -> None:
    assert sanitize(name) == name


def test_a_long_text_is_capped_and_says_so() -> None:
    assert sanitize("x" * LONGEST) == "x" * LONGEST
    assert sanitize("x" * 10_000) == "x" * (LONGEST - 1) + "…"
    assert sanitize("é" * 10_000) == "é" * (LONGEST - 1) + "…"
    assert sanitize("x" * 10_000, "...") == "x" * (LONGEST - 3) + "..."


@given(st.integers(0, 3), st.sampled_from(["\U0001f1e9\U0001f1ea", "e\u0301\u0301", "\u0915\u094d\u0937\u093f"]))
def test_the_cap_falls_between_clusters(lead: int, cluster: str) -> None:
    kept = sanitize("x" * lead + cluster * LONGEST, "")
    assert len(kept) <= LONGEST
    assert {each for each, _ in clusters(kept)} <= {"x", cluster}


@given(st.text(max_size=400))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert sanitize(sanitize(text, ""), "") == sanitize(text, "")


@pytest.mark.parametrize("url", ["https://github.com/o/r/pull/7", "https://a.b/c?d=e;f&g=%20#h", "https://[::1]:8443/"])
def test_an_https_address_is_kept_as_it_is(url: str) -> None:
    assert safe_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://a.b",
        "HTTPS://a.b",
        "file:///etc/passwd",
        "javascript:alert(1)",
        " https://a.b",
        "https://a.b/ c",
        "https://a.b/\x1b\\\x1b]8;;",
        "https://a.b/\x07",
        "https://a.b/\x9c",
        "https://a.b/\n",
        "https://a.b/é",
        "https://a.b/\u202e",
        "https://a.b/" + "x" * 2000,
    ],
)
def test_anything_else_is_no_link(url: str | None) -> None:
    assert safe_link(url) == ""
