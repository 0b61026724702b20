"""The part of the user's environment that configured commands get: what they need, without secrets."""

from __future__ import annotations

import base64

import pytest

from cache.sources.process.environment import has_secret_name, is_secret_value, without_secrets

ORDINARY = {
    "PATH": "/opt/homebrew/opt/python@3.11/bin:/home/someone/sk-learn/bin:/usr/bin",
    "MANPATH": "/opt/homebrew/opt/openssl@3/share/man:/opt/ASIA/man:/opt/hf_cache/man",
    "GIT_AUTHOR_EMAIL": "someone@example.org",
    "GIT_REMOTE": "git@example.org:owner/name.git",
    "PS1": "\\u@\\h:\\w$ ",
    "HOME": "/home/someone",
    "PWD": "/home/someone/work",
    "OLDPWD": "/home/someone",
    "SHELL": "/bin/zsh",
    "LANG": "en_US.UTF-8",
    "TERM": "xterm-256color",
    "COLUMNS": "120",
    "SSH_AUTH_SOCK": "/run/user/1000/keyring/ssh",
    "XAUTHORITY": "/home/someone/.Xauthority",
    "LS_COLORS": "rs=0:di=01;34:ln=01;36:*.tar=01;31",
    "VIRTUAL_ENV": "/home/someone/.venv",
    "CLAUDE_CODE_SESSION_ID": "0b9c1f9e-3c1c-4f5e-9a53-0e3c4d3c2b1a",
    "CLAUDE_PROJECT_DIR": "/home/someone/work",
    "KEYBOARD_LAYOUT": "de",
    "COMPASS": "north",
    "MONKEYS": "3",
    "EDITOR": "vim -c 'set ft=git'",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus",
    "HTTPS_PROXY": "http://proxy.example:3128",
}


def test_ordinary_variables_are_passed_on() -> None:
    assert without_secrets(ORDINARY) == ORDINARY


@pytest.mark.parametrize(
    "name",
    [
        *("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_MESSAGING_TOKEN"),
        *("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "GITHUB_PAT", "GH_TOKEN", "NPM_AUTH"),
        *("PGPASSWORD", "MYSQL_PWD", "DB_PASS", "SSHPASS_PASSPHRASE", "SESSION_COOKIE", "SENTRY_DSN", "OPENAI_APIKEY"),
        *("SLACK_WEBHOOK_URL", "SIGNING_KEY", "PRIVATE_KEY_PATH", "client.secret", "npm_config_//host/:_authToken"),
        *("my_jwt", "MyAccessToken", "SERVICE_ACCOUNT_CREDENTIALS"),
    ],
)
def test_what_is_secret_by_its_name_stays_behind(name: str) -> None:
    assert has_secret_name(name)
    assert without_secrets({name: "harmless"}) == {}


CANARY = "sk-ant-oat01-CANARY-0123456789"


@pytest.mark.parametrize(
    "value",
    [
        CANARY,
        f"--header 'x-api-key: {CANARY}'",
        CANARY.encode().hex(),
        base64.b64encode(CANARY.encode()).decode(),
        "Bearer FAKEFAKEFAKE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.FAKE",
        "https://user:FAKEpass@host.example/path",
        "postgres://me:FAKE@db/prod",
        *(
            f"{begin}{'FAKE' * 8}"
            for begin in ("ghp_", "github_pat_", "glpat-", "xoxb-", "AKIA", "AIza", "hf_", "npm_")
        ),
        *(f"{begin}{'FAKE' * 8}" for begin in ("sk_live_", "sk-proj-", "SG.", "ya29.", "shpat_", "pypi-AgE")),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "me:FAKE@host",
            "https://FAKEtoken@host/path",
            "x me@a.example u:FAKE@b.example",
        ),
        '{"accessToken": "FAKE"}',
        "password=FAKE",
    ],
)
def test_what_is_secret_by_its_looks_stays_behind(value: str) -> None:
    assert is_secret_value(value)
    assert without_secrets({"INNOCENT": value}) == {}


def test_any_text_is_survived() -> None:
    odd = {"A": "\udcff\udc80", "B": "", "C": "\x00\x1b", "": "x", "D" * 5000: "y" * 100_000}
    assert without_secrets(odd) == odd
