"""Checks the terminal, the clock, and whether finished processes are reaped."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from cache.model.entry import read_entry
from cache.model.layout import USAGE_FILE
from statusline.commands.doctor_checks.program import package
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning
from statusline.render.timefmt import span_text

if TYPE_CHECKING:
    from pathlib import Path

    from statusline.commands.doctor_checks.context import Context

NARROW = 40  # cells; hardly two segments fit into fewer
A_DAY, FIVE_MINUTES = 86400, 300  # seconds
REAPED_WITHIN_S = 4.0  # some first processes look only every few seconds


def terminal(context: Context) -> Finding:
    """Check the terminal's capabilities, as far as the environment shows them."""
    name, env = "terminal", context.env
    if env.get("TERM") == "dumb":
        step = "Set TERM to your terminal's type, such as xterm-256color."
        return warning(name, "TERM is dumb: the line has no colors", step)
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if locale and "utf" not in locale.lower() and context.config.glyphs != "ascii":
        step = f'Set LANG to a UTF-8 locale, or set "glyphs": "ascii" in {context.config_path}.'
        return warning(name, f"the locale {locale} is not UTF-8: symbols such as │ and ↻ may not display", step)
    width = _width(context)
    if width is not None and width < NARROW:
        return warning(name, f"{width} columns: most of the line does not fit", "Widen the terminal.")
    colors = "no colors (NO_COLOR)" if env.get("NO_COLOR") else env.get("COLORTERM") or env.get("TERM") or "unknown"
    if width is None and "TERM" not in env:
        return skipped(name, "no terminal")
    return ok(name, f"{colors}, {locale or 'no locale set'}{f', {width} columns' if width else ''}")


def _width(context: Context) -> int | None:
    columns = context.env.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]) > 0:
        return int(columns[:6])
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return os.get_terminal_size(stream.fileno()).columns or None
    return None


def clock(context: Context) -> Finding:
    """Check that the clock is plausible: not before the installation, nor behind the kept numbers."""
    name, now = "clock", context.now
    made_at = package(context).joinpath("__main__.py").stat().st_mtime
    if now < made_at - A_DAY:
        step = "Set the clock: with a wrong time no certificate is valid and resets are wrong."
        return failed(name, f"it is {span_text(made_at - now)} behind the installation date of hudline", step)
    entry = read_entry(str(context.place / USAGE_FILE))
    if entry.fetched_at > now + FIVE_MINUTES:
        step = "Set the clock, or run `statusline refresh --force` if it is correct now."
        return warning(name, f"the kept numbers are {span_text(entry.fetched_at - now)} ahead of it", step)
    return ok(name, "plausible")


def processes(context: Context) -> Finding:
    """Check that finished processes without a parent are reaped: in a container the first process may not do so."""
    name, until = "processes", time.monotonic() + REAPED_WITHIN_S
    if not context.processes.is_dir():
        return skipped(name, f"this system has no {context.processes}")
    left = zombies(context.processes)
    while left and time.monotonic() < until:
        time.sleep(0.1)
        left &= zombies(context.processes)
    if not left:
        return ok(name, "finished background processes are reaped")
    step = "Run the container with `--init` (Docker, Podman), or another first process that reaps."
    return warning(name, f"the first process here does not reap: {len(left)} zombies, and each refresh adds one", step)


def zombies(processes: Path) -> set[str]:
    """Return the ids of ended processes that the first process has not reaped."""
    found = set()
    for stat in processes.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            state, parent = stat.read_bytes().rpartition(b")")[2].split()[:2]  # a name is cut after 15 bytes
            if (state, parent) == (b"Z", b"1"):
                found.add(stat.parent.name)
    return found
