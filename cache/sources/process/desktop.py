"""Shows a notification on the desktop, by the system's own program.

The text is an argument of the program, never a part of a script. The program is one of a few well-known paths: what is
on PATH, or the address of a session bus in the environment, can come from a repository's settings.
"""

from __future__ import annotations

import html
import os
from typing import TYPE_CHECKING

from cache.sources.process.run import run
from cache.work import failures as errors
from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLE = "Claude Code"
OSASCRIPT = "/usr/bin/osascript"
NOTIFY_SEND = ("/usr/bin/notify-send", "/usr/local/bin/notify-send", "/opt/homebrew/bin/notify-send")
FOR_TESTS = "STATUSLINE_NOTIFY_BIN"  # see `cache.work.testing`
SCRIPT = b"""\
on run argv
    display notification (item 2 of argv) with title (item 1 of argv)
end run
"""
TEXT_AT_MOST = 300  # characters
OUTPUT_AT_MOST = 4096  # bytes; the output is dropped
HANDED_ON = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR")
MISSING = f"no program for notifications: install {NOTIFY_SEND[0].rpartition('/')[2]} (libnotify)"


def notifier(env: Mapping[str, str]) -> str:
    """Return the path of the program that shows notifications, empty where there is none."""
    programs = [env[FOR_TESTS]] if FOR_TESTS in env else [OSASCRIPT, *NOTIFY_SEND]
    return next((each for each in programs if os.access(each, os.X_OK)), "")


def notify(text: str, env: Mapping[str, str], seconds: float) -> errors.Failure | None:
    """Show a text, within so many seconds; return the failure, if any."""
    program = notifier(env)
    if not program:
        return errors.CommandFailed(MISSING)
    words, script = command_for(program, scrub(text)[:TEXT_AT_MOST])
    try:
        ran = run(words, env=_environment(env), cwd="/", seconds=seconds, at_most=OUTPUT_AT_MOST, stdin=script)
    except (OSError, ValueError) as error:  # a ValueError: an unpaired surrogate
        return errors.CommandFailed(f"{program} could not be started: {error}")
    if ran.overdue:
        return errors.Overdue(f"{program} took longer than {seconds:.1f} s")
    return errors.CommandFailed(f"{program} exited with {ran.code}") if ran.code else None


def command_for(program: str, text: str) -> tuple[list[str], bytes]:
    """Return the words that show a text, and the standard input: osascript reads its script there.

    notify-send takes markup in a text, and escapes of C.
    """
    if os.path.basename(program) == os.path.basename(OSASCRIPT):
        return [program, "-", TITLE, text], SCRIPT
    escaped = html.escape(text, quote=False).replace("\\", "\\\\")
    return [program, "--app-name=hudline", "--", TITLE, escaped], b""


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the program: the session bus is where the system has put it."""
    found = {name: env[name] for name in HANDED_ON if name in env}
    of_system = f"/run/user/{os.getuid()}" if hasattr(os, "getuid") else ""
    folder = of_system if os.path.isdir(of_system) else env.get("XDG_RUNTIME_DIR", "")
    return {**found, "PATH": "/usr/bin:/bin", **({"XDG_RUNTIME_DIR": folder} if folder else {})}
