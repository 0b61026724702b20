"""A cache of an earlier version gives the same numbers, without a switch or another request; the data is real."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cache.model.layout import HISTORY_FILE
from cache.sources.claude.state import former_id
from cache.sources.endpoint.rate_limit_state import rate_limit_file
from cache.usage.history import samples
from statusline.commands.usage_page.known_numbers import known_usage
from tests.support.loopback_server import Loopback
from tests.support.paths import ROOT
from tests.support.usage_desk import ADA, NOW, Desk, body, limits

FORMER = ROOT / "tests" / "data" / "former_cache"
EXPECTED: dict[str, Any] = json.loads((FORMER / "expected.json").read_text())
SHOWN, TEAM = EXPECTED["shown"], "cccccccc-0000-4000-8000-000000000003"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give Ada's desk, a minute after the earlier version was last run."""
    with Loopback() as server:
        desk = Desk(tmp_path, server, now=EXPECTED["now"] - 600)
        desk.answers(body(five=42, week=70, spent=4001))
        desk.sign_in(ADA)
        desk.now += 660
        for each in FORMER.iterdir():
            if each.name not in {"expected.json", "config.json"}:
                shutil.copy(each, desk.cache / each.name)
                (desk.cache / each.name).chmod(0o600)
        usage = json.loads((desk.cache / "usage.json").read_text())
        facts = desk.login_file.stat()
        usage["watch"] = {str(desk.login_file): [facts.st_mtime_ns, facts.st_size]}
        (desk.cache / "usage.json").write_text(json.dumps(usage))
        yield desk


def test_its_account_was_named_as_ours_still_knows() -> None:
    assert former_id(ADA) == EXPECTED["account"]


def test_the_first_tick_shows_the_same_numbers(desk: Desk) -> None:
    assert desk.shown() == SHOWN
    assert desk.snapshot("session").wanted == "changed", "the refresher gives the account its new name"
    assert desk.shown() == SHOWN


def test_the_commands_show_the_same_numbers(desk: Desk) -> None:
    usage = known_usage({**desk.env, "STATUSLINE_CACHE_DIR": str(desk.cache)}, desk.now)
    assert {id_: each.percent for id_, each in usage.windows.items()} == SHOWN
    assert usage.spend["used"] == 40.01


@pytest.mark.parametrize("organization", [None, TEAM])
def test_a_refresh_is_not_a_switch_and_at_most_one_request(desk: Desk, organization: str | None) -> None:
    desk.name(ADA, organization)
    desk.tick("session")
    desk.refresh()
    assert len(desk.asked) <= 1
    assert desk.value["account_since"] == 0
    assert desk.value["account"] != EXPECTED["account"]
    shown = desk.shown()
    assert set(shown) == set(SHOWN)
    assert desk.value["spend"]["used"] == 40.01
    desk.now += 30
    desk.refresh(force=False)
    assert len(desk.asked) <= 1


def test_the_numbers_stay_where_the_endpoint_is_not_asked(desk: Desk) -> None:
    desk.extra["STATUSLINE_OAUTH"] = "off"
    desk.refresh()
    assert desk.shown() == SHOWN
    assert desk.asked == []


def test_a_request_that_an_earlier_version_made_is_counted(desk: Desk) -> None:
    former = json.loads((FORMER / "endpoint.json").read_text())
    desk.now = former["attempted_at"] + 30
    desk.refresh()
    assert desk.asked == []
    assert desk.rate_limit.attempted_at == former["attempted_at"]


def test_the_history_goes_to_the_first_organization_once(desk: Desk) -> None:
    before = samples(desk.cache / HISTORY_FILE, EXPECTED["account"], "five_hour", 0)
    assert before
    desk.name(ADA, TEAM)
    desk.refresh()
    team = desk.value["account"]
    assert samples(desk.cache / HISTORY_FILE, team, "five_hour", 0)[: len(before)] == before
    desk.now += 60
    desk.name(ADA, "dddddddd-0000-4000-8000-000000000004")
    desk.now += 20
    desk.refresh()
    assert desk.value["account"] not in {team, EXPECTED["account"]}
    own = samples(desk.cache / HISTORY_FILE, desk.value["account"], "five_hour", 0)
    assert [each for each in own if each in before] == []


def test_an_earlier_versions_refresher_that_still_writes_changes_nothing(desk: Desk) -> None:
    desk.extra["STATUSLINE_OAUTH"] = "off"
    desk.tick("session")
    desk.refresh()
    shown = desk.shown()
    ours = desk.entry.to_text()
    former = json.loads((FORMER / "usage.json").read_text())
    former["fetched_at"] = int(desk.now)
    (desk.cache / "usage.json").write_text(json.dumps(former))
    assert desk.shown() == shown
    desk.now += 3
    desk.refresh()
    assert desk.shown() == shown
    assert desk.value["account"] == json.loads(ours)["value"]["account"]
    assert desk.value["account_since"] == 0


def test_an_account_set_aside_by_an_earlier_version_comes_back_with_its_numbers(desk: Desk) -> None:
    usage = json.loads((FORMER / "usage.json").read_text())
    for each in usage["value"]["windows"]:
        each["source"] = "oauth"
    bob = "bbbbbbbb-0000-4000-8000-000000000002"
    aside = {former_id(bob): {"value": {**usage["value"], "account": former_id(bob)}, "readings": []}}
    (desk.cache / "accounts.json").write_text(json.dumps(aside))
    os.chmod(desk.cache / "accounts.json", 0o600)
    desk.refresh()
    desk.now += 60
    desk.extra["STATUSLINE_OAUTH"] = "off"
    desk.sign_in(bob)
    desk.now += 1
    desk.refresh()
    assert rate_limit_file(desk.cache, desk.place, desk.value["account"]).exists()
    assert desk.shown() == SHOWN


def test_a_session_goes_on_from_the_numbers_that_were_kept(desk: Desk) -> None:
    desk.tick("session")
    desk.now += 60
    assert desk.tick("session", limits(five=41, week=70))["five_hour"].percent == 41
    assert desk.now < NOW
