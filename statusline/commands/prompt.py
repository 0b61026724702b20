"""Print short usage text for a shell prompt, such as `5h 42% 7d 61%`.

In your prompt, use the snippet from `statusline init`: it is faster than this command.
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
  statusline init bash >> ~/.bashrc      add it to your prompt

Old numbers show their age; estimates are marked. Prints nothing if nothing is known. The exit code is always 0.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--shell", choices=SHELLS, default=SHELLS[0], help="add the escapes of this shell (default: none)"
    )


def run(args: argparse.Namespace) -> int:
    """Print the text; the fast program exits by itself."""
    main(["prompt", "--shell", args.shell, "--cache", str(cache_directory()), "--config", str(config_file())])
    return 0
