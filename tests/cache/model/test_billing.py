"""What pays for a session: stdin can prove a plan, whatever the environment; settings can name an apiKeyHelper."""

from __future__ import annotations

import pytest

from cache.model.billing import EVERYWHERE, billing_of, is_keyed, proves_plan

WINDOW = {"used_percentage": 3.0, "resets_at": 1_795_327_200}


@pytest.mark.parametrize(
    ("limits", "proves"),
    [
        ({"five_hour": WINDOW}, True),
        ({"seven_day": WINDOW}, True),
        ({"five_hour": {"used_percentage": None, "resets_at": None}}, True),
        ({"five_hour": WINDOW, "spend_limit": {"used_percentage": 4}}, True),
        ({"spend_limit": {"used_percentage": 4}}, False),
        ({"five_hour": None}, False),
        ({"five_hour": {}}, False),
        ({}, False),
        ([WINDOW], False),
        (None, False),
    ],
)
def test_only_the_windows_of_a_plan_prove_one(limits: object, proves: bool) -> None:
    """A gateway reports its own spend limit in the same place."""
    assert proves_plan(limits) == proves


@pytest.mark.parametrize(
    ("keyed", "project", "holds"),
    [
        ([EVERYWHERE], "", True),
        ([EVERYWHERE], "/srv/one", True),
        (["/srv/one"], "/srv/one", True),
        (["/srv/one"], "/srv/two", False),
        (["/srv/one"], "/srv/one/below", False),
        (["/srv/one", ""], "", False),
        ([], "/srv/one", False),
        (None, "/srv/one", False),
        ("*", "/srv/one", False),
        ({EVERYWHERE: 1}, "", False),
    ],
)
def test_a_note_of_a_keys_program_holds_for_all_sessions_or_for_those_of_its_project(
    keyed: object, project: str, holds: bool
) -> None:
    assert is_keyed({"keyed": keyed}, project) == holds


@pytest.mark.parametrize(
    ("env", "billing"),
    [
        ({}, ""),
        ({"ANTHROPIC_API_KEY": "sk-ant-api03-FAKE"}, "api_key"),
        ({"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_API_KEY": "x"}, "cloud_provider"),
        ({"CLAUDE_CODE_USE_BEDROCK": "0"}, ""),
        ({"ANTHROPIC_BASE_URL": "https://gate.example"}, "gateway"),
        ({"ANTHROPIC_BASE_URL": "https://api.anthropic.com/"}, ""),
        ({"ANTHROPIC_AUTH_TOKEN": "x"}, ""),
    ],
)
def test_the_environment_decides_where_stdin_proves_nothing(env: dict[str, str], billing: str) -> None:
    assert billing_of(lambda name: env.get(name, "")) == billing
