"""Print usage as metrics: OpenMetrics (also for node_exporter's textfile collector) or JSON.

To monitor several machines, write a file on each machine regularly and let Prometheus collect them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cache.refresh.storage import write_whole
from cache.work.failures import Unwritable
from statusline.commands.support.metrics import OUR_LABELS, age_of, families, openmetrics
from statusline.commands.support.output import ANOTHER_FILE, complain
from statusline.commands.usage_page.known_numbers import known_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statusline.commands.usage_page.known_numbers import KnownUsage

WHO = "statusline export"
READABLE = 0o644  # a collector runs as a different user

EXAMPLES = """\
examples:
  statusline export                                     OpenMetrics, to standard output
  statusline export --output /var/lib/node_exporter/textfile_collector/hudline.prom
  statusline export --label user=ann --output hudline-ann.prom      on a shared machine
  statusline export --format json | jq '.windows[].percent'

The file is replaced atomically and is readable by everyone (0644). No request is made: if no session keeps the numbers
fresh, run `statusline refresh` first.

--format json prints one object: exported_at and labels, then account, account_since, plan, windows, spend, runs_out_at,
runs_out_window, spent, problem and due_at as in `statusline usage --json`; each window and the spend also have
age_s, their age in seconds (at least that if the age is not known).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--format", choices=("openmetrics", "json"), default="openmetrics", help="default: openmetrics")
    parser.add_argument("--output", metavar="FILE", help="write to this file instead of standard output")
    parser.add_argument(
        "--label",
        action="append",
        type=label,
        default=[],
        metavar="NAME=VALUE",
        help="a label for every number, such as user=ann; may be repeated",
    )


def label(word: str) -> tuple[str, str]:
    """Return name and value of a label from ``name=value``."""
    name, is_one, value = word.partition("=")
    if not is_one or not re.fullmatch(r"(?!__)[A-Za-z_][A-Za-z0-9_]*", name):
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, such as user=ann; found {word}")
    if name in OUR_LABELS:
        raise argparse.ArgumentTypeError(f"the label {name} is reserved; use another name")
    return name, value


def run(args: argparse.Namespace) -> int:
    """Print or write; return 0, or 1 if the file could not be written."""
    usage, labels, now = known_usage(), dict(args.label), time.time()
    if args.format == "json":
        text = json.dumps(json_of(usage, labels, now), indent=2) + "\n"
    else:
        text = openmetrics(families(usage, labels, now))
    if args.output is None or _is_stdout(args.output):
        sys.stdout.write(text)
        return 0
    return _write(args.output, text)


def _is_stdout(name: str) -> bool:
    """Return whether this is standard output, such as /dev/stdout: to replace it would lose what is there already."""
    try:
        return os.path.samestat(os.stat(name), os.fstat(1))
    except (OSError, ValueError):
        return False


def _write(name: str, text: str) -> int:
    """Write the file; return 0, or 1 with a message where that is impossible."""
    if not name or (os.path.exists(name) and not os.path.isfile(name)):  # to replace a device would remove it
        complain(WHO, f"{name or 'an empty name'} is not a regular file. {ANOTHER_FILE}")
        return 1
    try:
        # The temporary name ends in .tmp; collectors read only *.prom.
        write_whole(Path(os.path.realpath(name)), text, mode=READABLE)
    except Unwritable as failure:
        cause = failure.__cause__
        is_running = isinstance(cause, FileExistsError)  # another export: its temporary file is to be named
        reason = cause.strerror if isinstance(cause, OSError) and not is_running else failure
        step = "Try again when the other export has ended." if is_running else ANOTHER_FILE
        complain(WHO, f"cannot write {name} ({reason}). {step}")
        return 1
    return 0


def json_of(usage: KnownUsage, labels: Mapping[str, str], now: float) -> dict[str, object]:
    """Return the known numbers in the shape that ``--help`` describes."""
    out_at, out_window = usage.out or (None, None)
    return {
        "exported_at": int(now),
        "labels": dict(labels),
        "account": usage.account,
        "account_since": usage.account_since or None,
        "plan": usage.plan,
        "windows": [each.as_json() | {"age_s": age_of(each.observed_at, now)} for each in usage.windows.values()],
        "spend": (usage.spend | {"age_s": age_of(usage.spend.get("observed_at"), now)}) if usage.spend else None,
        "runs_out_at": out_at,
        "runs_out_window": out_window,
        "spent": usage.spent,
        "problem": usage.problem,
        "due_at": usage.due_at,
    }
