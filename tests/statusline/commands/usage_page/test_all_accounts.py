"""``statusline usage --all`` and the segment `account`: every number under its own account's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cache.model.layout import READINGS_FILE
from cache.readings.login import account_id
from statusline.account_names import ACCOUNT_NAME_CELLS, account_name
from statusline.commands.usage_page.all_accounts import Account, all_as_json, known_accounts, render_accounts
from statusline.config import Config
from statusline.gather import add_surroundings
from statusline.payload import Session
from statusline.render.width import cells
from tests.support.kept_numbers import statusline
from tests.support.loopback_server import Loopback
from tests.support.usage_desk import ADA, BOB, Desk, body, limits

A, B = account_id(ADA, None), account_id(BOB, None)
BOBS = 90_000  # seconds by which Bob's windows end later than Ada's
NAMES = {A: "work", B[:8]: "home"}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, server: Loopback) -> Desk:
    """Return the desk of Ada, whose numbers are known."""
    desk = Desk(tmp_path, server)
    (tmp_path / "config.json").write_text(json.dumps({"accounts": NAMES}))
    desk.answers(body(five=40, week=80, model=36, spent=4001))
    desk.sign_in(ADA)
    desk.tick("session")
    desk.now += 60
    desk.refresh()
    return desk


def env_of(desk: Desk) -> dict[str, str]:
    own = {"STATUSLINE_CACHE_DIR": str(desk.cache), "STATUSLINE_CONFIG": str(desk.home / "config.json")}
    return {**desk.env, **own}


def all_of(desk: Desk) -> dict[str, Account]:
    return {each.name: each for each in known_accounts(desk.now, env_of(desk))}


def percents(account: Account) -> dict[str, float]:
    return {id_: each.percent for id_, each in account.windows.items()}


ADAS, BOBS_OWN = {"five_hour": 40, "seven_day": 80, "seven_day:fable": 36}, {"five_hour": 7, "seven_day": 9}


def test_from_one_account_to_another_and_back_each_keeps_its_own_numbers(desk: Desk) -> None:
    assert {name: percents(each) for name, each in all_of(desk).items()} == {"work": ADAS}
    desk.now += 30
    desk.sign_in(BOB)
    found = all_of(desk)  # before any tick has seen the switch
    assert percents(found["work"]) == ADAS
    assert (found["work"].is_signed_in, found["home"].is_signed_in, percents(found["home"])) == (False, True, {})
    desk.tick("session", limits(five=40, week=80))  # an idle session repeats Ada's numbers
    assert percents(all_of(desk)["home"]) == {}
    desk.now += 700
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    desk.refresh()
    found = all_of(desk)
    assert {name: percents(each) for name, each in found.items()} == {"work": ADAS, "home": BOBS_OWN}
    assert desk.now - (found["work"].observed_at or 0) >= 730, "with their age"
    assert found["work"].spend["used"] == 40.01
    assert not found["home"].spend
    desk.now += 60
    desk.sign_in(ADA)
    desk.tick("session", limits(five=7, week=9, shift_s=BOBS))  # Bob's, handed in once more
    found = all_of(desk)
    assert {name: percents(each) for name, each in found.items()} == {"work": ADAS, "home": BOBS_OWN}
    assert (found["work"].is_signed_in, found["home"].is_signed_in) == (True, False)


def test_two_organizations_of_one_account_are_two(desk: Desk) -> None:
    desk.now += 30
    desk.name(ADA, "cccccccc-0000-4000-8000-000000000003")
    assert {each.id for each in known_accounts(desk.now, env_of(desk))} == {
        A,
        account_id(ADA, "cccccccc-0000-4000-8000-000000000003"),
    }


def test_a_window_that_has_ended_has_no_number_and_counts_as_empty(desk: Desk) -> None:
    desk.now += 7_200
    found = all_of(desk)["work"]
    assert percents(found) == {"seven_day": 80, "seven_day:fable": 36}
    assert set(found.ended) == {"five_hour"}
    assert found.left == 20
    desk.now += 300_000
    found = all_of(desk)["work"]
    assert (percents(found), set(found.ended), found.left) == ({}, {"five_hour", "seven_day"}, 100)


def test_what_is_printed_says_who_has_most_left_and_how_old_it_is(desk: Desk) -> None:
    desk.now += 30
    desk.sign_in(BOB)
    desk.now += 700
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    desk.refresh()
    accounts = known_accounts(desk.now, env_of(desk))
    first, second = render_accounts(accounts, desk.now, 200, colored=False)
    numbers = "5h 7%, resets in 1d2h · 7d 9%, resets in 4d12h"
    assert first.split() == f"home Max signed in, most left {numbers} just now {B}".split()
    assert second.split()[0] == "work"
    assert "7d 80%" in second
    assert "spend 40.01 EUR  12m ago" in second
    assert "age unknown" in render_accounts(accounts, desk.now - 3600, 200, colored=False)[0], "the clock was set back"
    assert "most left" in render_accounts(accounts, desk.now, 40, colored=False)[0], "also where the rest has no room"
    assert second.endswith(A)
    found = {each["name"]: each for each in json.loads(json.dumps(all_as_json(accounts)))["accounts"]}
    assert (found["home"]["most_left"], found["work"]["most_left"]) == (True, False)
    assert (found["home"]["left"], found["work"]["left"]) == (91, 20)


def test_the_command_lists_them_and_without_any_says_so(desk: Desk, tmp_path: Path) -> None:
    ran = statusline(tmp_path, "usage", "--all")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("work")
    kept = json.loads(statusline(tmp_path, "usage", "--all", "--json").stdout)["accounts"]
    assert [each["account"] for each in kept] == [A]
    (tmp_path / "nobody").mkdir()
    ran = statusline(tmp_path / "nobody", "usage", "--all")
    assert (ran.returncode, ran.stdout) == (
        1,
        "No account is known yet. Start `claude`, or run `statusline usage --refresh`.\n",
    )
    assert desk.asked == ["aaa"], "it asks nobody"


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1, "directories": [], "owners": 7}', "null"])
def test_a_torn_file_loses_only_what_was_in_it(desk: Desk, content: str) -> None:
    (desk.cache / READINGS_FILE).write_text(content)
    assert percents(all_of(desk)["work"]) == ADAS  # from the endpoint's last answer


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({A: "work"}, "work"),
        ({A[:8]: "work"}, "work"),
        ({A[:7]: "work"}, ""),
        ({A[:8]: "one", A[:9]: "other"}, ""),
        ({A[:8]: "one", A: "exact"}, "exact"),
        ({B: "home"}, ""),
        ({A: ""}, ""),
        ({A: 7}, ""),
        ({A: "\x1b[31mred\n\u202e"}, "[31mred"),
        ({A: "x" * 60}, "x" * (ACCOUNT_NAME_CELLS - 1) + "…"),
        ("work", ""),
        (None, ""),
    ],
)
def test_a_name_fits_one_account_and_is_clean(names: object, shown: str) -> None:
    found = account_name(names, A, [A, B])
    assert found == shown
    assert cells(found) <= ACCOUNT_NAME_CELLS


def test_a_beginning_that_fits_two_accounts_names_neither() -> None:
    ids = ["3f2a9c0d11111111", "3f2a9c0d22222222"]
    assert [account_name({"3f2a9c0d": "work"}, id_, ids) for id_ in ids] == ["", ""]
    assert account_name({"3f2a9c0d1": "work"}, ids[0], ids) == "work"


def named(desk: Desk, session: str, rate_limits: Any = None, **options: Any) -> str:
    """Return what the segment calls the account of a tick."""
    snapshot = desk.snapshot(session, rate_limits, **options)
    config = Config({"rows": [["account"]], "accounts": NAMES})
    add_surroundings(snapshot, Session({}), config, str(desk.cache), desk.now)
    return snapshot.account_name


def test_the_line_names_the_account_only_where_its_numbers_are_certain(desk: Desk) -> None:
    assert named(desk, "session", limits(five=41, week=80)) == "work"
    assert named(desk, "session", of_plan=False) == "", "a key pays"
    desk.now += 30
    desk.sign_in(BOB)
    assert named(desk, "session", limits(five=41, week=80)) == "", "the tick that sees the switch"
    desk.now += 700
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    desk.refresh()
    assert named(desk, "") == "home"
    desk.now += 10
    named(desk, "pinned")
    desk.now += 10
    pinned = limits(five=3, week=4, shift_s=50_000)  # another login's, of which nothing is known
    assert desk.snapshot("pinned", pinned).windows["five_hour"].percent == 3
    assert named(desk, "pinned", pinned) == ""
    assert named(desk, "") == "home"


def test_an_account_without_a_name_is_the_beginning_of_its_id(desk: Desk) -> None:
    snapshot = desk.snapshot("session")
    add_surroundings(snapshot, Session({}), Config({"rows": [["account"]]}), str(desk.cache), desk.now)
    assert snapshot.account_name == A[:8]
