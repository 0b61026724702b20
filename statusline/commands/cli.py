"""The ``statusline`` command: prints the line without arguments, else runs one module per command."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from typing import Protocol, cast

import statusline
from cache.work.session_environment import clean_path, session_of
from cache.work.testing import ignore_programs
from statusline.commands.support import output

COMMANDS = {
    "usage": "statusline.commands.usage",
    "cost": "statusline.commands.cost",
    "report": "statusline.commands.report",
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
    "hint": "statusline.commands.hint",
    "sessions": "statusline.commands.sessions",
    "export": "statusline.commands.export",
    "completion": "statusline.commands.completion",
}
TICK_OPTIONS = ("--cache", "--config")
HELP = {"-h", "--help"}
FAILED = 1
CANCELLED, PIPE_CLOSED = 130, 141  # what a shell reports for a program that Ctrl-C or a closed pipe ended

VERSION = f"hudline {statusline.__version__}"

ABOUT = "A status line for Claude Code: model, context, usage limits and cost, without delay."
EXAMPLES = """\
examples:
  statusline install              make this Claude Code's status line
  statusline                      show your current usage
  statusline usage                show all limits as a table
  statusline doctor               find out why the status line is blank or wrong
  statusline uninstall            restore the previous status line

See `statusline COMMAND --help` for each command.
"""


class Command(Protocol):
    """A module under `statusline.commands`; its docstring is the help text.

    An ``EXAMPLES`` text, if there is one, follows the options.
    """

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the command."""

    def run(self, args: argparse.Namespace) -> int:
        """Run the command; return the exit code."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; usage errors exit with 2. Without a command: print the line."""
    put_last(os.environ.get("PYTHONPATH", ""))
    session = session_of(os.environ)
    ignore_programs(os.environ, *session)
    clean_path(os.environ, *session)
    words = sys.argv[1:] if argv is None else argv
    output.prepare()
    try:
        try:
            return dispatch(words)
        finally:
            sys.stdout.flush()  # a closed pipe can still be handled here
    except KeyboardInterrupt:
        return CANCELLED
    except OSError as error:
        return report_os_error(words, error)


def report_os_error(words: list[str], error: OSError) -> int:
    """Report an error of the system, most often about the output; return the exit code."""
    who = f"statusline {words[0]}" if words and words[0] in COMMANDS else "statusline"
    if output.is_of_output(error):
        output.give_up(who, error)
    else:
        cause = f"cannot use {error.filename}: {error.strerror}" if error.filename else str(error)
        output.complain(who, f"{cause}." + ("" if words[:1] == ["doctor"] else " Run `statusline doctor`."))
    return PIPE_CLOSED if isinstance(error, BrokenPipeError) else FAILED


def put_last(pythonpath: str) -> None:
    """Move the folders of PYTHONPATH to the end of `sys.path`, except the one of this program.

    In a command installed by pip, pipx or uv, a `cache.py` there would shadow our package.
    """
    own = os.path.dirname(os.path.dirname(statusline.__file__))
    with contextlib.suppress(FileNotFoundError):  # a relative path in a deleted folder
        theirs = {os.path.abspath(each) for each in pythonpath.split(os.pathsep) if each} - {own}
        sys.path.sort(key=theirs.__contains__)


def dispatch(words: list[str]) -> int:
    """Run the command that the arguments name."""
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
    """Print the line, with defaults for missing paths; exits with 0 by itself."""
    from cache.refresh.storage import cache_directory, config_file  # noqa: PLC0415 - the only one here that needs platformdirs
    from statusline.tick import main as draw  # noqa: PLC0415

    options = list(words)
    for name, path in (("cache", cache_directory()), ("config", config_file())):
        if f"--{name}" not in words:
            options += [f"--found-{name}", str(path)]
    if words:  # the form that `install` writes
        draw(options)
    else:
        from statusline.commands.support.bare_line import limits_row  # noqa: PLC0415 - no other form needs it
        from statusline.commands.support.terminal import columns_for_a_line  # noqa: PLC0415 - likewise

        os.environ.update(columns_for_a_line(sys.stdout, os.environ))
        draw(options, limits_row)
    return 0


def run(name: str, words: list[str]) -> int:
    """Load a command's module and run it."""
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
    """Return the parser of all commands, for ``--help`` (which explains them) and for usage errors.

    Explaining them loads them all: that takes 0.2 s, and fails if a library is missing.
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
    """Add ``--version``, which every command has."""
    parser.add_argument("--version", action="version", version=VERSION, help="print the version")


def first_line(module: Command) -> str:
    """Return the first line of a command's docstring, escaped for argparse."""
    return (module.__doc__ or "").partition("\n")[0].replace("%", "%%")


def load_command(name: str) -> Command:
    """Import a command's module."""
    return cast("Command", importlib.import_module(COMMANDS[name]))


if __name__ == "__main__":
    sys.exit(main())
