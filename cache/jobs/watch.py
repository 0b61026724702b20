"""The watch job: runs the configured commands when usage crosses a threshold, once per window.

It follows the usage job in the same process. Only official numbers count: no estimate runs a command.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cache.model.entry import Entry, read_entry
from cache.model.layout import USAGE_FILE
from cache.refresh.storage import write_whole
from cache.sources.process.environment import without_secrets
from cache.sources.process.run import run
from cache.usage.payer import payer_of
from cache.usage.readings_update import known_windows
from cache.usage.watches import Alert, SentAlert, alerts, read_watches, sent_alerts_in, sent_alerts_value
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window
    from cache.work.request import Request

IN_TOTAL_S = 5.0  # for all commands of one run; the next run does the rest
WORTH_A_START_S = 0.2
LIMIT_S = 8.0
OUTPUT_AT_MOST = 64 << 10  # bytes; the output is dropped


def is_watching(request: Request) -> bool:
    """Return whether any watch is configured."""
    return bool(read_watches(str(request.config)))


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Run the commands that are due; return the entry that records them, and the last failure, if any."""
    sent, failure = sent_alerts_in(before.value, now), None
    account, windows = _official(request, now)
    until = time.monotonic() + IN_TOTAL_S
    for alert in alerts(read_watches(str(request.config)), windows, sent, account):
        left_s = until - time.monotonic()
        if left_s < WORTH_A_START_S:
            break
        sent.append(alert.record)
        # Recorded first, so that a command that kills this process is not run again and again.
        write_whole(request.entry_file, _entry(sent, now, None).to_text())
        failure = run_command(alert, request.env, left_s) or failure
    return _entry(sent, now, failure), failure


def _official(request: Request, now: float) -> tuple[str, list[Window]]:
    """Return the account and its official windows, as a line shows them."""
    account, windows = known_windows(request, read_entry(str(request.folder / USAGE_FILE)), now)
    return account, [] if payer_of(request) else list(windows.values())  # without a plan the windows do not apply


def run_command(alert: Alert, environment: Mapping[str, str], seconds: float) -> errors.Failure | None:
    """Run a watch's command in the home directory, with the facts in its environment; return the failure, if any."""
    home = environment.get("HOME", "")
    try:
        ran = run(
            ["/bin/sh", "-c", alert.watch.command],
            env=without_secrets({**environment, **alert.facts}),
            cwd=home if os.path.isdir(home) else "/",
            seconds=seconds,
            at_most=OUTPUT_AT_MOST,
        )
    except (OSError, ValueError) as error:  # a ValueError: a NUL or an unpaired surrogate in the command
        return errors.CommandFailed(f"it could not be started: {error}")
    if ran.overdue:
        return errors.Overdue(f"a watch's command took longer than {seconds:.1f} s")
    return errors.CommandFailed(f"a watch's command exited with {ran.code}") if ran.code else None


def _entry(sent: list[SentAlert], now: float, failure: errors.Failure | None) -> Entry:
    return Entry(sent_alerts_value(sent), int(now), int(now), failure.name if failure else None, 1 if failure else 0)
