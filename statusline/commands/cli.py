"""The ``statusline`` command: without arguments the line itself, else one module per command, loaded when it runs."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from typing import Protocol, cast

import statusline
from statusline.commands.support import output

COMMANDS = {
    "usage": "statusline.commands.usage",
    "refresh": "statusline.commands.refresh",
    "doctor": "statusline.commands.doctor",
    "install": "statusline.commands.install",
    "uninstall": "statusline.commands.uninstall",
    "config": "statusline.commands.config",
    "preview": "statusline.commands.preview",
    "configure": "statusline.commands.configure",
    "prompt": "statusline.commands.prompt",
    "init": "statusline.commands.init",
    "guard": "statusline.commands.guard",
    "watch": "statusline.commands.watch",
    "export": "statusline.commands.export",
    "completion": "statusline.commands.completion",
}
TICK_OPTIONS = ("--cache", "--config")
HELP = {"-h", "--help"}
FAILED = 1
CANCELLED, PIPE_CLOSED = 130, 141  # what a shell reports for a program that Ctrl-C or a closed pipe ended

VERSION = f"hudline {statusline.__version__}"

ABOUT = "A status line for Claude Code: the model, the context, the usage limits and the cost, at once."
EXAMPLES = """\
examples:
  statusline install              make this Claude Code's status line
  statusline                      the usage line, here and now
  statusline usage                all that is known, as a table
  statusline doctor               why the bar is blank, and what to do
  statusline uninstall            put back what was there before

`statusline COMMAND --help` says more about a command.
"""


class Command(Protocol):
    """What a module under `statusline.commands` offers; its docstring's first line is the help.

    An ``EXAMPLES`` text, if it has one, ends its help.
    """

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit code."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; usage errors leave with 2. Without a command: the line."""
    put_last(os.environ.get("PYTHONPATH", ""))
    words = sys.argv[1:] if argv is None else argv
    output.prepare()
    try:
        try:
            return dispatch(words)
        finally:
            sys.stdout.flush()  # here a closed pipe can still be answered
    except KeyboardInterrupt:
        return CANCELLED
    except OSError as error:
        return report_os_error(words, error)


def report_os_error(words: list[str], error: OSError) -> int:
    """Say what the system has refused to a command, most often its output; return the exit code."""
    who = f"statusline {words[0]}" if words and words[0] in COMMANDS else "statusline"
    if output.is_of_output(error):
        output.give_up(who, error)
    else:
        output.complain(who, f"{error}.")
    return PIPE_CLOSED if isinstance(error, BrokenPipeError) else FAILED


def put_last(pythonpath: str) -> None:
    """Search the folders of a PYTHONPATH behind all others, the one that this program is in excepted.

    Where pip, pipx or uv have made the command, a `cache.py` there would come before our package. What only they
    have, such as a library of ours, is still found.
    """
    own = os.path.dirname(os.path.dirname(statusline.__file__))
    with contextlib.suppress(FileNotFoundError):  # a relative one in a folder that is gone: nothing is found there
        theirs = {os.path.abspath(each) for each in pythonpath.split(os.pathsep) if each} - {own}
        sys.path.sort(key=theirs.__contains__)


def dispatch(words: list[str]) -> int:
    """Run what the words ask for."""
    if not words or words[0] in TICK_OPTIONS:
        return tick(words)
    if words[0] == "--version" or (words[0] in COMMANDS and words[1:] == ["--version"]):
        print(VERSION)
        return 0
    if words[0] in COMMANDS:
        return run(words[0], words[1:])
    parser = build_parser(explained=not HELP.isdisjoint(words))
    parser.parse_args(words)
    return parser.error(f"unknown option: {words[0]}")


def tick(words: list[str]) -> int:
    """Print the line, with the paths that are not given put in; it leaves by itself with exit code 0."""
    from cache.refresh.storage import cache_directory, config_file  # noqa: PLC0415 - the only one here that needs platformdirs
    from statusline.tick import main as draw  # noqa: PLC0415

    options = list(words)
    for name, path in (("--cache", cache_directory()), ("--config", config_file())):
        if name not in words:
            options += [name, str(path)]
    draw(options)
    return 0


def run(name: str, words: list[str]) -> int:
    """Load one command's module and run it."""
    module = load_command(name)
    parser = argparse.ArgumentParser(
        prog=f"statusline {name}",
        description=module.__doc__,
        epilog=getattr(module, "EXAMPLES", None),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(parser)
    module.add_arguments(parser)
    return module.run(parser.parse_args(words))


def build_parser(*, explained: bool) -> argparse.ArgumentParser:
    """Return the parser that knows what there is: for ``--help``, where it explains the commands, and for mistakes.

    To explain them is to load them all: 0.2 s, and an installation that lacks a library fails at it.
    """
    parser = argparse.ArgumentParser(
        prog="statusline",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_version(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in COMMANDS:
        commands.add_parser(name, help=first_line(load_command(name))) if explained else commands.add_parser(name)
    return parser


def add_version(parser: argparse.ArgumentParser) -> None:
    """Declare ``--version``, which every command takes."""
    parser.add_argument("--version", action="version", version=VERSION, help="print the version")


def first_line(module: Command) -> str:
    """Return what a command's file says of itself first, as argparse wants its help."""
    return (module.__doc__ or "").partition("\n")[0].replace("%", "%%")


def load_command(name: str) -> Command:
    """Import a command's module."""
    return cast("Command", importlib.import_module(COMMANDS[name]))


if __name__ == "__main__":
    sys.exit(main())
