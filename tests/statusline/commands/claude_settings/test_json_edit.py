"""A member is set and taken out of JSON text, and nothing else moves."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusline.commands.claude_settings.json_edit import NotAnObject, put, put_back, put_inner, scan, value_text

OURS = {"type": "command", "command": "run 'it' \"now\" \\ ä", "padding": 0, "refreshInterval": 10}

BLANKS = st.text(alphabet=" \t\r\n", max_size=4)
SCALARS = st.one_of(
    st.sampled_from(["true", "false", "null", "-0.0", "1E+2", "12345678901234567890123", r'"\ud83d"', '"\u2028"']),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    st.text().map(json.dumps),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])).map(lambda t: json.dumps(t, ensure_ascii=False)),
)
NAMES = st.one_of(st.text(), st.sampled_from(["statusline", "status", "env", 'a"b', "{", "}"]))


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[str], names: st.SearchStrategy[str] = NAMES) -> str:
    """Return the text of an object with whitespace wherever JSON allows it."""
    members = draw(st.dictionaries(names, values, max_size=4))
    inside = []
    for name, value in members.items():
        shown = json.dumps(name, ensure_ascii=draw(st.booleans()))
        inside.append(f"{draw(BLANKS)}{shown}{draw(BLANKS)}:{draw(BLANKS)}{value}{draw(BLANKS)}")
    return "{" + (",".join(inside) or draw(BLANKS)) + "}"


@st.composite
def lists(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Return the text of a list."""
    return "[" + f"{draw(BLANKS)},{draw(BLANKS)}".join(draw(st.lists(values, max_size=3))) + "]"


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(objects(inner, st.one_of(NAMES, st.just("statusLine"))), lists(inner)),
    max_leaves=8,
)


@st.composite
def settings_texts(draw: st.DrawFn) -> str:
    """Return a whole settings text: with or without a statusLine, a byte-order mark, a last newline."""
    text = draw(objects(VALUES, st.one_of(NAMES, st.just("statusLine"))))
    return draw(st.sampled_from(["", "\ufeff"])) + draw(BLANKS) + text + draw(BLANKS)


def parsed(text: str) -> dict[str, object]:
    whole = json.loads(text.removeprefix("\ufeff"))
    assert isinstance(whole, dict)
    return whole


@given(settings_texts())
def test_setting_a_member_changes_its_value_and_nothing_else(text: str) -> None:
    expected = parsed(text)
    expected["statusLine"] = OURS
    after = parsed(put(text, "statusLine", OURS))
    assert after == expected
    assert list(after) == list(expected)


@given(st.one_of(settings_texts(), BLANKS))
def test_setting_and_putting_back_is_as_if_nothing_had_been(text: str) -> None:
    assert put_back(put(text, "statusLine", OURS), "statusLine", text) == text


@given(settings_texts(), st.text(), VALUES)
def test_later_edits_stay_when_the_old_line_is_restored(text: str, name: str, value: str) -> None:
    edited = put(put(text, "statusLine", OURS), f"new {name}", json.loads(value))
    after = put_back(edited, "statusLine", text)
    assert after is not None
    assert parsed(after) == {**parsed(text), f"new {name}": json.loads(value)}


@given(settings_texts())
def test_replacing_an_inner_member_leaves_every_other_character(text: str) -> None:
    with_ours = put(text, "statusLine", OURS)
    other = {**OURS, "command": "another"}
    assert put_inner(with_ours, "statusLine", "command", "another") == put(with_ours, "statusLine", other)
    assert (
        put_inner(put_inner(with_ours, "statusLine", "command", "x"), "statusLine", "command", OURS["command"])
        == with_ours
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "statusLine": {\n    "x": 0\n  }\n}\n'),
        ('{\r\n\t"a": 1\r\n}', '{\r\n\t"a": 1,\r\n\t"statusLine": {\r\n\t\t"x": 0\r\n\t}\r\n}'),
        ('{"a":1}', '{"a":1,"statusLine":{"x":0}}'),
        ('{ "a": 1, "b": 2 }', '{ "a": 1, "b": 2, "statusLine": {"x": 0} }'),
        ('{\n"a" : [\n1]\n}', '{\n"a" : [\n1],\n"statusLine": {\n"x": 0\n}\n}'),
        ("{}", '{\n  "statusLine": {\n    "x": 0\n  }\n}'),
        ("", '{\n  "statusLine": {\n    "x": 0\n  }\n}\n'),
        ('{\n    "statusLine": "old",\n    "b": 2}', '{\n    "statusLine": {\n        "x": 0\n    },\n    "b": 2}'),
    ],
)
def test_a_new_member_looks_as_its_neighbours_do(before: str, after: str) -> None:
    assert put(before, "statusLine", {"x": 0}) == after
    assert put_back(after, "statusLine", before) == before


def test_a_member_that_was_moved_is_removed_cleanly() -> None:
    assert put_back('{\n  "statusLine": {},\n  "a": 1\n}', "statusLine", '{"a": 1}') == '{\n  "a": 1\n}'
    assert put_back('{"a": 1, "statusLine": {}, "b": 2}', "statusLine", "{}") == '{"a": 1, "b": 2}'


def test_a_member_alone_in_a_file_that_did_not_exist_leaves_no_file() -> None:
    assert put_back(put("", "statusLine", OURS), "statusLine", None) is None


def test_a_name_written_with_escapes_is_the_same_name() -> None:
    assert value_text(r'{"status\u004cine": "old"}', "statusLine") == '"old"'


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "{",
        '{"a": 1,}',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": 1} x',
        '{"a" 1}',
        '// no\n{"a": 1}',
        '{"a": "\n"}',
        '{"a": ' * 100_000,
        "\ufeff\ufeff{}",
        "\u00a0{}",
        '{"a": 01}',
        "{a: 1}",
        '{"a":}',
        '{,"a":1}',
    ],
)
def test_what_is_not_one_json_object_is_refused(text: str) -> None:
    with pytest.raises(NotAnObject):
        scan(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{\n  "env": {},}', "line 2, column 13: trailing comma before `}`"),
        ('{"env":\n {"a": 1,}}', "line 2, column 10: trailing comma before `}`"),
        ('{ // mine\n "a": 1}', "line 1, column 3: comments are not allowed"),
        (" [1]", "line 1, column 2: expected `{`"),
    ],
)
def test_an_error_has_line_and_reason(text: str, says: str) -> None:
    with pytest.raises(NotAnObject) as raised:
        scan(text)
    assert str(raised.value) == says


def test_a_value_that_python_would_not_read_is_no_reason_to_refuse() -> None:
    deep = "[" * 200 + "1" * 5000 + "]" * 200
    assert value_text(f'{{"a": {deep}, "b": 1e999999}}', "a") == deep
