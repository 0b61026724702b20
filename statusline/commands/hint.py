"""Print one line for the model when a limit is nearly used up, else nothing.

The plugin passes it on to the model, once per session, window and threshold. This is off until you turn it on.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING

from cache.model.clock import clock_text
from cache.model.jsonio import mapping, number, whole, words
from cache.model.limits import MODEL_WEEK, NEVER, SPEND, applying, has_money_left, is_reached
from cache.model.osapi import is_absolute
from cache.model.windows import AHEAD_S, ESTIMATE, LABELS, OAUTH, Window, round_down, to_minute
from cache.readings.snapshot import STALE_S, process_key
from cache.refresh.storage import config_file
from cache.sources.transcripts.last_answer import LastAnswer, last_answer
from cache.watches.hints import CONTEXT, LIMITS_AT, Hints, context_window, tell_once
from cache.work.failures import Failure
from cache.work.session_environment import is_of_session
from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.claude_settings.chain import edit_config
from statusline.commands.claude_settings.json_edit import put, take_out
from statusline.commands.support.output import complain, say
from statusline.commands.usage_page.known_numbers import known_usage
from statusline.config import read_config
from statusline.context_steps import CONTEXT_STEPS, read_context_steps, session_key

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from cache.watches.thresholds import Alert
    from statusline.commands.usage_page.known_numbers import KnownUsage
    from statusline.config import Config

KEY, EVENT = "hint", "UserPromptSubmit"
OWN_COMMANDS = "/hudline:"  # how a prompt that is one of them begins
EVENT_AT_MOST = 4 << 20  # bytes; the prompt is a part of it
# All that the model ever reads, besides numbers and times: names come from servers, repositories and people.
INTRODUCTION, ADVICE = "Claude Code limits", "finish this step"
NAMES = {**LABELS, SPEND: "the spend limit"}
NAME_OF_OTHERS = "a model's weekly limit"

LIMITS_TEXT = " and ".join(f"{each:g}%" for each in LIMITS_AT)
CONTEXT_TEXT = ", ".join(f"{each}%" for each in CONTEXT_STEPS[:-1]) + f" and {CONTEXT_STEPS[-1]}%"

EXAMPLES = f"""\
examples:
  statusline hint --on                   tell the model, from the next prompt on
  statusline hint                        what it would say about the limits now
  statusline hint --off

With your prompt the model then reads a line such as this, once per session, window and threshold:
  {INTRODUCTION}: 5h at 92%, resets 16:40: {ADVICE}

