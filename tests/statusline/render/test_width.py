"""Cells: what the tables say, character by character and in clusters, is what wcwidth says."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import table_grapheme, table_mc, wcswidth, wcwidth

from statusline.render.sanitize import sanitize
from statusline.render.width import cell, cells, clusters, cut
from tests.support.paths import ROOT

NOT_PRINTED = {*range(0x20), *range(0x7F, 0xA0)}  # wcwidth has no width for control characters


def chars(*ranges: tuple[int, int]) -> st.SearchStrategy[str]:
    return st.sampled_from([chr(point) for low, high in ranges for point in range(low, high + 1)])


MARKS = chars(*table_mc.CATEGORY_MC[max(table_mc.CATEGORY_MC)])
VIRAMAS = chars(*table_grapheme.ISC_VIRAMA)
FLAGS_AND_TONES = st.sampled_from("\U0001f1e9\U0001f1ea\U0001f3fb\U0001f3ff\U0001f44d\u2600")
LETTERS = st.sampled_from("a \u0915\u0e33\u6f22\uff76\u1100\u1161\u11a8\u0301\u00e9\u2502\ue0a0")
TRICKY = st.text(st.one_of(MARKS, VIRAMAS, FLAGS_AND_TONES, LETTERS), max_size=12)


def generator() -> ModuleType:
    """Return the script that writes the tables; its folder is no package."""
    spec = importlib.util.spec_from_file_location("widths_script", ROOT / ".build" / "widths.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_tables_are_those_of_wcwidth() -> None:
    """If not: ``python .build/widths.py``."""
    assert (ROOT / "statusline" / "render" / "width_table.py").read_text(
        encoding="utf-8"
    ) == generator().module_source()


@pytest.mark.thorough
@pytest.mark.unmeasured
def test_every_character_is_as_wide_as_wcwidth_says() -> None:
    """Of the planes that are empty or private, one character in a hundred."""
    used = {*range(0x20, 0x40000), *range(0xE0000, 0xE1000), *range(0x40000, sys.maxunicode + 1, 101)}
    assert [hex(each) for each in used - NOT_PRINTED if cell(chr(each)) != wcwidth(chr(each))] == []


@given(TRICKY | st.text(max_size=20))
@example("\U0001f1e9\U0001f1ea\U0001f1eb")
def test_every_text_is_as_wide_as_wcwidth_says(text: str) -> None:
    """Joiners and variation selectors aside: they do not pass `sanitize`."""
    seen = sanitize(text, "")
    assert cells(seen) == wcswidth(seen)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ab", [("a", 1), ("b", 1)]),
        ("e\u0301x", [("e\u0301", 1), ("x", 1)]),
        ("\u6f22\u5b57", [("\u6f22", 2), ("\u5b57", 2)]),
        ("\U0001f1e9\U0001f1ea\U0001f1eb", [("\U0001f1e9\U0001f1ea", 2), ("\U0001f1eb", 2)]),
        ("\U0001f44d\U0001f3fd!", [("\U0001f44d\U0001f3fd", 2), ("!", 1)]),
        ("a\U0001f3fd", [("a", 1), ("\U0001f3fd", 2)]),
        ("\u0ba8\u0bbf", [("\u0ba8\u0bbf", 2)]),
        ("\u0915\u094d\u0937", [("\u0915\u094d\u0937", 2)]),
        ("\u1100\u1161\u11a8", [("\u1100\u1161\u11a8", 2)]),
        ("\u25cf\u2502\u00a7", [("\u25cf", 1), ("\u2502", 1), ("\u00a7", 1)]),
    ],
    ids=["letters", "mark", "wide", "flags", "tone", "lone tone", "spacing mark", "virama", "jamo", "ambiguous"],
)
def test_what_stands_together_is_one_cluster(text: str, parts: list[tuple[str, int]]) -> None:
    assert clusters(text) == parts


@given(TRICKY | st.text(max_size=30), st.integers(0, 30), st.sampled_from(["…", "...", ""]))
def test_a_cut_fits_and_ends_between_clusters(text: str, width: int, more: str) -> None:
    seen = sanitize(text, "")
    kept = cut(seen, width, more)
    assert wcswidth(kept) <= width
    if kept == seen:
        return
    assert cells(seen) > width
    begun = kept[: len(kept) - len(more)] if width >= len(more) else kept
    ends = [""]
    for cluster, _ in clusters(seen):
        ends.append(ends[-1] + cluster)
    assert begun in ends


def test_a_cut_says_that_something_is_missing() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("\u6f22\u5b57\u6f22", 4) == "\u6f22…"
    assert cut("abcdef", 4, "...") == "a..."
    assert cut("abcdef", 2, "...") == "ab"
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 0) == ""
