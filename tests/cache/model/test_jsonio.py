"""The JSON reader and writer of the tick agree with ``json``."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.jsonio import dump_json, mapping, number, parse_json, whole, words
from tests.support.paths import PAYLOADS, ROOT

RECORDED = sorted(PAYLOADS.glob("*.json"))

values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(values, st.sampled_from([None, 2]), st.booleans())
def test_what_json_wrote_is_read_as_json_reads_it(value: Any, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    assert parse_json(text) == json.loads(text)


@given(values)
def test_what_we_wrote_is_read_by_json(value: Any) -> None:
    assert json.loads(dump_json(value)) == json.loads(json.dumps(value))


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_a_value_error_and_agrees_with_json(text: str) -> None:
    try:
        expected = json.JSONDecoder(strict=False).raw_decode(text.lstrip(" \t\r\n\ufeff"))[0]
    except ValueError:
        with pytest.raises(ValueError, match=r".*"):
            parse_json(text)
    else:
        found = parse_json(text)
        assert found == expected or (isinstance(found, float) and math.isnan(found))


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a":1', "[" * 200_000, '"\\x"', "nul", '{"a":1,}'])
def test_a_torn_or_odd_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_json(text)


def test_more_digits_than_python_converts_cost_that_number_alone() -> None:
    found = mapping(parse_json('{"a": 7, "b": %s, "c": "x"}' % ("9" * 5000)))
    assert (found["a"], number(found["b"]), found["c"]) == (7, None, "x")


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_payloads_are_read_as_json_reads_them(path: Path) -> None:
    assert parse_json(path.read_text()) == json.loads(path.read_text())


def test_what_follows_the_first_value_and_a_byte_order_mark_do_not_matter() -> None:
    assert parse_json('\ufeff {"a": 1} trailing') == {"a": 1}


@pytest.mark.parametrize("odd", [True, False, None, "1", [], {}, float("nan"), float("inf"), -float("inf"), 10**400])
def test_an_odd_number_is_none(odd: object) -> None:
    assert number(odd) is None
    assert whole(odd) is None


def test_the_accessors_take_what_fits() -> None:
    assert (number(1), number(1.5), whole(1.9), words("x"), words(""), words(1)) == (1, 1.5, 1, "x", None, None)
    assert (mapping({"a": 1}), mapping([1]), mapping(None)) == ({"a": 1}, {}, {})


LOADED = """
import sys
sys.path.append(sys.argv[1])
before = "_json" in sys.modules
from cache.model.jsonio import parse_json
import json
print(before, parse_json("[1]"), json.loads("[2]"), json.scanner.c_make_scanner is sys.modules["_json"].make_scanner)
"""


@pytest.mark.parametrize("path", ["", "sys.path = [each for each in sys.path if not each.endswith('lib-dynload')]\n"])
def test_the_scanner_is_found_without_a_search_and_json_takes_the_same(path: str) -> None:
    """Where the library is not beside the others, the search of the path decides."""
    code = LOADED.replace("import sys\n", f"import sys\n{path}", 1) if path else LOADED
    command = [sys.executable, "-I", "-S", "-c", code, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if path and "_json" not in sys.builtin_module_names:
        assert "No module named" in done.stderr
    else:
        assert (done.stdout, done.stderr) == ("False [1] [2] True\n", "")
