"""Show what was spent on this machine, by day, project, branch, model or session."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cache.model.clock import date_text
from cache.money.ledger import KEYS, NOTHING, Spent, names_of, spent_by
from cache.money.periods import DAY_S, date_of, start_of, zone_of
from cache.refresh.storage import cache_directory, config_file
from cache.sources.transcripts.coverage import complete_from
from cache.sources.transcripts.index import open_index
from cache.work.failures import Failure
from cache.work.request import Request
from statusline.commands.cost_page.reading import read_all
from statusline.commands.cost_page.table import render_table
from statusline.commands.support.output import complain
from statusline.commands.support.terminal import is_colored, sentence_text, width_of
from statusline.commands.support.unpriced import price_sentence
from statusline.config import read_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

SPANS = {"h": 3600, "d": DAY_S, "w": 7 * DAY_S}
LONGEST = 5  # digits

EXAMPLES = """\
examples:
  statusline cost                        by day
  statusline cost --by branch --since 7d
  statusline cost --by model --since 2026-11-01 --json | jq '.total.usd'

--since takes 7d (today and the six days before), 2w, 12h (the last 12 hours) or a date. A project is the folder of a
checkout, or the session's folder where that is in none; a branch belongs to its project.

Amounts are at list prices (or your own, see `prices` in the configuration). Models of an unknown family are counted at
Sonnet's prices, and their amounts are marked as estimates: ~$1.09. Claude Code deletes transcripts after some weeks;
their sums are kept for 400 days. What a fork has copied counts once: for the session that the copy names, or else for
the first one by the alphabet. Answers in fast mode, which are billed apart from the plan, are not counted, nor are fees
that are not for tokens, such as those of web searches.

exit code: 0, or 1 if nothing is known or the transcripts cannot be read

--json prints one object; times are epoch seconds:
  by, since, complete_from   nothing is missing from complete_from on (null: not known)
  rows    one object each: day, project, branch, model or session; usd, tokens, answers, and the tokens by kind:
          input, output, cache_write_5m, cache_write_1h, cache_read; unpriced: the models whose price is unknown, so
          that usd is an estimate
  total   the same over all rows
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    help_ = f"one of {', '.join(KEYS)} (default: {KEYS[0]})"
    parser.add_argument("--by", choices=KEYS, default=KEYS[0], metavar="KEY", help=help_)
    parser.add_argument(
        "--since", type=_since, metavar="SPAN", help="such as 7d, 2w, 12h or 2026-11-01 (default: all that is known)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def _since(text: str) -> str:
    """Return a valid span; its moment depends on the zone, which is not known yet."""
    try:
        since_of(text, time.time(), None)
    except (ValueError, OverflowError, OSError) as error:
        expected = f"expected a time span such as 7d, 2w, 12h or 2026-11-01, found {text}"
        raise argparse.ArgumentTypeError(expected) from error
    return text


def since_of(text: str, now: float, zone: tzinfo | None) -> int:
    """Return when a span begins, epoch seconds; raise ValueError, OverflowError or OSError for an odd one.

    Days and weeks are whole days: ``7d`` is today and the six days before.
    """
    found = re.fullmatch(rf"([0-9]{{1,{LONGEST}}})([hdw])", text)
    if found is None:
        return start_of(date.fromisoformat(text), zone)
    count, unit = int(found[1]), found[2]
    if unit == "h":
        return int(now) - count * SPANS[unit]
    days = count * SPANS[unit] // DAY_S
    return start_of(date_of(now, zone) - timedelta(days=max(days, 1) - 1), zone)


def run(args: argparse.Namespace) -> int:
    """Print what was spent; return 0, or 1 if nothing is known."""
    try:
        return show(time.time(), args.by, args.since, as_json=args.json)
    except Failure as failure:
        text = f"{failure.label}: {failure}" if str(failure) else failure.label
        complain("statusline cost", f"{text}. {failure.next_step}")
        return 1


def show(now: float, by: str, since: str | None, *, as_json: bool, env: Mapping[str, str] = os.environ) -> int:
    """Read what is new, and print the table or JSON; return 0, or 1 if nothing was spent. Raises `Failure`."""
    config = read_config(str(config_file(env)))
    zone = zone_of(config.time["zone"])
    request = Request("transcripts", cache_directory(env), config_file(env), env)
    start = since_of(since, now, zone) if since else 0
    index, prices = read_all(request, now)
    with open_index(index, prices) as store:
        rows = spent_by(store, by, start, now + DAY_S, zone)
        complete = complete_from(store, now)
    total = sum(rows, NOTHING)
    if as_json:
        found = {"by": by, "since": start or None, "complete_from": complete}
        print(json.dumps({**found, "rows": [_json(each, by) for each in rows], "total": _json(total, "")}, indent=2))
    elif rows:
        width, colored = width_of(sys.stdout, env), is_colored(sys.stdout, env)
        print("\n".join(render_table(rows, total, env.get("HOME", ""), width, colored=colored)))
        about = [_about(start, complete, config.time["zone"], is_estimate=bool(total.unpriced))]
        about += [price_sentence(total.unpriced)] if total.unpriced else []
        print("\n".join(sentence_text(each, sys.stdout, env) for each in about))
    else:
        complain("statusline cost", "No answers in the transcripts. Send a message in `claude`, or name a longer span.")
    return 0 if rows else 1


def _json(spent: Spent, by: str) -> dict[str, object]:
    names = dict(zip(names_of(by), (name or None for name in spent.key), strict=True)) if by else {}
    amounts = {"usd": round(spent.dollars, 6), "tokens": spent.all_tokens, "answers": spent.answers}
    return {**names, **amounts, **spent.tokens._asdict(), "unpriced": sorted(spent.unpriced)}


def _about(start: int, complete: int | None, zone: str, *, is_estimate: bool) -> str:
    """Return what the table counts, and from when on no answer is missing."""
    text = f"At list prices{' where they are known' if is_estimate else ''}, on this machine."
    if complete is None:
        return text
    if complete > start:
        return f"{text} Complete since {date_text(complete, zone)}."
    return f"{text} No answer is missing." if is_estimate else f"{text} Nothing is missing."
