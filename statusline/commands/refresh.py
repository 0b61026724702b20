"""Refresh usage now and report the result."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from cache.jobs import JOBS
from cache.model.billing import billing_of
from cache.refresh.runner import follow_up, limit, limit_of, refresh
from cache.refresh.storage import cache_directory, config_file
from cache.work.request import Outcome, Request
from statusline.commands.support.terminal import progress
from statusline.config import read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

GRACE_S = 1  # seconds beyond a job's own time limit
SEVERITY = (0, 3, 1)  # exit codes, the worst last

EXAMPLES = """\
examples:
  statusline refresh                     usage, if a refresh is due
  statusline refresh --force             even if it is not due (but not during a rate limit's cool-down)
  statusline refresh transcripts         read new transcript lines, for the estimate

exit code: 0 refreshed or not due, 1 failed, 3 another refresh is running

--json prints one object per kind:
  state       refreshed, not due, failed or busy
  sentence    the result as text
  problem     the failure's name, such as expired or rate_limited, or null; if not due, that of the last attempt
  next_step   what you can do about it, or null
  due_at      when the next refresh is due, epoch seconds
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("kind", nargs="*", type=_kind, metavar="KIND", help=f"{' or '.join(JOBS)} (default: {JOBS[0]})")
    parser.add_argument("--force", action="store_true", help="refresh even if it is not due")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _kind(word: str) -> str:
    if word not in JOBS:
        raise argparse.ArgumentTypeError(f"{word!r} is not one of {', '.join(JOBS)}")
    return word


def run(args: argparse.Namespace) -> int:
    """Refresh and exit at once: an abandoned request may still block a thread."""
    kinds = list(dict.fromkeys(args.kind)) or [JOBS[0]]
    outcomes = {}
    for kind in kinds:
        limit(limit_of(kind) + GRACE_S)
        outcomes[kind] = refresh_now(kind, force=args.force)
    print(json.dumps(as_json(outcomes), indent=2) if args.json else render(outcomes))
    leave(max((each.exit_code for each in outcomes.values()), key=SEVERITY.index))


def leave(code: int) -> NoReturn:
    """Exit without waiting for threads."""
    sys.stdout.flush()
    os._exit(code)


def refresh_now(kind: str, *, force: bool, env: Mapping[str, str] = os.environ) -> Outcome:
    """Do one refresh in this process for a user's environment, with progress on a terminal."""
    config = config_file(env)
    wishes = read_config(str(config))
    options = {
        "oauth": wishes.oauth,
        "billing": billing_of(lambda name: env.get(name, "")),
        "every": str(wishes.every("usage")),
    }
    request = Request(kind, cache_directory(env), config, env, options, force=force)
    with progress(f"refreshing {kind}"):
        outcome = refresh(request)
        follow_up(request, outcome)
    return outcome


def render(outcomes: Mapping[str, Outcome]) -> str:
    """Return one line per kind."""
    return "\n".join(f"{kind}: {line_of(outcome)}" for kind, outcome in outcomes.items())


def line_of(outcome: Outcome) -> str:
    """Return the result, with the next step if it failed; control characters become spaces."""
    text = f"failed: {outcome.sentence}" if outcome.state == "failed" else outcome.sentence
    line = f"{text}. {outcome.next_step}" if outcome.next_step else text
    return "".join(char if char.isprintable() else " " for char in line)


def as_json(outcomes: Mapping[str, Outcome]) -> dict[str, object]:
    """Return the results in the shape that ``--help`` describes."""
    return {
        kind: {
            "state": outcome.state,
            "sentence": outcome.sentence,
            "problem": outcome.problem,
            "next_step": outcome.next_step,
            "due_at": outcome.entry.due_at,
        }
        for kind, outcome in outcomes.items()
    }
