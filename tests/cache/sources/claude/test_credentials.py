"""The login is found in every form in which Claude Code stores it, and its secrets never leave it."""

from __future__ import annotations

import copy
import json
import os
import pickle
import traceback
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.sources.claude.credentials import AT_MOST, Login, credentials_file, parse_login, plan_label, read_login
from cache.work.failures import Expired, Failure, KeychainLocked, NoScope, SignedOut
from cache.work.redact import Secret
from tests.support.examples import examples
from tests.support.paths import DATA
from tests.support.tick_world import TOKEN

DATA = DATA / "credentials"
OTHER = "sk-ant-oat01-CANARY-other"
EXPIRES_AT = 1795320000
BOTH = frozenset({"user:inference", "user:profile"})


def recorded(name: str) -> str:
    return (DATA / name).read_text()


def parsed(name: str) -> Login | None:
    return parse_login(recorded(name), origin="file")


@pytest.mark.parametrize(
    ("name", "expires_at", "scopes", "plan"),
    [
        ("nested.json", EXPIRES_AT, BOTH, "Max 5x"),
        ("flat.json", EXPIRES_AT, BOTH, "Max 5x"),
        ("snake.json", EXPIRES_AT, BOTH, "Pro"),
        ("bare.txt", None, None, None),
        ("quoted.txt", None, None, None),
        ("hex.txt", EXPIRES_AT, BOTH, "Max 5x"),
        ("hex-behind-junk.txt", EXPIRES_AT, BOTH, "Max 5x"),
        ("hex-of-a-bare-token.txt", None, None, None),
        ("scopes-as-text.json", EXPIRES_AT, None, "Max 5x"),
        ("no-profile-scope.json", EXPIRES_AT, frozenset({"user:inference"}), "Max 5x"),
        ("no-expiry.json", None, BOTH, "Max 5x"),
        ("expiry-as-text.json", EXPIRES_AT, BOTH, "Max 5x"),
    ],
)
def test_a_login_is_found_in_every_form_of_it(
    name: str, expires_at: int | None, scopes: frozenset[str] | None, plan: str | None
) -> None:
    assert parsed(name) == Login(Secret(TOKEN), expires_at, scopes, plan, "file")


@pytest.mark.parametrize(
    "name",
    [
        "mcp-only.json",
        "an-mcp-servers-own.json",
        "empty-token.json",
        "null-token.json",
        "only-a-refresh-token.txt",
        "refresh-token-as-access.json",
        "torn.json",
    ],
)
def test_a_text_without_a_login_gives_none(name: str) -> None:
    assert parsed(name) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a token",
        "{}",
        "[]",
        "null",
        "7b7d",
        "{" * 100_000,
        "[" * 100_000,
        '{"accessToken": 5}',
        '{"accessToken": "two words"}',
        '{"accessToken": "line\\nbreak"}',
        '{"accessToken": "\\ud800"}',
        '{"claudeAiOauth": "text", "accessToken": null}',
        "sk-ant-api03-CANARY",
        "sk-ant-oat01-CANARY and more",
    ],
)
def test_malformed_texts_give_no_login(text: str) -> None:
    assert parse_login(text, origin="keychain") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["accessToken", "access_token", "expiresAt", "expires_at", "scopes", "subscriptionType", "rateLimitTier"]
logins = st.dictionaries(st.sampled_from([*NAMES, "claudeAiOauth", "serverName"]), json_values)


@examples(300)
@given(st.one_of(st.text(), logins.map(json.dumps), logins.map(lambda each: json.dumps({"claudeAiOauth": each}))))
def test_nothing_that_a_file_may_hold_raises(text: str) -> None:
    for form in text, text.encode("utf-8", "replace").hex():
        login = parse_login(form, origin="file")
        assert login is None or (login.token.reveal().isascii() and login.token.reveal().isprintable())


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (1795320000123, EXPIRES_AT),
        (1795320000, EXPIRES_AT),
        (1795320000.7, EXPIRES_AT),
        ("1795320000123", EXPIRES_AT),
        ("1795320000", EXPIRES_AT),
        (0, 0),
        (None, None),
        ("soon", None),
        ("nan", None),
        (True, None),
        ([], None),
    ],
)
def test_an_expiry_is_seconds_or_milliseconds_or_their_text(said: object, expected: int | None) -> None:
    login = parse_login(json.dumps({"accessToken": TOKEN, "expiresAt": said}), origin="file")
    assert login is not None
    assert login.expires_at == expected


