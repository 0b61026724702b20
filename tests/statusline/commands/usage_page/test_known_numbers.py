"""What a command may show without a session is what a tick would believe, in the name of the environment given."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.model.entry import Entry
from cache.model.windows import Window
from cache.work.failures import BY_NAME
from statusline.commands.usage_page.known_numbers import KnownUsage, known_usage
from tests.support.kept_readings import keep_usage

NOW = 1_795_358_400
OURS = Window("five_hour", "5h", 24.0, NOW + 3600, "oauth", NOW - 60)
VALUE: dict[str, object] = {
    "account": "3f2a9c0d1e4b5a67",
    "account_since": NOW - 3600,
    "plan": "Max 20x",
    "windows": [OURS.as_json()],
    "spend": {"used": 1.0, "limit": 4.0, "currency": "EUR", "percent": 25.0},
    "runs_out_at": NOW + 60,
    "runs_out_window": "five_hour",
}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    keep_usage(tmp_path, [OURS], Entry(VALUE, NOW - 60, NOW + 240))
    return {"STATUSLINE_CACHE_DIR": str(tmp_path), "STATUSLINE_CONFIG": str(tmp_path / "none.json"), "HOME": "/none"}


def test_the_kept_numbers_of_this_account_are_returned(env: dict[str, str]) -> None:
    usage = known_usage(env, NOW)
    assert usage.windows == {"five_hour": OURS}
    assert (usage.account, usage.account_since, usage.plan) == ("3f2a9c0d1e4b5a67", NOW - 3600, "Max 20x")
    assert (usage.out, usage.due_at, usage.problem) == ((NOW + 60, "five_hour"), NOW + 240, None)
    assert usage.next_step is None
    assert usage.anything


def test_ended_windows_are_not_returned(env: dict[str, str]) -> None:
    usage = known_usage(env, NOW + 3600)
    assert (usage.windows, usage.out) == ({}, None)
    assert usage.anything, "there is still what was spent"


def test_the_environment_given_counts_not_that_of_the_process(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CODE_USE_VERTEX", "1")
    assert known_usage(env, NOW).windows
    usage = known_usage({**env, "CLAUDE_CODE_USE_VERTEX": "1"}, NOW)
    found = (usage.windows, usage.spend, usage.plan, usage.other, usage.problem)
    assert found == ({}, {}, None, {}, "cloud_provider")
    keyed = known_usage({**env, "ANTHROPIC_API_KEY": "FAKE"}, NOW)
    assert (keyed.windows, keyed.problem) == (known_usage(env, NOW).windows, "api_key")


def test_an_api_key_helper_counts_before_a_refresher_has_noted_it(env: dict[str, str], tmp_path: Path) -> None:
    settings = tmp_path / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"apiKeyHelper": "echo key"}')
    assert known_usage(env, NOW).windows, "the settings are another user's"
    usage = known_usage({**env, "HOME": str(tmp_path)}, NOW)
    assert (usage.windows, usage.plan, usage.problem) == ({}, None, "api_key")


def test_without_a_cache_there_is_a_next_step(tmp_path: Path) -> None:
    usage = known_usage({"STATUSLINE_CACHE_DIR": str(tmp_path / "none"), "HOME": "/none"}, NOW)
    assert not usage.anything
    assert "statusline usage --refresh" in str(usage.next_step)


@pytest.mark.parametrize("problem", [*BY_NAME, "of a newer version"])
def test_every_failure_has_a_sentence_that_ends_with_its_next_step(problem: str) -> None:
    usage = KnownUsage(Path(), "3f2a9c0d1e4b5a67", 0, None, {}, {}, None, {}, problem, 0)
    sentence = str(usage.sentence)
    assert sentence[0].isupper()
    assert sentence.endswith(f". {usage.next_step}")
