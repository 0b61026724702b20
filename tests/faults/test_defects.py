"""The list of defects is true: each row has one, and each still fits the program."""

from __future__ import annotations

import ast

import pytest

from tests.faults.defects import TESTS, Defect, defects
from tests.support.faults.rows import ROWS
from tests.support.paths import ROOT


def test_each_row_has_a_defect() -> None:
    assert {each.row for each in defects()} == TESTS.keys() == ROWS.keys()


@pytest.mark.parametrize("defect", defects(), ids=lambda each: f"{each.row}: {each.what}")
def test_a_defect_still_fits_the_program(defect: Defect) -> None:
    text = (ROOT / defect.file).read_text()
    spoiled = defect.spoiled(text)
    assert spoiled != text
    ast.parse(spoiled)
