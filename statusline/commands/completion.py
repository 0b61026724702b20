"""Print shell completion for `statusline`: bash, zsh or fish."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import shtab

from cache.jobs import JOBS
from statusline.commands.cli import COMMANDS, add_version, first_line, load_command

SHELLS = ("bash", "zsh", "fish")

EXAMPLES = """\
examples:
  statusline completion bash > ~/.local/share/bash-completion/completions/statusline
  statusline completion zsh > ~/.zfunc/_statusline        with fpath+=~/.zfunc before compinit in ~/.zshrc
  statusline completion fish > ~/.config/fish/completions/statusline.fish

Print it again after an upgrade: it lists the commands of this version.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    sys.stdout.write(shtab.complete(build_parser(), shell=args.shell) + "\n")
    return 0


class CompletingParser(argparse.ArgumentParser):
    """A parser that tells shtab how to complete its arguments."""

    def add_argument(self, *args: Any, **options: Any) -> argparse.Action:
        """Add an argument; its metavar decides how a shell completes it."""
        action = super().add_argument(*args, **options)
        if action.metavar == "FILE":
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab's attribute
        if action.metavar == "KIND":
            action.choices = JOBS
        return action


def build_parser() -> argparse.ArgumentParser:
    """Return one parser with all commands and their options."""
    parser = CompletingParser(prog="statusline")
    add_version(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in COMMANDS:
        module = load_command(name)
        command = commands.add_parser(name, help=first_line(module))
        add_version(command)
        module.add_arguments(command)
    return parser
