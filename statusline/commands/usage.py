"""Show the plan's limits: usage, resets, sources, ages and when they run out."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cache.model.entry import NOTHING_YET
from cache.model.layout import HISTORY_FILE
from cache.refresh.runner import limit_of
from cache.refresh.storage import config_file
from cache.sources.claude.credentials import credentials_text
from cache.sources.claude.mcp import mcp_health
from cache.usage.history import samples
from cache.usage.projection import pace_of, samples_of_window
from cache.work.failures import Overdue
from cache.work.request import Outcome
from statusline.commands.refresh import GRACE_S, leave, line_of, refresh_now
from statusline.commands.support.terminal import can_show, is_colored, width_of
from statusline.commands.usage_page.all_accounts import all_as_json, known_accounts, render_accounts
from statusline.commands.usage_page.bars import ASCII, BLOCKS
from statusline.commands.usage_page.estimate_trust import read_trust
from statusline.commands.usage_page.known_numbers import is_off, known_usage
from statusline.commands.usage_page.money_rows import money_json, spent_now
from statusline.commands.usage_page.page import Page, order_ids, render_page
from statusline.config import read_config

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from cache.model.windows import Window

EXAMPLES = """\
examples:
  statusline usage
  statusline usage --refresh             refresh first
  statusline usage --all                 every account that was signed in here, and which has the most left
  statusline usage --json | jq '.windows[] | select(.id == "five_hour").percent'

exit code: 0, or 1 if nothing is known

