"""Check that enough of the plan's limits is left, for scripts before a long job.

Checks the 5-hour and the weekly limit, unless --window names another one; the one with less left decides. A login
without windows is checked against its spend limit. Limits of kinds that hudline does not recognize count too, once they
are nearly used up.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cache.model.clock import clock_text
from cache.model.jsonio import number, whole
from cache.model.limits import MODEL_WEEK, NEVER, SPEND
from cache.model.windows import AHEAD_S, ESTIMATE, FIVE_HOUR, LABELS, NOISE, reaches, to_minute
from cache.readings.snapshot import STALE_S
from cache.refresh.storage import config_file
from statusline.commands.support.argument_types import duration
from statusline.commands.support.output import give_up
from statusline.commands.support.terminal import status_line
from statusline.commands.usage_page.known_numbers import known_usage
from statusline.config import read_config
from statusline.render.sanitize import sanitize
from statusline.render.timefmt import span_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cache.model.windows import Window
    from statusline.commands.usage_page.known_numbers import KnownUsage

YES, NO, UNKNOWN = 0, 1, 3  # exit codes
LOOK_EVERY_S = 30.0
A_MOMENT_S = 0.2  # the least to sleep: a reset is over a moment after it is due
KEY_DOUBT = "ANTHROPIC_API_KEY is set"

EXAMPLES = f"""\
examples:
  statusline guard --min-left 20 && claude -p "go through the whole repository"
  statusline guard --min-left 20 --wait 6h && claude -p "go through the whole repository"
  statusline guard --min-left 10 --window 7d

in a cron job (without ~/.local/bin on PATH), with a refresh first:
  "$HOME/.local/bin/statusline" refresh >/dev/null
  "$HOME/.local/bin/statusline" guard --quiet --min-left 30 || exit 0

exit code: 0 yes, 1 no, 2 wrong arguments, 3 not known

