"""Find out why the status line is blank or wrong, and how to fix it.

Changes nothing without --fix, and makes no request without --online.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.doctor_checks import timings, trace
from statusline.commands.doctor_checks.cache import cache, leftovers, lock, numbers
from statusline.commands.doctor_checks.claude import claude, trust
from statusline.commands.doctor_checks.config import configuration
from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.endpoint import base, endpoint, log, proxy
from statusline.commands.doctor_checks.environment import clock, processes, terminal
from statusline.commands.doctor_checks.jobs import jobs
from statusline.commands.doctor_checks.line import line
from statusline.commands.doctor_checks.login import credentials, keychain, login
from statusline.commands.doctor_checks.prices import prices
from statusline.commands.doctor_checks.program import bytecode, files, interpreter
from statusline.commands.doctor_checks.result import Finding, plain, warning
from statusline.commands.doctor_checks.settings import hooks, interval, settings
from statusline.commands.doctor_checks.trace import segments
from statusline.commands.support.folder import is_gone
from statusline.commands.support.terminal import columns_for_a_line, is_colored, paint

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

# Bytecode before the line: running the line would create missing bytecode.
CHECKS = (
    *(settings, hooks, trust, claude, interpreter, files, bytecode, line, segments, interval),
    *(numbers, login, credentials, keychain, endpoint, proxy, base),
    *(cache, lock, leftovers, jobs, prices, configuration, log, terminal, clock, processes),
)
COLORS = {"ok": "32", "warning": "33", "failed": "31", "skipped": "2"}

EXAMPLES = """\
examples:
  statusline doctor                      in the folder where the status line is blank
  statusline doctor --fix                also fix what can be fixed safely
  statusline doctor --online             also query the usage endpoint
  statusline doctor --brief              only problems
  statusline doctor --trace              only run the line once and show the errors in it
  statusline doctor --trace < FILE       the same with a saved payload of Claude Code, also from a pipe
  statusline doctor --timings            only measure what drawing the line costs, part by part
  statusline doctor --json

exit code: 0 no check failed (there may be warnings), 1 a check failed

The doctor never runs a command from a settings file. It runs the command that `install` would write, and only if the
settings start this installation. Commands in a project's settings are only shown; no path in them is followed.
It sees the settings files and the environment, but not the flags of a running `claude`: --settings, --setting-sources
and --safe-mode can change which line runs.

--fix corrects the permissions of hudline's folders, rewrites hudline's part of the command in your user settings if the
interpreter has moved, removes hudline's stale temporary files, and compiles missing bytecode. It changes nothing else.

--trace shows the traceback of every part that fails, without secrets; exit code 1 if there is one. It changes nothing.
For an intermittent failure, set STATUSLINE_DEBUG to the absolute path of a *.log file (`env` in settings.json): each
failure is logged with file, function, line and type of the error, never a value.

--json prints one object:
  blank       why the status line is or may be blank: a list of sentences
  row         the output of the line, null if it was not run
  row_ms      how long that took, in milliseconds, or null
  fixed       the names of the checks that --fix fixed
  checks      a list of {name, verdict, said, next_step, blanks_the_bar, can_be_fixed};
              the verdict is ok, warning, failed or skipped; next_step is null if there is nothing to do
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--brief", action="store_true", help="show only problems")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--online", action="store_true", help="also query the usage endpoint")
    parser.add_argument("--trace", action="store_true", help="only run the line once and show the errors in it")
    parser.add_argument("--timings", action="store_true", help="only measure what drawing the line costs, part by part")
    parser.add_argument("--fix", action="store_true", help="fix what can be fixed safely")


