"""Print a short usage text for a shell's prompt, such as `5h 42% 7d 61%`, with that shell's escapes.

A prompt itself had better use what `statusline init` prints: that calls the fast program, not this command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.refresh.storage import cache_directory, config_file
from statusline.prompt import SHELLS, main

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  statusline prompt
  statusline prompt --shell zsh
  eval "$(statusline init bash)"         what to put into ~/.bashrc

An old number says its age, an estimate that it is one; nothing known is nothing printed. The exit code is always 0.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--shell", choices=SHELLS, default=SHELLS[0], help="whose escapes (default: none)")


def run(args: argparse.Namespace) -> int:
    """Print the text; the fast program leaves by itself."""
    main(["prompt", "--shell", args.shell, "--cache", str(cache_directory()), "--config", str(config_file())])
    return 0