--json prints one object; times are epoch seconds, null means unknown or none:
  account, account_since   a short hash of the account (or "unknown"), and since when it is signed in
  plan                     such as "Max 20x"
  windows                  one object each: id (five_hour, seven_day, seven_day:<model>), label, percent (0-100, can
                           exceed 100), resets_at, observed_at, and source (stdin: reported to a session, claude: Claude
                           Code's own copy, oauth: the endpoint, estimate: from transcripts); "age_known": false if
                           observed_at is only the time when it was first seen
  spend                    used, limit, currency, percent, observed_at; "uncapped": true if it has no limit, "alone":
                           true if it is the only limit of this login
  runs_out_at              when the first of five_hour and seven_day is full at the recent pace, if before its reset
  runs_out_window          which of them that is
  expected                 by window id: the percentage that an even pace would have used by now
  expected_from            what that counts in a week: "week" (the setting), "history" (the hours in which you usually
                           work) or "time" (every hour)
  spent                    by window id: dollars spent on this machine, at list prices, if no percentage is known
  trust                    how good the estimates are: points (how many percentage points of official increase they were
                           learned from), off (typical error, as a fraction), elsewhere (true if the account is used
                           much on other machines; null if unknown)
  money                    spent on this machine at list prices: today, block (the five-hour window), week, month, each
                           with usd, tokens, from, until, at (when it was added up), and unpriced if usd is an estimate:
                           models whose price is unknown; complete_from: nothing is missing from then on
  other                    anything else that the endpoint reported
  problem, next_step       why numbers are missing or old (a name such as expired), and what to do about it
  due_at                   when the next refresh is due
  mcp                      MCP servers with a login: name, state (ok, missing, expired), renews (true if it renews
                           automatically)

--all --json prints one object with accounts, one object each:
  account, name, plan      its id, your name for it (the setting "accounts"), and its plan
  signed_in                true for the account of this config directory
  windows, spend           its last numbers, as above, as far as their windows have not ended
  ended                    by id: when a window ended whose number was known
  observed_at              when the oldest of these numbers was made
  left                     the percentage left of the fuller of five_hour and seven_day; an ended one counts as empty
  most_left                true for the account with the most left, if that is clear
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--refresh", action="store_true", help="refresh first")
    parser.add_argument("--all", action="store_true", help="show every account that was signed in here")


def run(args: argparse.Namespace) -> int:
    """Print what is known; return 0, or 1 if nothing is."""
    outcome = refresh_first() if args.refresh else None
    if args.all:
        code = show_all(time.time(), as_json=args.json)
    else:
        code = show(time.time(), as_json=args.json, outcome=outcome)
    if args.refresh:
        leave(code)  # as `refresh` does: an abandoned request may still block a thread
    return code


def refresh_first() -> Outcome:
    """Do one refresh if it is due, and return its outcome.

    Runs in a thread that is abandoned at the job's time limit, so that the page is shown anyway.
    """
    outcomes: list[Outcome] = []
    worker = threading.Thread(target=lambda: outcomes.append(refresh_now("usage", force=False)), daemon=True)
    worker.start()
    worker.join(limit_of("usage") + GRACE_S)
    given_up = Outcome("failed", Overdue.label, NOTHING_YET, Overdue.name, Overdue.next_step)
    return next(iter(outcomes), given_up)


def show(now: float, *, as_json: bool, env: Mapping[str, str] = os.environ, outcome: Outcome | None = None) -> int:
    """Print the page, or JSON, to standard output; return 0, or 1 if nothing is known.

    ``outcome`` is that of a refresh just before.
    """
    page = page_of(env, now, outcome)
    if as_json:
        print(json.dumps(json_of(page), indent=2))
    else:
        width, colored = width_of(sys.stdout, env), is_colored(sys.stdout, env)
        bars = BLOCKS if can_show(sys.stdout, BLOCKS.heights) else ASCII
        wraps = sys.stdout.isatty()  # in a pipe a sentence stays one line
        print("\n".join(render_page(page, width, bars, colored=colored, wraps=wraps)))
    return 0 if page.usage.anything or spent_now(page.usage.money, page.usage.account, now) else 1


def show_all(now: float, *, as_json: bool, env: Mapping[str, str] = os.environ) -> int:
    """Print every account that was signed in here, as lines or JSON; return 0, or 1 if none is known."""
    accounts = known_accounts(now, env)
    if as_json:
        print(json.dumps(all_as_json(accounts), indent=2))
    else:
        width = width_of(sys.stdout, env) if sys.stdout.isatty() else sys.maxsize
        print("\n".join(render_accounts(accounts, now, width, colored=is_colored(sys.stdout, env))))
    return 0 if accounts else 1


def page_of(env: Mapping[str, str], now: float, outcome: Outcome | None = None) -> Page:
    """Return everything that is known for ``env``, the user's environment, at ``now``; reads files only.

    A failed refresh is reported even if its problem could not be stored, as in a cache that is not writable.
    """
    usage, failed = known_usage(env, now), None
    if outcome is not None and outcome.state in {"failed", "busy"} and outcome.problem != usage.problem:
        usage, failed = replace(usage, problem=outcome.problem), line_of(outcome)
    kept = {
        id_: samples(usage.place / HISTORY_FILE, usage.account, id_, _began_at(each, now))
        for id_, each in usage.windows.items()
    }
    history = {id_: samples_of_window(kept[id_], each) for id_, each in usage.windows.items()}
    text = None if is_off(env) else credentials_text(env)
    mcp = mcp_health(text.reveal(), now=now) if text else []
    trust = read_trust(usage.place, usage.account)
    options = read_config(str(config_file(env))).options_for("today", {})
    return Page(usage, now, history, mcp, failed, trust, options)


def _began_at(window: Window, now: float) -> float:
    return (now if window.resets_at is None else window.resets_at) - pace_of(window.id).length_s


def json_of(page: Page) -> dict[str, object]:
    """Return the page in the shape that ``--help`` describes: the keys of ``usage.json`` and more."""
    usage = page.usage
    out_at, out_window = usage.out or (None, None)
    return {
        "account": usage.account,
        "account_since": usage.account_since or None,
        "plan": usage.plan,
        "windows": [usage.windows[id_].as_json() for id_ in order_ids(usage.windows)],
        "spend": usage.spend or None,
        "runs_out_at": out_at,
        "runs_out_window": out_window,
        "expected": {id_: round(each, 1) for id_, each in page.expected.items()},
        "expected_from": page.expected_from,
        "spent": usage.spent,
        "trust": page.trust.as_json() if page.trust else None,
        "money": money_json(usage.money, usage.account, page.now),
        "other": usage.other,
        "problem": usage.problem,
        "next_step": usage.next_step,
        "due_at": usage.due_at,
        "mcp": list(page.mcp),
    }