@pytest.mark.parametrize(
    ("kind", "tier", "expected"),
    [
        ("pro", "default_claude_ai", "Pro"),
        ("max", "default_claude_max_5x", "Max 5x"),
        ("max", "default_claude_max_20x", "Max 20x"),
        ("MAX", None, "Max"),
        (None, "default_claude_max_20x", "Max 20x"),
        ("team", "default_claude_max_5x", "Team"),
        ("enterprise", None, "Enterprise"),
        ("free", None, "Free"),
        ("edu_campus", None, "Edu Campus"),
        ("lab-2 beta", 7, "Lab 2 Beta"),
        (None, None, None),
        ("", "", None),
        (5, ["max_5x"], None),
        ("\x1b[31mpro", None, None),
        ("ann@example.com", None, None),
        (TOKEN, None, None),
    ],
)
def test_a_plan_has_a_label_for_people(kind: object, tier: object, expected: str | None) -> None:
    assert plan_label(kind, tier) == expected


def test_the_file_is_where_claude_code_has_it(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert credentials_file(home) == tmp_path / ".claude" / ".credentials.json"
    assert credentials_file({**home, "CLAUDE_CONFIG_DIR": "/a"}) == Path("/a/.credentials.json")
    secure = {"CLAUDE_SECURESTORAGE_CONFIG_DIR": "/b", "CLAUDE_CONFIG_DIR": "/a"}
    assert credentials_file({**home, **secure}) == Path("/b/.credentials.json")
    empty = {"CLAUDE_SECURESTORAGE_CONFIG_DIR": "", "CLAUDE_CONFIG_DIR": ""}
    assert credentials_file({**home, **empty}) == credentials_file(home)


class Home:
    """A home with or without a credentials file, and a Keychain that counts how often it was asked."""

    def __init__(self, path: Path) -> None:
        self.env = {"HOME": str(path)}
        self.file = path / ".claude" / ".credentials.json"
        self.file.parent.mkdir()
        self.asked = 0
        self.answer: Login | Failure | None = None

    def keep(self, **changes: Any) -> None:
        login = {**json.loads(recorded("flat.json")), **changes}
        self.file.write_text(json.dumps({"claudeAiOauth": login}))

    def keychain(self) -> Login | None:
        self.asked += 1
        if isinstance(self.answer, Failure):
            raise self.answer
        return self.answer

    def read(self, now: float = EXPIRES_AT - 60, *, both: bool = False) -> Login:
        return read_login(self.env, now=now, keychain=self.keychain, both=both)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def kept(token: str = OTHER, expires_at: int | None = EXPIRES_AT + 3600) -> Login:
    return Login(Secret(token), expires_at, BOTH, "Pro", "keychain")


def test_the_file_comes_first_and_the_keychain_is_not_asked(home: Home) -> None:
    home.keep()
    home.answer = kept()
    assert home.read() == parsed("flat.json")
    assert home.asked == 0


def test_the_keychain_is_asked_where_the_file_has_nothing(home: Home) -> None:
    home.answer = kept()
    assert home.read() == kept()
    home.file.write_text(recorded("mcp-only.json"))
    assert home.read() == kept()


def test_the_keychains_later_login_replaces_an_expired_one_and_the_conflict_is_reported(home: Home) -> None:
    home.keep()
    home.answer = kept()
    login = home.read(EXPIRES_AT)
    assert (login.token, login.from_, login.other_differs) == (kept().token, "keychain", True)


def test_a_keychain_login_without_an_expiry_is_worth_an_attempt(home: Home) -> None:
    home.keep()
    home.answer = kept(expires_at=None)
    assert home.read(EXPIRES_AT + 1).from_ == "keychain"


def test_the_doctor_sees_a_conflict_that_a_refresh_need_not_look_for(home: Home) -> None:
    home.keep()
    home.answer = kept(expires_at=EXPIRES_AT - 30)
    assert home.read(both=True).from_ == "file"
    assert home.read(both=True).other_differs
    home.answer = kept(TOKEN, EXPIRES_AT)
    assert not home.read(both=True).other_differs


def test_an_expired_login_is_never_returned(home: Home) -> None:
    home.keep()
    with pytest.raises(Expired):
        home.read(EXPIRES_AT)
    home.answer = kept(expires_at=EXPIRES_AT + 5)
    with pytest.raises(Expired):
        home.read(EXPIRES_AT + 5)


def test_no_login_anywhere_is_signed_out(home: Home) -> None:
    with pytest.raises(SignedOut):
        home.read()
    home.keep(accessToken="")
    with pytest.raises(SignedOut):
        home.read()
    with pytest.raises(SignedOut):
        read_login(home.env, now=0, keychain=None)


@pytest.mark.parametrize("scopes", [["user:inference"], []])
def test_a_login_that_may_not_read_usage_is_not_used(home: Home, scopes: list[str]) -> None:
    home.keep(scopes=scopes)
    with pytest.raises(NoScope):
        home.read()


def test_a_login_whose_scopes_are_unknown_is_worth_an_attempt(home: Home) -> None:
    home.keep(scopes="user:inference")
    assert home.read().scopes is None


def test_a_failure_of_the_keychain_is_raised(home: Home) -> None:
    home.keep()
    home.answer = KeychainLocked("security exited with 36")
    with pytest.raises(KeychainLocked):
        home.read(EXPIRES_AT)


@pytest.mark.parametrize("kind", ["fifo", "directory", "huge", "dangling link"])
def test_a_path_that_is_not_a_regular_file_gives_no_login_and_does_not_block(home: Home, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(home.file)
    elif kind == "directory":
        home.file.mkdir()
    elif kind == "huge":
        home.file.write_text(recorded("flat.json") + " " * AT_MOST)
    else:
        home.file.symlink_to(home.file.with_name("nowhere"))
    with pytest.raises(SignedOut):
        home.read()


def test_the_file_is_read_through_a_link_and_left_as_it_was(home: Home) -> None:
    """Managers of dotfiles put links there."""
    real = home.file.with_name("real.json")
    real.write_text(recorded("nested.json"))
    real.chmod(0o400)
    home.file.symlink_to(real)
    before = os.stat(real)
    assert home.read().token == Secret(TOKEN)
    after = os.stat(real)
    assert (after.st_mtime_ns, after.st_ino, after.st_mode) == (before.st_mtime_ns, before.st_ino, before.st_mode)
    assert real.read_text() == recorded("nested.json")
    assert sorted(each.name for each in home.file.parent.iterdir()) == [".credentials.json", "real.json"]


def test_undecodable_bytes_do_not_hide_the_login(home: Home) -> None:
    text = '{"mcpOAuth":{"\xff":{}},"claudeAiOauth":{"accessToken":"%s"}}' % TOKEN  # noqa: UP031 - braces all around
    home.file.write_bytes(b"\xef\xbb\xbf" + text.encode("latin-1"))
    assert home.read().token == Secret(TOKEN)


def test_a_login_shows_no_token_and_keeps_no_refresh_token() -> None:
    login = parsed("nested.json")
    assert login is not None
    assert {each.name for each in fields(login)} == {
        "token", "expires_at", "scopes", "plan", "from_", "other_differs",
    }  # fmt: skip
    assert "CANARY" not in f"{login} {login!r} {login!s} {vars(login)}"
    for copies in (pickle.dumps, copy.deepcopy, asdict):
        with pytest.raises(TypeError) as caught:
            copies(login)
        assert "CANARY" not in "".join(traceback.format_exception(caught.value))


def test_no_failure_contains_the_token(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    for changes, now in (({}, EXPIRES_AT), ({"scopes": []}, 0), ({"accessToken": None}, 0)):
        home.keep(**changes)
        with pytest.raises(Failure) as caught:
            home.read(now)
        told += traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert len(told) > 3
    assert "CANARY" not in "".join(told)
    assert capfd.readouterr() == ("", "")
