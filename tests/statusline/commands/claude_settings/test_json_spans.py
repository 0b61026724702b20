"""The strict reader: the value that `json` reads, with the line of each part; errors have their line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusline.commands.claude_settings.json_spans import NotJson, parse
from tests.support.config_values import anything

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = """{
  "a": 1,
  "b": [true,
    {"c": "x",
     "d": []}],
  "e": null
}
"""


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, (dict, list)):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths_of(each, (*path, key))


def refuse(word: str) -> None:
    raise ValueError(word)


def test_each_value_has_its_line() -> None:
    found = parse(SAMPLE)
    assert found.value == json.loads(SAMPLE)
    expected = {
        (): 1,
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 3,
        ("b", 1): 4,
        ("b", 1, "c"): 4,
        ("b", 1, "d"): 5,
        ("e",): 6,
    }
    assert found.lines == expected
    assert found.repeated == []


@given(anything, st.sampled_from([None, 0, 3]))
def test_what_json_writes_is_read_to_the_same_value_with_a_line_for_every_part(
    value: object, indent: int | None
) -> None:
    try:
        text = json.dumps(value, indent=indent, allow_nan=False)
        expected = json.loads(text)
    except ValueError:  # no JSON: NaN, or more digits than Python reads
        return
    found = parse(text)
    assert found.value == expected
    assert set(found.lines) == set(paths_of(expected))


@given(st.text(alphabet='{}[]",:truefalsn01.-+e \n\\u"x/#\'', max_size=40))
def test_a_text_is_read_or_refused_as_json_does(text: str) -> None:
    expected: Any = None
    try:
        expected = json.loads(text, parse_constant=refuse)
    except ValueError:
        with pytest.raises(NotJson):
            parse(text)
    else:
        assert parse(text).value == expected


def test_a_duplicate_key_is_reported_and_the_last_one_wins() -> None:
    found = parse('{"a": 1,\n"b": {"c": 1,\n"c": 2},\n"a": 3}')
    assert found.value == {"a": 3, "b": {"c": 2}}
    assert found.repeated == [(3, ("b", "c")), (4, ("a",))]


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse("\ufeff{}").value == {}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "the file is empty"),
        (" \n", 2, "the file is empty"),
        ("[", 1, "the file ends too early: expecting value"),
        ('{"a": 1\n', 2, "the file ends too early: expected `,` or `}`"),
        ('{\n"a": 1,\n}', 3, "trailing comma before `}`"),
        ("[1,\n2,]", 2, "trailing comma before `]`"),
        ('{"a": 1\n"b": 2}', 2, "expected `,` or `}`"),
        ('{"a', 1, "unterminated string starting at"),
        ("{a: 1}", 1, 'expected a key in double quotes, such as "theme"'),
        ("{\n'a': 1}", 2, "strings need double quotes"),
        ('{"a": 1, // why\n"b": 2}', 1, "comments are not allowed"),
        ('{\n/* why */ "a": 1}', 2, "comments are not allowed"),
        ('{\n# why\n"a": 1}', 2, "comments are not allowed"),
        ('{"a" 1}', 1, 'expected `:` after the key "a"'),
        ('{"a": NaN}', 1, "not a JSON number"),
        ('{"a": ' + "1" * 5000 + "}", 1, "not a JSON number"),
        ("{}\n{}", 2, "unexpected text after the end"),
        ("[" * 5000, 1, "nested too deeply"),
        ('{"a": "x\ny"}', 1, "invalid control character at"),
    ],
)
def test_text_that_is_not_json_is_reported_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(NotJson) as raised:
        parse(text)
    assert (raised.value.line, str(raised.value)) == (line, says)