The thresholds are {LIMITS_TEXT} of a limit, and {CONTEXT_TEXT} of the context. The line has numbers,
times and fixed words, never a name. Only official numbers of the last {STALE_S // 60} minutes count. The context is
checked only in sessions in which hudline draws the line. If ANTHROPIC_API_KEY is set, only the context is checked.

--on and --off change "{KEY}" in config.json. The plugin's hook does the rest; while hints are off, it starts no Python.
Without the plugin, add this hook to Claude Code's settings. Write the full path: a repository's settings can set HOME.
  {{"hooks": {{"{EVENT}": [{{"hooks": [
    {{"type": "command", "command": "/home/ada/.local/bin/statusline hint --hook || true", "timeout": 5}}]}}]}}}}

exit code: 0, or 1 if config.json cannot be changed
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--on", action="store_true", help="tell the model from now on")
    doing.add_argument("--off", action="store_true", help="tell it nothing (the default)")
    doing.add_argument(
        "--hook", action="store_true", help="for the plugin: answer the hook's event on standard input, if hints are on"
    )


def run(args: argparse.Namespace) -> int:
    """Print the line or the hook's answer, or turn it on or off; return 0, or 1 if that is not possible."""
    if args.on or args.off:
        return switch(on=args.on)
    if args.hook:
        text = "" if sys.stdin.isatty() else answer(sys.stdin.buffer.read(EVENT_AT_MOST), os.environ, time.time())
    else:
        text = current_hint(time.time())
    if text:
        print(text)
    return 0


def switch(*, on: bool) -> int:
    """Set or remove the key in the configuration."""
    path = config_file()
    try:
        if on:
            edit_config(path, lambda text: put(text or "", KEY, value=True))
        else:
            edit_config(path, lambda text: text and take_out(text, KEY))
    except EditRefused as refusal:
        complain("statusline hint", str(refusal))
        return 1
    say(f"Hints for the model are {'on' if on else 'off'}: {path}")
    if on:
        print("hudline's plugin in Claude Code passes them on. Without it: statusline hint --help")
    return 0


def current_hint(now: float) -> str:
    """Return the hint for the limits as they are, even if a session had it; it has no context without a session."""
    usage = known_usage(now=now)
    of_models = [each for id_, each in usage.windows.items() if id_.startswith(MODEL_WEEK)]
    windows = sure_windows(usage, [*applying(usage.windows, None, now), *of_models], now)
    return hint_text(Hints("", usage.account, windows).due([]), read_config(str(config_file())), now)


def answer(data: bytes, env: Mapping[str, str], now: float) -> str:
    """Return the answer to the event of a prompt as JSON, empty where there is no hint.

    Source: Claude Code's hook reference, `additionalContext` of `UserPromptSubmit`.
    """
    event, config = event_in(data), read_config(str(config_file(env)))
    session_id = words(event.get("session_id"))
    if session_id is None or not config.hint or is_of_session(str(config_file(env)), env):
        return ""
    usage = known_usage(env, now, process_key(lambda name: env.get(name, ""), session_id))
    if is_of_session(str(usage.place), env):  # a repository can bring numbers, too
        return ""
    try:
        due = tell_once(hints_for(session_id, last_answer_of(event), usage, now), usage.place, now)
    except Failure:  # what cannot be recorded would be repeated at every prompt
        return ""
    text = hint_text(due, config, now)
    output = {"hookEventName": EVENT, "additionalContext": text}
    return json.dumps({"suppressOutput": True, "hookSpecificOutput": output}) if text else ""


def event_in(data: bytes) -> dict[str, object]:
    """Return the event of a prompt for the model, an empty one for anything else.

    The plugin's commands are such events, too, but the plugin answers them, and the model never reads them.
    """
    try:
        event = mapping(json.loads(data))
    except (ValueError, RecursionError):
        return {}
    is_command = (words(event.get("prompt")) or "").startswith(OWN_COMMANDS)
    return event if event.get("hook_event_name") == EVENT and not is_command else {}


def last_answer_of(event: Mapping[str, object]) -> LastAnswer | None:
    """Return the last answer of the event's session."""
    path = words(event.get("transcript_path")) or ""
    return last_answer(path) if is_absolute(path) else None


def hints_for(session_id: str, last: LastAnswer | None, usage: KnownUsage, now: float) -> Hints:
    """Return the hints for a session.

    The tick knows the official percentage of the context, and the size of the window; the transcript knows whether
    it was compacted since. So both must have reached a threshold.
    """
    windows = sure_windows(usage, applying(usage.windows, last and last.model, now), now)
    step, size = read_context_steps(str(usage.place)).get(session_key(session_id), (0, 0))
    if last is None or size <= 0:
        return Hints(session_id, usage.account, windows)
    percent = last.context_tokens / size * 100
    context = context_window(min(percent, step), now)
    return Hints(session_id, usage.account, windows, context, CONTEXT_STEPS, percent)


def sure_windows(usage: KnownUsage, windows: Iterable[Window], now: float) -> list[Window]:
    """Return the windows of which official numbers are known that are new enough, and at whose end work stops."""
    known = [*windows] or spend_window(usage)
    if usage.is_key_set:
        return []
    goes_on = has_money_left(usage.spend)
    return [each for each in known if is_sure(each, now) and not (goes_on and is_reached(each))]


def spend_window(usage: KnownUsage) -> list[Window]:
    """Return the spend limit of a login that has no other, as a window without a reset."""
    percent, observed_at = number(usage.spend.get("percent")), whole(usage.spend.get("observed_at"))
    if usage.windows or percent is None or observed_at is None:
        return []
    return [Window(SPEND, SPEND, percent, NEVER, OAUTH, observed_at)]


def is_sure(window: Window, now: float) -> bool:
    """Return whether a number is official, of known age and recent."""
    return window.source != ESTIMATE and window.age_known and -AHEAD_S <= now - window.observed_at <= STALE_S


def hint_text(due: list[Alert], config: Config, now: float) -> str:
    """Return the line for the model, empty where there is nothing to tell; of several models the fullest counts."""
    parts: dict[str, str] = {}
    for each in sorted(due, key=lambda alert: -alert.window.percent):
        name, hours, zone = name_of(each.window), config.time["hours"], config.time["zone"]
        ends_at = each.window.resets_at
        at = "" if ends_at is None or ends_at == NEVER else clock_text(to_minute(ends_at), now, hours, zone)
        parts.setdefault(name, f"{name} at {percent_of(each)}" + (f", resets {at}" if at else ""))
    return f"{INTRODUCTION}: {'; '.join(parts.values())}: {ADVICE}" if parts else ""


def name_of(window: Window) -> str:
    """Return a name out of our own words."""
    return CONTEXT if window.id == CONTEXT else NAMES.get(window.id, NAME_OF_OTHERS)


def percent_of(alert: Alert) -> str:
    """Return ``92%``; of the context only the threshold is certain."""
    return f"{alert.at:g}% or more" if alert.window.id == CONTEXT else f"{round_down(alert.window.percent)}%"
