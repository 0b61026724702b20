"""MCP logins are shown by name and state, without tokens and addresses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.sources.claude.mcp import AT_MOST, LONGEST_NAME, McpLogin, failing_logins, mcp_health
from tests.support.examples import examples
from tests.support.paths import DATA
from tests.support.tick_world import World, payload

DATA = DATA / "credentials"
NOW = 1795320000


def health(servers: object) -> list[McpLogin]:
    return mcp_health(json.dumps({"mcpOAuth": servers}), now=NOW)


@pytest.mark.parametrize("name", ["nested.json", "mcp-only.json", "hex.txt"])
def test_each_server_has_a_name_and_a_state(name: str) -> None:
    found = mcp_health((DATA / name).read_text(), now=NOW)
    assert found == [
        {"name": "plugin:sentry:sentry", "state": "missing", "renews": False},
        {"name": "linear", "state": "expired", "renews": True},
        {"name": "notion", "state": "ok", "renews": False},
        {"name": "café", "state": "expired", "renews": False},
    ]
    assert not [word for word in ("CANARY", "://", "mcp.linear.app") if word in str(found)]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"accessToken": "x", "expiresAt": NOW * 1000 + 1000}, "ok"),
        ({"accessToken": "x", "expiresAt": NOW * 1000}, "expired"),
        ({"accessToken": "x", "expiresAt": NOW + 1}, "ok"),
        ({"accessToken": "x"}, "ok"),
        ({"accessToken": "x", "expiresAt": 0}, "ok"),
        ({"accessToken": "x", "expiresAt": "odd"}, "ok"),
        ({"accessToken": ""}, "missing"),
        ({"accessToken": None, "expiresAt": 0}, "missing"),
        ({"accessToken": ["x"]}, "missing"),
        ({"serverUrl": "https://a"}, "missing"),
    ],
)
def test_a_login_without_a_token_is_missing_and_a_passed_expiry_is_expired(row: object, state: str) -> None:
    assert [each["state"] for each in health({"a|1": row})] == [state]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("plain", "plain"),
        ("https://user:CANARY@mcp.example/path?key=CANARY", "mcp.example"),
        ("https://mcp.example?key=CANARY", "mcp.example"),
        ("a\x1b[31m\u202eb\u200bc\u2028d\n", "a[31mbcd"),
        ("sk-\u200bant-oat01-CANARY", "[redacted]"),
        ("ann@example.com", "[redacted]"),
        ("x" * 500, "x" * LONGEST_NAME),
    ],
)
def test_a_name_is_fit_to_be_shown(said: str, expected: str) -> None:
    assert [each["name"] for each in health({"key|1": {"serverName": said}})] == [expected]


def test_a_server_without_a_name_has_that_of_its_key() -> None:
    assert [each["name"] for each in health({"linear|1234": {"accessToken": "x"}, "|1": {"accessToken": "x"}})] == [
        "linear"
    ]


def test_of_two_rows_for_one_server_the_better_counts() -> None:
    rows = {
        "a|1": {"serverName": "a", "accessToken": ""},
        "b|1": {"serverName": "b", "accessToken": "x"},
        "a|2": {"serverName": "a", "accessToken": "x"},
        "b|2": {"serverName": "b", "accessToken": ""},
    }
    assert [(each["name"], each["state"]) for each in health(rows)] == [("a", "ok"), ("b", "ok")]


def test_the_list_is_bounded() -> None:
    assert len(health({f"server {n}": {"accessToken": "x"} for n in range(AT_MOST + 9)})) == AT_MOST


@pytest.mark.parametrize("text", ["", "nothing", "[]", "{}", '{"mcpOAuth": []}', '{"mcpOAuth": {"a": 5, "b": {}}}'])
def test_odd_texts_have_no_servers(text: str) -> None:
    assert mcp_health(text, now=NOW) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
rows = st.dictionaries(st.sampled_from(["serverName", "accessToken", "refreshToken", "expiresAt"]), json_values)


@examples(200)
@given(st.dictionaries(st.text(max_size=9), st.one_of(rows, json_values), max_size=5))
def test_nothing_that_a_row_may_hold_raises_or_is_unfit_to_be_shown(servers: object) -> None:
    for each in health(servers):
        assert each["name"].isprintable()
        assert each["state"] in {"ok", "missing", "expired"}


def test_what_a_person_has_to_sign_in_to_again_is_counted(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert failing_logins(env, now=NOW) == {}
    (tmp_path / ".claude").mkdir()
    file = tmp_path / ".claude" / ".credentials.json"
    file.write_text((DATA / "nested.json").read_text())
    assert failing_logins(env, now=NOW) == {"expired": 1, "missing": 1}  # of the two expired ones one renews itself
    file.write_text(json.dumps({"mcpOAuth": {"a|1": {"accessToken": "x"}}}))
    assert failing_logins(env, now=NOW) == {}


def test_the_line_shows_them_unless_no_login_may_be_read(tmp_path: Path, door: Path) -> None:
    world = World(tmp_path, door)
    folder = tmp_path / ".claude"
    folder.mkdir()
    (folder / ".credentials.json").write_text(json.dumps({"mcpOAuth": {"a|1": {"accessToken": ""}}}))
    (folder / ".credentials.json").chmod(0o600)
    config = tmp_path / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"rows": [["model", "mcp"]]}))
    for oauth, row in (("off", "Opus 5.5 1M"), ("auto", "Opus 5.5 1M │ mcp 1 missing")):
        world.extra = {"STATUSLINE_OAUTH": oauth}
        world.refresh("--force")
        assert world.line(payload("oauth-01-startup")) == row