"no": an official number, however old, shows less left than the minimum; usage hardly ever goes down within a window.
"yes" needs official numbers for all limits, of known age and at most {STALE_S // 60} minutes old. If a number is older
or an estimate, if its window has ended since, or if ANTHROPIC_API_KEY is set, the answer is "not known".

--wait waits until the answer is no longer "no" or the time is up. It looks at the cache every 30 seconds and makes no
request. It returns at once if the limit resets after that time. Once the five-hour limit has reset, it
counts as unused; another limit whose number is too old by then makes the answer "not known". Ctrl-C ends the waiting.

--window takes five_hour or 5h, seven_day or 7d, the name of a model for its weekly limit (fable, "seven_day:fable"), or
spend.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--min-left", type=percent, required=True, metavar="PERCENT", help="at least this much, 0-100")
    parser.add_argument("--window", metavar="NAME", help="check only this limit (default: 5h and 7d)")
    parser.add_argument("--wait", type=duration, metavar="DURATION", help="wait up to this long, such as 6h or 90m")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing")


def percent(text: str) -> float:
    """Return a percentage from a word such as ``20`` or ``20%``."""
    try:
        found = float(text.removesuffix("%"))
    except ValueError:
        found = -1
    if not 0 <= found <= 100:  # NaN fails too
        raise argparse.ArgumentTypeError(f"expected a percentage from 0 to 100, found {text}")
    return found


def run(args: argparse.Namespace) -> int:
    """Print the verdict on one line; return 0, 1 or 3."""
    look = Look(args.window, args.min_left)
    verdict = look(time.time())
    if args.wait is not None and verdict.code == NO:
        verdict = wait(look, verdict, args.wait, is_quiet=args.quiet)
    if not args.quiet:
        try:
            print(verdict.sentence, flush=True)
        except OSError as error:
            give_up("statusline guard", error)  # the exit code is the answer
    return verdict.code


@dataclass(frozen=True)
class Limit:
    """A limit; ``left`` is in percent, None if no number is known.

    ``doubt`` is the reason why the number is not good enough for a "yes", if any; if ``official`` is false, it is not
    good enough for a "no" either.
    """

    label: str
    left: float | None
    doubt: str | None = None
    official: bool = True
    resets_at: int | None = None

    def __str__(self) -> str:
        text = "not known" if self.left is None else f"{_percent_text(self.left)}% left"
        return f"{self.label} {text}{f' ({self.doubt})' if self.doubt else ''}"


@dataclass(frozen=True)
class Verdict:
    """An exit code and a sentence that explains it.

    ``resets_at`` is when the last of the limits resets that have too little left; None if that is not known.
    """

    code: int
    sentence: str
    resets_at: int | None = None


class Look:
    """One look at the cache after another; remembers when the five hours end, to know it when they have."""

    def __init__(self, window: str | None, min_left: float) -> None:
        self.window, self.min_left = window, min_left
        self.account, self.ends_at = "", NEVER
        self.time = read_config(str(config_file(os.environ))).time

    def clock(self, at: float, now: float) -> str:
        """Return a moment as the line shows it: the time of day, and the weekday unless it is today."""
        return clock_text(to_minute(at), now, self.time["hours"], self.time["zone"])

    def __call__(self, now: float) -> Verdict:
        """Return the verdict at this moment (epoch seconds)."""
        usage = known_usage(now=now)
        if self.window is not None and not _is_name(usage, self.window):
            names = ", ".join(_names(usage))
            return Verdict(UNKNOWN, f"not known: no limit named {sanitize(self.window)}. Names: {names}.")
        limits = self._with_reset(limits_of(usage, self.window, now), usage, now)
        verdict = judge([_with_key_doubt(each) for each in limits] if usage.is_key_set else limits, self.min_left)
        hint = f". {usage.next_step}" if verdict.code == UNKNOWN and usage.next_step else ""
        return replace(verdict, sentence=verdict.sentence + hint)

    def _with_reset(self, limits: list[Limit], usage: KnownUsage, now: float) -> list[Limit]:
        """Return the limits; five hours that ended since an earlier look, and are not known yet, count as unused."""
        known = usage.windows.get(FIVE_HOUR)
        if usage.account != self.account or known is not None:
            self.account, self.ends_at = usage.account, (known and known.resets_at) or NEVER
        # The snapshot rounds the time to its hundredths, so that a window is over a moment before its reset.
        if known is not None or round(now, 2) < self.ends_at:
            return limits
        unused = Limit(LABELS[FIVE_HOUR], 100.0)
        return [unused if each == Limit(each.label, None) and _is_five_hours(each.label) else each for each in limits]


def _is_five_hours(name: str) -> bool:
    return name.lower() in {FIVE_HOUR, LABELS[FIVE_HOUR]}


def wait(look: Look, verdict: Verdict, seconds: float, *, is_quiet: bool) -> Verdict:
    """Look again until the answer is no longer "no", or so many seconds of the wall clock have passed.

    Returns at once if the limits reset only later. Shows what it waits for if stderr is a terminal, and rings its bell
    at the end.
    """
    until = time.time() + seconds
    shown = not is_quiet and sys.stderr.isatty()
    with status_line(shown=shown) as say:
        while verdict.code == NO and (now := time.time()) < until:
            resets_at = verdict.resets_at or now
            if resets_at > until:
                return replace(verdict, sentence=f"{verdict.sentence}, until {look.clock(resets_at, now)}")
            say(_waiting_text(look, verdict, now, until))
            time.sleep(max(min(LOOK_EVERY_S, until - now, resets_at - now if resets_at > now else until), A_MOMENT_S))
            verdict = look(time.time())
    if shown:
        sys.stderr.write("\a")
    return verdict


def _waiting_text(look: Look, verdict: Verdict, now: float, until: float) -> str:
    resets = f" until {look.clock(verdict.resets_at, now)}" if verdict.resets_at else ""
    return f"waiting{resets}, at most {span_text(until - now)}: {verdict.sentence.removeprefix('no: ')}"


def judge(limits: list[Limit], min_left: float) -> Verdict:
    """Return whether each of these limits has at least ``min_left`` percent left."""
    text = ", ".join(map(str, limits))
    short = [each for each in limits if each.left is not None and each.official and not reaches(each.left, min_left)]
    if short:
        ends = [each.resets_at for each in short if each.resets_at is not None]
        return Verdict(NO, f"no: {text}", max(ends) if len(ends) == len(short) else None)
    if not limits or any(each.left is None or each.doubt for each in limits):
        return Verdict(UNKNOWN, f"not known: {text}" if text else "not known")
    return Verdict(YES, f"yes: {text}")


def limits_of(usage: KnownUsage, name: str | None, now: float) -> list[Limit]:
    """Return the limits to check: the one of this name, else the plan-wide ones and those of unknown kinds."""
    if name is not None:
        return [_spend(usage, now)] if name.lower() == SPEND else [_limit(name, _find_window(usage, name), now)]
    others = [_limit(each.label, each, now) for each in usage.others.values()]
    if not usage.windows and number(usage.spend.get("percent")) is not None:
        return [_spend(usage, now), *others]
    return [*(_limit(label, usage.windows.get(id_), now) for id_, label in LABELS.items()), *others]


def _find_window(usage: KnownUsage, name: str) -> Window | None:
    """Return the window with this id, label or model name (case-insensitive), None if there is none."""
    wanted = name.lower()
    found: Iterator[Window] = (
        each
        for id_, each in usage.windows.items()
        if wanted in {id_.lower(), id_.lower().removeprefix(MODEL_WEEK), each.label.lower(), LABELS.get(id_)}
    )
    return next(found, None)


def _is_name(usage: KnownUsage, name: str) -> bool:
    """Return whether there is a limit of this name, or could be one."""
    return _find_window(usage, name) is not None or name.lower() in {*LABELS, *LABELS.values(), SPEND}


def _names(usage: KnownUsage) -> list[str]:
    """Return the names of the limits that ``--window`` takes, as labels."""
    models = [each.label for id_, each in usage.windows.items() if id_ not in LABELS]
    return [sanitize(each) for each in (*LABELS.values(), *models, SPEND)]


def _limit(label: str, window: Window | None, now: float) -> Limit:
    if window is None:
        return Limit(label, None)
    left = max(100 - window.percent, 0)
    if window.source == ESTIMATE:
        return Limit(window.label, left, "estimate", official=False)
    doubt = _doubt(window.observed_at, now, age_known=window.age_known)
    return Limit(sanitize(window.label), left, doubt, resets_at=window.resets_at)


def _spend(usage: KnownUsage, now: float) -> Limit:
    spent = number(usage.spend.get("percent"))
    if spent is None:
        return Limit(SPEND, None)
    return Limit(SPEND, max(100 - spent, 0), _doubt(whole(usage.spend.get("observed_at")), now))


def _with_key_doubt(limit: Limit) -> Limit:
    """Return a limit that decides nothing, because an API key may pay instead of the plan."""
    doubt = f"{limit.doubt}, {KEY_DOUBT}" if limit.doubt else KEY_DOUBT
    return limit if limit.left is None else replace(limit, doubt=doubt, official=False)


def _doubt(observed_at: int | None, now: float, *, age_known: bool = True) -> str | None:
    """Return why a number is not good enough for a "yes": its age, or that its age is unknown."""
    if observed_at is None or now - observed_at < -AHEAD_S:
        return "age unknown"
    age_s = now - observed_at
    if not age_known:
        return f"at least {span_text(age_s)} old" if age_s > STALE_S else "age unknown"
    return f"{span_text(age_s)} old" if age_s > STALE_S else None


def _percent_text(left: float) -> str:
    """Return a percentage, rounded down to a tenth: "20%" means that 20% are left."""
    tenths = math.floor(left * 10 + NOISE)
    return f"{tenths / 10:.1f}".removesuffix(".0") if tenths or not left else "less than 0.1"
