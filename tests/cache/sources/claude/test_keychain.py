"""The Keychain is read as rarely as possible, never waited for long, and gets only the item's name."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pwd
import subprocess
import sys
import traceback
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from cache.sources.claude.credentials import Login, parse_login, read_login
from cache.sources.claude.keychain import (
    COOL_DOWN,
    ask_keychain,
    cooling_down,
    has_keychain,
    keychain_text,
    service_name,
)
from cache.sources.claude.mcp import mcp_health
from cache.work.failures import Failure, KeychainLocked, KeychainRefused, KeychainSilent, Settled, Unwritable
from cache.work.redact import Secret
from tests.support.paths import DATA, FAKES, ROOT
from tests.support.tick_world import TOKEN, until

FAKE = FAKES / "security"
DATA = DATA / "credentials"
NOW = 1795300000
SERVICE = "Claude Code-credentials"


class Mac:
    """A machine with a fake ``security``, which is controlled by files."""

    def __init__(self, path: Path) -> None:
        self.room = path / ".fake-security"
        self.room.mkdir()
        self.cooldown = path / "keychain.json"
        self.env = {
            "HOME": str(path),
            "USER": "ann",
            "PATH": "/nowhere",
            "STATUSLINE_SECURITY_BIN": str(FAKE),
            "ANTHROPIC_API_KEY": "sk-ant-api03-CANARY",
            "CLAUDE_CODE_MESSAGING_TOKEN": "CANARY",
        }

    def plays(self, who: str, *, code: int = 0, text: str = "", hang: str = "") -> None:
        (self.room / f"{who}.exit").write_text(str(code))
        (self.room / f"{who}.out").write_text(text)
        (self.room / f"{who}.hang").unlink(missing_ok=True)
        if hang:
            (self.room / f"{who}.hang").write_text(hang)

    def holds(self, name: str) -> None:
        self.plays("named", text=(DATA / name).read_text())

    def ask(self, now: float = NOW, **options: Any) -> Login | None:
        return ask_keychain(self.env, cooldown=self.cooldown, now=now, **options)

    def written(self, name: str) -> list[str]:
        file = self.room / name
        return file.read_text().splitlines() if file.exists() else []

    @property
    def calls(self) -> list[str]:
        return self.written("calls")


@pytest.fixture
def mac(tmp_path: Path) -> Mac:
    return Mac(tmp_path)


@pytest.fixture(autouse=True)
def nothing_is_told(mac: Mac, capfd: pytest.CaptureFixture[str]) -> Any:
    """After each test: no secret in what was printed, in the program's arguments and environment, or in our file."""
    yield
    gc.collect()
    texts = [*capfd.readouterr(), *mac.written("args"), *mac.written("env")]
    if mac.cooldown.is_file():
        texts.append(mac.cooldown.read_text())
    assert not [each for each in texts if "CANARY" in each]


def failing(mac: Mac, now: float = NOW) -> Failure:
    """Return the failure that asking ends with, having seen that neither it nor its causes know a secret."""
    with pytest.raises(Failure) as caught:
        mac.ask(now)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert TOKEN not in "".join(told.format())
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize(
    "name", ["nested.json", "flat.json", "snake.json", "bare.txt", "hex.txt", "hex-behind-junk.txt"]
)
def test_a_login_is_found_in_every_form_that_security_prints(mac: Mac, name: str) -> None:
    mac.holds(name)
    login = mac.ask()
    assert login is not None
    assert login.token == Secret(TOKEN)
    assert login.from_ == "keychain"
    assert login == parse_login((DATA / name).read_text(), origin="keychain")
    assert mac.calls == [f"find-generic-password -s {SERVICE} -a ann -w"]
    assert not mac.cooldown.exists()


def test_an_item_under_another_account_is_found_without_one(mac: Mac) -> None:
    mac.plays("any", text=TOKEN + "\n")
    login = mac.ask()
    assert login is not None
    assert login.token == Secret(TOKEN)
    assert mac.calls == [f"find-generic-password -s {SERVICE} -a ann -w", f"find-generic-password -s {SERVICE} -w"]


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("ann", "ann"),
        ("Ann.O-Neil_2", "Ann.O-Neil_2"),
        ("ann@work.example", "claude-code-user"),
        ("ann other", "claude-code-user"),
        ("Zoë", "claude-code-user"),
        ("ann\n", "claude-code-user"),
        ("", pwd.getpwuid(os.geteuid()).pw_name),
        (None, pwd.getpwuid(os.geteuid()).pw_name),
    ],
)
def test_the_item_is_looked_for_under_the_name_that_claude_code_files_it_under(
    mac: Mac, user: str | None, name: str
) -> None:
    mac.env |= {"USER": user or "", "LOGNAME": "not-asked"}
    if user is None:
        del mac.env["USER"]
    mac.plays(name, text=TOKEN)
    assert mac.ask() is not None
    assert mac.calls == [f"find-generic-password -s {SERVICE} -a {name} -w"]


