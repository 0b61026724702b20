"""Make an HTML report of the last 30 days: limits over time, busiest hours, and money by day, project and model."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.layout import REPORT_FILE
from cache.refresh.storage import cache_directory, config_file
from cache.work.request import Request
from statusline.commands.report_page.facts import read_facts
from statusline.commands.report_page.page import render_page
from statusline.commands.report_page.target import TargetRefused, write_default, write_named
from statusline.commands.report_page.text import render_text
from statusline.commands.support.argument_types import whole_number
from statusline.commands.support.output import ANOTHER_FILE, complain, say
from statusline.commands.support.terminal import can_show, is_colored, width_of
from statusline.commands.usage_page.bars import ASCII, BLOCKS
from statusline.config import read_config

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

WHO = "statusline report"
DAYS = 30
DAYS_AT_MOST = 400  # as long as sums are kept

EXAMPLES = """\
examples:
  statusline report                          prints where the page is; open it in a browser
  statusline report --days 7 --output ~/week.html
  statusline report --text                   in the terminal

The page is one HTML file without scripts; it loads nothing. It is for you alone (0600), as it has the names of your
projects and branches. By default it is in the cache directory, and replaces only an older report; a file that --output
names is replaced whatever it is. A link is never followed.

Readings of the limits are kept for 30 days, sums of money for 400. No request is made.

exit code: 0, or 1 if nothing is known or the page cannot be written
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    help_ = f"today and the days before, 1 to {DAYS_AT_MOST} (default: {DAYS})"
    parser.add_argument("--days", type=whole_number(1, DAYS_AT_MOST), default=DAYS, metavar="N", help=help_)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--output", metavar="FILE", help="write to this file")
    where.add_argument("--text", action="store_true", help="print it in the terminal; no file is written")


def run(args: argparse.Namespace) -> int:
    """Write or print the report; return 0, or 1 if nothing is known or it cannot be written."""
    return show(time.time(), args.days, args.output, as_text=args.text)


def show(now: float, days: int, output: str | None, *, as_text: bool, env: Mapping[str, str] = os.environ) -> int:
    """Make the report of ``days`` days until ``now`` (epoch seconds); return 0, or 1 as `run` does."""
    request = Request("transcripts", cache_directory(env), config_file(env), env)
    facts = read_facts(request, now, days, read_config(str(config_file(env))).options_for("seven_day", {}))
    if not facts.anything:
        complain(
            WHO, facts.why or "Nothing is known about these days. Send a message in `claude`, or use a larger --days."
        )
        return 1
    if as_text:
        width, colored = width_of(sys.stdout, env), is_colored(sys.stdout, env)
        bars = BLOCKS if can_show(sys.stdout, BLOCKS.heights) else ASCII
        print("\n".join(render_text(facts, width, bars, colored=colored)))
        return 0
    return _write(request.folder / REPORT_FILE, output, render_page(facts))


def _write(default: Path, output: str | None, page: str) -> int:
    target = default if output is None else Path(output)
    try:
        if output is None:
            write_default(target, page)
        else:
            write_named(target, page)
    except TargetRefused as refusal:
        complain(WHO, str(refusal))
        return 1
    except OSError as error:
        complain(WHO, f"cannot write {target} ({error.strerror}). {ANOTHER_FILE}")
        return 1
    say(str(target.absolute()))
    return 0
