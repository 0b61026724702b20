"""List the running sessions and what they wait for; switch tmux to one of them."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.git_head import repository_of
from cache.sources.claude.paths import config_directory, home_of
from cache.sources.claude.sessions import RunningSession, running_sessions, sessions_folder
from cache.sources.transcripts.last_answer import LastAnswer, last_answer, transcript_of
from cache.sources.transcripts.scan import roots_of
from statusline.commands.support.branch import branch_of
from statusline.commands.support.output import complain
from statusline.commands.support.plain_text import one_line
from statusline.commands.support.terminal import BOLD, DIM, align, is_colored, render_line, width_of
from statusline.commands.support.tmux import CannotSwitch, switch_to
from statusline.render.sanitize import sanitize
from statusline.render.timefmt import span_text
from statusline.segments.segment import token_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

EXAMPLES = """\
examples:
  statusline sessions
  statusline sessions --go api           switch tmux to the session named api
  statusline sessions --json | jq '.sessions[] | select(.status == "waiting").name'

NAME is a name from the list, its beginning, a folder's name or a process id. Outside of tmux, --go attaches this
terminal.

exit code: 0, or 1 if the sessions cannot be read or --go does not find exactly one

--json prints one object; times are epoch seconds, null means unknown:
  sessions   one object each: name, pid, session_id, folder, branch, status (idle, busy, waiting; null for those of the
             SDK), waiting_for (such as "permission prompt"), since (when the status began), started_at,
             context_tokens and model (of the last answer), pane (of tmux)
"""
WAITING = "waiting"
GAP = "  "


@dataclass(frozen=True)
class Details:
    """What is known of a session beyond Claude Code's list; a text is empty and ``answer`` None where unknown."""

    session: RunningSession
    branch: str
    answer: LastAnswer | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--json", action="store_true", help="print JSON")
    doing.add_argument("--go", metavar="NAME", help="switch tmux to this session")


def run(args: argparse.Namespace) -> int:
    """List the sessions or switch to one; return 0, or 1 if that fails."""
    try:
        running = running_sessions(sessions_folder(os.environ))
    except OSError as error:
        complain("statusline sessions", f"{error.filename} cannot be read ({error.strerror}).")
        return 1
    running.sort(key=lambda session: (session.status != WAITING, session.since or session.started_at))
    if args.go is not None:
        return go(args.go, running)
    every = [details_of(session, os.environ) for session in running]
    if args.json:
        print(json.dumps({"sessions": [as_json(each) for each in every]}, indent=2))
    else:
        print("\n".join(render(every, time.time(), os.environ)))
    return 0


def details_of(session: RunningSession, env: Mapping[str, str]) -> Details:
    """Look up branch, model and context of a session."""
    branch = branch_of(repository_of(session.folder))
    path = transcript_of(session.id, session.folder, roots_of(config_directory(env), home_of(env)))
    return Details(session, branch, last_answer(path) if path else None)


def as_json(details: Details) -> dict[str, object]:
    """Return a session in the shape that ``--help`` describes."""
    session, answer = details.session, details.answer
    return {
        "name": session.name,
        "pid": session.pid,
        "session_id": session.id,
        "folder": session.folder or None,
        "branch": details.branch or None,
        "status": session.status or None,
        "waiting_for": session.waiting_for or None,
        "since": session.since or None,
        "started_at": session.started_at or None,
        "context_tokens": (answer.context_tokens or None) if answer else None,
        "model": answer.model if answer else None,
        "pane": session.pane or None,
    }


def render(every: Sequence[Details], now: float, env: Mapping[str, str]) -> list[str]:
    """Return one line per session, those that wait first."""
    if not every:
        return ["No session is running."]
    width = width_of(sys.stdout, env) if sys.stdout.isatty() else sys.maxsize
    colored = is_colored(sys.stdout, env)
    table = align([[safe(text) for text in texts_of(each, now, env)] for each in every])
    lines = []
    for details, (name, *others) in zip(every, table, strict=True):
        style = BOLD if details.session.status == WAITING else ""
        status, rest = others[0], GAP.join(others[1:])
        parts = [(name, style), (GAP, ""), (status, style), (GAP + rest, DIM)]
        lines.append(render_line(parts, width, colored=colored))
    return lines


def texts_of(details: Details, now: float, env: Mapping[str, str]) -> list[str]:
    """Return the columns: name, status, folder, branch, context and model."""
    session, answer = details.session, details.answer
    since = f" {span_text(now - session.since)}" if session.since and session.status else ""
    reason = f": {session.waiting_for}" if session.waiting_for and session.status == WAITING else ""
    home = str(home_of(env)).rstrip("/")
    is_below = bool(home) and f"{session.folder}/".startswith(home + "/")
    return [
        session.name,
        f"{session.status}{since}{reason}",
        "~" + session.folder[len(home) :] if is_below else session.folder,
        details.branch,
        token_text(answer.context_tokens) if answer and answer.context_tokens else "",
        answer.model if answer else "",
    ]


def safe(text: str) -> str:
    """Return a foreign text as it may be printed."""
    return sanitize(one_line(text))


def go(name: str, running: Sequence[RunningSession]) -> int:
    """Switch tmux to the session with this name; return 0, or 1 if there is not exactly one, or it has no pane."""
    found = sessions_called(name, running)
    text = ""
    if len(found) > 1:
        text = f"{safe(name)} is ambiguous: {candidates(found)}."
    elif not found:
        others = f"; there are {candidates(running)}" if running else ""
        text = f"no running session is called {safe(name)}{others}."
    elif not found[0].pane:
        text = f"{safe(found[0].name)} does not run in tmux."
    else:
        try:
            switch_to(found[0].pane, found[0].pid)
        except CannotSwitch as error:
            text = f"cannot go to {safe(found[0].name)}: {error}"
    if text:
        complain("statusline sessions", text)
    return 1 if text else 0


def sessions_called(name: str, running: Sequence[RunningSession]) -> list[RunningSession]:
    """Return the sessions with this name, id or folder; if there is none, those whose name begins so."""
    exact = [each for each in running if name in {each.name, each.full_name, str(each.pid), each.id}]
    by_folder = [each for each in running if name == os.path.basename(each.folder)]
    beginning = [each for each in running if name and each.full_name.startswith(name)]
    return exact or by_folder or beginning


def candidates(running: Sequence[RunningSession]) -> str:
    """Return the names to choose from; those that are alike have their process id."""
    names = [each.name for each in running]
    return ", ".join(safe(each.name) + (f" ({each.pid})" if names.count(each.name) > 1 else "") for each in running)