NO_NAME = """
import os, pwd, sys
sys.path.insert(0, sys.argv[1])
from cache.sources.claude.keychain import account_name
os.setuid(54321)
print(account_name({}))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes a user whom the system does not know")
def test_a_user_whom_the_system_does_not_know_has_no_plain_name() -> None:
    words = [sys.executable, "-I", "-c", NO_NAME, str(ROOT)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "claude-code-user\n"


@pytest.mark.parametrize("first", ["mcp-only.json", "an-mcp-servers-own.json", "torn.json", "null-token.json"])
def test_the_search_continues_after_an_item_without_a_login(mac: Mac, first: str) -> None:
    mac.holds(first)
    mac.plays("any", text=TOKEN)
    login = mac.ask()
    assert login is not None
    assert login.token == Secret(TOKEN)
    assert len(mac.calls) == 2


def test_the_item_under_the_users_name_comes_before_the_one_that_is_found_first(mac: Mac) -> None:
    mac.plays("ann", text=TOKEN)
    mac.plays("any", text=(DATA / "mcp-only.json").read_text())  # under the account `unknown`
    assert mac.ask() is not None
    assert len(mac.calls) == 1


def test_a_refusal_of_the_second_item_counts_after_one_without_a_login(mac: Mac) -> None:
    mac.holds("mcp-only.json")
    mac.plays("any", code=36)
    assert type(failing(mac)) is KeychainLocked
    assert type(failing(mac, NOW + 60)) is KeychainLocked
    assert len(mac.calls) == 2


@pytest.mark.parametrize("second", ["mcp-only.json", None])
def test_without_any_login_the_first_item_gives_the_state_of_the_mcp_logins(mac: Mac, second: str | None) -> None:
    mac.plays("ann" if second is None else "any", text=(DATA / "mcp-only.json").read_text())
    text = keychain_text(mac.env, cooldown=mac.cooldown, now=NOW)
    assert text is not None
    assert mcp_health(text.reveal(), now=NOW)
    assert mac.ask() is None


def test_an_absent_item_gives_no_login_and_no_cool_down(mac: Mac) -> None:
    assert mac.ask() is None
    assert mac.ask() is None
    assert len(mac.calls) == 4
    assert not mac.cooldown.exists()


def test_an_item_without_a_login_is_none(mac: Mac) -> None:
    mac.holds("mcp-only.json")
    assert mac.ask() is None
    assert not mac.cooldown.exists()


@pytest.mark.parametrize(
    ("code", "kind"), [(36, KeychainLocked), (128, KeychainRefused), (51, KeychainRefused), (1, KeychainRefused)]
)
def test_a_refusal_is_not_followed_by_another_prompt_for_six_hours(mac: Mac, code: int, kind: type[Settled]) -> None:
    """Neither without the account, nor at the next refresh; after that it is asked again."""
    mac.plays("named", code=code, text=TOKEN)
    mac.plays("any", text=TOKEN)
    assert type(failing(mac)) is kind
    assert type(failing(mac, NOW + 1)) is kind
    assert type(failing(mac, NOW + COOL_DOWN - 1)) is kind
    assert len(mac.calls) == 1
    assert cooling_down(mac.env, cooldown=mac.cooldown, now=NOW + 1) == (kind, NOW + 6 * 3600)
    mac.plays("named", text=TOKEN)
    assert mac.ask(NOW + COOL_DOWN) is not None
    assert len(mac.calls) == 2
    assert not mac.cooldown.exists()


def test_a_person_may_ask_again_sooner(mac: Mac) -> None:
    mac.plays("named", code=36)
    failing(mac)
    mac.plays("named", text=TOKEN)
    assert mac.ask(NOW + 60, ignore_cooldown=True) is not None
    assert mac.ask(NOW + 120) is not None


@pytest.mark.parametrize(("how", "signs"), [("polite", ["TERM"]), ("stubborn", ["ignored"])])
def test_a_prompt_that_hangs_is_ended_and_not_shown_again(mac: Mac, how: str, signs: list[str]) -> None:
    """TERM first, with time to end; KILL only for a program that ignores it. Its output is not shown."""
    mac.plays("named", text=TOKEN, hang=how)
    assert type(failing(mac)) is KeychainSilent
    assert mac.written("ended") == signs
    (pid,) = map(int, mac.written("pids"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert type(failing(mac, NOW + 3600)) is KeychainSilent
    assert len(mac.calls) == 1


def test_a_refresher_killed_in_front_of_the_prompt_has_asked(mac: Mac) -> None:
    """Or every new refresher would bring the prompt back."""
    mac.plays("named", hang="polite")
    code = (
        "import os, sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from cache.sources.claude.keychain import ask_keychain\n"
        f"ask_keychain(os.environ, cooldown=pathlib.Path(sys.argv[2]), now={NOW})"
    )
    root = str(ROOT)
    env = {**mac.env, "PATH": "/usr/bin:/bin"}
    asking = subprocess.Popen([sys.executable, "-I", "-c", code, root, str(mac.cooldown)], env=env)
    (pid,) = until(lambda: mac.written("pids"))
    asking.kill()
    asking.wait()
    os.kill(int(pid), 15)
    assert type(failing(mac, NOW + 60)) is KeychainSilent
    assert len(mac.calls) == 1


def test_the_program_gets_no_input_and_next_to_no_environment(mac: Mac) -> None:
    mac.holds("nested.json")
    mac.ask()
    names = {line.partition("=")[0] for line in mac.written("env")}
    assert {"HOME", "USER", "PATH"} <= names
    assert names <= {"HOME", "USER", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}
    assert "PATH=/usr/bin:/bin:/usr/sbin:/sbin" in mac.written("env")
    assert mac.written("input") == []
    assert mac.written("args") == ["find-generic-password", "-s", SERVICE, "-a", "ann", "-w"]


@pytest.mark.parametrize("variable", ["CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR"])
def test_the_item_of_a_set_directory_has_the_directorys_hash_in_its_name(mac: Mac, variable: str) -> None:
    decomposed = unicodedata.normalize("NFD", "/Users/ann/Büro")
    digest = hashlib.sha256(unicodedata.normalize("NFC", decomposed).encode()).hexdigest()
    mac.env[variable] = decomposed
    mac.holds("bare.txt")
    assert mac.ask() is not None
    assert mac.calls == [f"find-generic-password -s {SERVICE}-{digest[:8]} -a ann -w"]


def test_the_item_is_named_after_the_directory_that_counts() -> None:
    assert service_name({}) == service_name({"CLAUDE_CONFIG_DIR": ""}) == SERVICE
    both = {"CLAUDE_SECURESTORAGE_CONFIG_DIR": "/b", "CLAUDE_CONFIG_DIR": "/a"}
    assert service_name(both) == service_name({"CLAUDE_CONFIG_DIR": "/b"}) == f"{SERVICE}-9812b0b9"


def test_a_refusal_of_one_item_does_not_keep_another_from_being_asked(mac: Mac) -> None:
    mac.plays("named", code=128)
    failing(mac)
    mac.env["CLAUDE_CONFIG_DIR"] = "/other"
    mac.plays("named", text=TOKEN)
    assert mac.ask() is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\xff",
        '{"at": "soon"}',
        json.dumps({"at": NOW + 99, "service": SERVICE, "reason": "keychain_locked"}),
    ],
)
def test_a_malformed_record_or_a_clock_set_back_does_not_prevent_an_attempt(mac: Mac, text: str) -> None:
    mac.cooldown.write_bytes(text.encode("latin-1"))
    mac.holds("bare.txt")
    assert mac.ask() is not None


def test_a_reason_that_a_newer_release_knows_counts_as_a_refusal(mac: Mac) -> None:
    mac.cooldown.write_text(json.dumps({"at": NOW, "service": SERVICE, "reason": "keychain_on_fire"}))
    assert type(failing(mac)) is KeychainRefused
    assert mac.calls == []


def test_what_cannot_be_remembered_is_not_asked(mac: Mac) -> None:
    mac.cooldown = mac.cooldown.parent / "missing" / "keychain.json"
    with pytest.raises(Unwritable):
        mac.ask()
    assert mac.calls == []


def test_a_program_that_is_not_there_is_a_refusal(mac: Mac) -> None:
    mac.env["STATUSLINE_SECURITY_BIN"] = str(mac.room / "nothing")
    with pytest.raises(KeychainRefused, match="No such file"):
        mac.ask()


def test_there_is_a_keychain_on_macos_or_where_a_test_names_one(mac: Mac) -> None:
    assert has_keychain({}, "darwin")
    assert not has_keychain({}, "linux")
    assert has_keychain(mac.env, "linux")
    del mac.env["STATUSLINE_SECURITY_BIN"]
    assert mac.ask(platform="linux") is None
    assert not mac.cooldown.exists()


def test_a_whole_login_by_the_keychain_alone(mac: Mac) -> None:
    mac.holds("hex.txt")
    login = read_login(mac.env, now=NOW, keychain=mac.ask)
    assert (login.token, login.plan, login.from_) == (Secret(TOKEN), "Max 5x", "keychain")


def test_the_same_answer_gives_the_state_of_the_mcp_logins(mac: Mac) -> None:
    mac.holds("hex.txt")
    text = keychain_text(mac.env, cooldown=mac.cooldown, now=NOW)
    assert text is not None
    assert [each["name"] for each in mcp_health(text.reveal(), now=NOW)][:2] == ["plugin:sentry:sentry", "linear"]


def test_the_keychain_is_not_read_if_the_file_has_a_login(mac: Mac) -> None:
    file = Path(mac.env["HOME"], ".claude", ".credentials.json")
    file.parent.mkdir()
    file.write_text((DATA / "nested.json").read_text())
    assert read_login(mac.env, now=NOW, keychain=mac.ask).from_ == "file"
    assert mac.calls == []