def run(args: argparse.Namespace) -> int:
    """Run the checks, print the result, and exit at once: an abandoned request may still block a thread."""
    if (mistake := _mistake(args)) is not None:
        print(f"statusline doctor: {mistake}", file=sys.stderr)
        return 2
    colored = not args.json and is_colored(sys.stdout, os.environ)
    env = os.environ if args.json else {**os.environ, **columns_for_a_line(sys.stdout, os.environ)}
    context = Context(env, online=args.online, colored=colored)
    if args.trace:
        return trace.run(context)
    if args.timings:
        return timings.run(context, as_json=args.json)
    if is_gone():
        print(
            "statusline doctor: the current folder no longer exists; checking from your home folder instead.",
            file=sys.stderr,
        )
    findings = run_checks(context)
    fixed = fix(findings) if args.fix else []
    if fixed:  # keep the endpoint's answer: no second request
        online_finding = next((each for each in findings if each.name == "endpoint"), None) if args.online else None
        context = Context(env, colored=colored, online_finding=online_finding)
        findings = run_checks(context)
    if args.json:
        text = json.dumps(as_json(context, findings, fixed), indent=2)
    else:
        text = render(context, findings, fixed, brief=args.brief)
    print(text, flush=True)
    code = 1 if any(each.verdict == "failed" for each in findings) else 0
    if args.online:
        os._exit(code)
    return code


def _mistake(args: argparse.Namespace) -> str | None:
    """Return why the options do not go together, None if they do."""
    checking = args.brief or args.online or args.fix
    if args.trace and (checking or args.json or args.timings):
        return "--trace takes no other option"
    if args.timings and checking:
        return "--timings takes no other option but --json"
    return None


def run_checks(context: Context) -> list[Finding]:
    """Return the findings of all checks, in order."""
    return [run_check(check, context) for check in CHECKS]


def run_check(check: Callable[[Context], Finding], context: Context) -> Finding:
    """Return the finding of a check, or a warning if the system refused it access."""
    try:
        return check(context)
    except OSError as error:
        return warning(check.__name__, f"could not be checked: {error}", "Fix the permissions or the path named here.")


def fix(findings: list[Finding]) -> list[str]:
    """Apply all safe fixes, and return the names of the checks that had one."""
    fixed = []
    for each in findings:
        try:
            if each.fix is not None:
                each.fix()
                fixed.append(each.name)
        except (EditRefused, OSError) as error:
            print(f"statusline doctor: {each.name}: {plain(str(error))}", file=sys.stderr)
    return fixed


def as_json(context: Context, findings: list[Finding], fixed: list[str]) -> dict[str, object]:
    """Return the report in the shape that ``--help`` describes."""
    tried = context.trial
    return {
        "blank": [each.said for each in findings if each.blank],
        "row": tried.row if tried else None,
        "row_ms": round(tried.seconds * 1000) if tried else None,
        "fixed": fixed,
        "checks": [each.as_json() for each in findings],
    }


def render(context: Context, findings: list[Finding], fixed: list[str], *, brief: bool = False) -> str:
    """Return the report as text: why the status line is blank, then all checks, or only those with a problem."""
    width = max(len(each.name) for each in findings)
    lines = [*headline(context, findings), ""]
    if fixed:
        lines = [f"Fixed: {', '.join(fixed)}.", "", *lines]
    for each in findings:
        if brief and each.verdict in {"ok", "skipped"}:
            continue
        verdict = paint(f"{each.verdict:7}", COLORS[each.verdict], colored=context.colored)
        lines.append(f"{verdict} {each.name:{width}}  {each.said}")
        if each.next_step:
            lines.append(f"{'':{width + 10}}-> {each.next_step}")
    return "\n".join(lines).rstrip("\n")


def headline(context: Context, findings: list[Finding]) -> list[str]:
    """Return the lines that say why the status line is blank."""
    causes = [each for each in findings if each.blank]
    if any(each.verdict == "failed" for each in causes):
        lines = ["The status line is blank, or is not hudline's:"]
    elif causes:
        works = "The line works here. If the status line is blank anyway:"
        lines = [works if context.trial else "The line was not run. Possible reasons for a blank status line:"]
    elif context.trial is None:
        return ["The line was not run: the settings start a different program (see below)."]
    else:
        works = "hudline's part of the line works (the rest was not run):" if context.is_wrapped else "The line works:"
        return [works, *(f"  {each if context.colored else plain(each)}" for each in context.trial.row.split("\n"))]
    for each in causes:
        lines += [f"  {each.said}", f"  -> {each.next_step}"]
    return lines
