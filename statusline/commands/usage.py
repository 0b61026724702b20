"""Show all that is known of the plan's limits: how full, until when, from where, and whether they will last."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from cache.history import FILE_NAME, samples
from cache.projection import PLAN_WIDE, of_window, pace_of, runs_out_at
from cache.refresh import limit_of
from cache.sources.credentials import credentials_text
from cache.sources.mcp import mcp_health
from statusline.commands.known import is_off, known_usage
from statusline.commands.page import Page, drawn, ordered
from statusline.commands.refresh import GRACE_S, leave, refreshed
from statusline.commands.signs import BLOCKS
from statusline.commands.terminal import can_show, console_for

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from cache.window import Window

EXAMPLES = """\
examples:
  statusline usage
  statusline usage --refresh             ask first
  statusline usage --json | jq '.windows[] | select(.id == "five_hour").percent'

exit code: 0, or 1 when nothing is known

--json prints one object; times are epoch seconds, null means unknown or none:
  account, account_since   whose numbers they are (a short hash, or "unknown"), and since when
  plan                     such as "Max 20x"
  windows                  one object each: id (five_hour, seven_day, seven_day:<model>), label, percent (0-100, can
                           exceed it), resets_at, observed_at, and source (stdin: reported to a session, claude: Claude
                           Code's own copy, oauth: the endpoint, estimate: from transcripts)
  spend                    used, limit, currency, percent
  runs_out_at              when the first of five_hour and seven_day is full at the recent pace, if before its reset
  other                    what the endpoint said beyond these
  problem, next_step       why numbers are missing or old (a name such as expired), and what to do about it
  due_at                   when they are looked at again
  mcp                      MCP servers with a login: name, state (ok, missing, expired), renews (by itself)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--refresh", action="store_true", help="ask first")


def run(args: argparse.Namespace) -> int:
    """Print what is known; return 0, or 1 when that is nothing."""
    if args.refresh:
        refresh_first()
    code = show(time.time(), as_json=args.json)
    if args.refresh:
        leave(code)  # as `refresh` does: a request that was given up may still hang in a thread
    return code


def refresh_first() -> None:
    """Do one refresh if it is due; what came of it is kept, and told with the rest.

    In a thread that is given up when the job's time is up: even then what is known is shown.
    """
    worker = threading.Thread(target=refreshed, args=("usage",), kwargs={"force": False}, daemon=True)
    worker.start()
    worker.join(limit_of("usage") + GRACE_S)


def show(now: float, *, as_json: bool, env: Mapping[str, str] = os.environ) -> int:
    """Print the page, or JSON, to standard output; return 0, or 1 when nothing is known."""
    page = page_of(env, now)
    if as_json:
        print(json.dumps(json_of(page), indent=2))
    else:
        console = console_for(sys.stdout, env)
        wraps = sys.stdout.isatty()  # in a pipe a sentence stays one line
        for each in drawn(page, console.width, ascii_only=not can_show(sys.stdout, BLOCKS.heights)):
            console.print(each, soft_wrap=not wraps)
    return 0 if page.usage.anything else 1


def page_of(env: Mapping[str, str], now: float) -> Page:
    """Return all that is known in the name of ``env``, the user's environment, at ``now``; reads files only."""
    usage = known_usage(env, now)
    kept = {
        id_: samples(usage.place / FILE_NAME, usage.account, id_, _began_at(each, now))
        for id_, each in usage.windows.items()
    }
    history = {id_: of_window(kept[id_], each) for id_, each in usage.windows.items()}
    outs = {id_: runs_out_at(history[id_], each, now) for id_, each in usage.windows.items()}
    text = None if is_off(env) else credentials_text(env)
    mcp = mcp_health(text.reveal(), now=now) if text else []
    return Page(usage, now, history, {id_: at for id_, at in outs.items() if at is not None}, mcp)


def _began_at(window: Window, now: float) -> float:
    return (now if window.resets_at is None else window.resets_at) - pace_of(window.id).length_s


def json_of(page: Page) -> dict[str, object]:
    """Return the page in the shape that ``--help`` describes: the value of ``usage.json``, and what explains it."""
    usage = page.usage
    return {
        "account": usage.account,
        "account_since": usage.account_since,
        "plan": usage.plan,
        "windows": [usage.windows[id_].as_json() for id_ in ordered(usage.windows)],
        "spend": usage.spend or None,
        "runs_out_at": min((at for id_, at in page.runs_out.items() if id_ in PLAN_WIDE), default=None),
        "other": usage.other,
        "problem": usage.problem,
        "next_step": usage.next_step,
        "due_at": usage.due_at,
        "mcp": list(page.mcp),
    }
