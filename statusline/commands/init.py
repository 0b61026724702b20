"""Print a snippet that shows usage in the prompt of bash, zsh, fish, tmux or starship."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING

from cache.refresh.storage import cache_directory, config_file
from statusline.commands.claude_settings.tick_command import NotText, bake
from statusline.commands.support.output import complain
from statusline.commands.support.snippets import BASH, FISH, STARSHIP, TMUX, ZSH

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from statusline.commands.claude_settings.tick_command import BakedPaths

EXAMPLES = """\
examples:
  statusline init bash >> ~/.bashrc
  statusline init zsh >> ~/.zshrc
  statusline init fish >> ~/.config/fish/config.fish
  statusline init tmux >> ~/.tmux.conf
  statusline init starship >> ~/.config/starship.toml
The snippet calls the installed program by its full path and takes about as long as drawing the line. If the program is
removed, the prompt works as before. Open a new shell to see it (tmux: tmux source-file ~/.tmux.conf).
"""

PAIRED = str.maketrans({"(": """'"$(printf '\\050')"'""", ")": """'"$(printf '\\051')"'"""})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    names = ", ".join(SNIPPETS)
    parser.add_argument("tool", choices=tuple(SNIPPETS), metavar="SHELL", help=f"the shell or tool: {names}")


def run(args: argparse.Namespace) -> int:
    """Print the snippet; return 1 if a path cannot be written as text."""
    try:
        here = bake(cache_directory(), config_file())
    except NotText as refusal:
        complain("statusline init", str(refusal))
        return 1
    sys.stdout.write(SNIPPETS[args.tool](here))
    return 0


def for_bash(here: BakedPaths) -> str:
    """Return the snippet for ~/.bashrc."""
    return BASH.replace("@COMMAND@", posix_command(here, "readline"))


def for_zsh(here: BakedPaths) -> str:
    """Return the snippet for ~/.zshrc."""
    return ZSH.replace("@COMMAND@", posix_command(here, "zsh"))


def for_fish(here: BakedPaths) -> str:
    """Return the snippet for config.fish."""
    words = [quote_for_fish(word) for word in _words(here, "fish")]
    guard = f"test -x {words[0]}; and test -r {words[3]}; and"
    return FISH.replace("@COMMAND@", f"{guard} {' '.join(words)} </dev/null 2>/dev/null")


def for_tmux(here: BakedPaths) -> str:
    """Return the snippet for ~/.tmux.conf, where the command is a format with strftime codes in double quotes.

    Tmux counts parentheses to find the end, so those in a path are written by `printf`.
    """
    command = posix_command(here, "tmux").translate(PAIRED).replace("#", "##").replace("%", "%%")
    for sign in ("\\", '"', "$"):
        command = command.replace(sign, "\\" + sign)
    return TMUX.replace("@COMMAND@", command)


def for_starship(here: BakedPaths) -> str:
    """Return the snippet for starship.toml; starship adds the shell's escapes itself."""
    return STARSHIP.replace("@COMMAND@", json.dumps(posix_command(here, "plain"), ensure_ascii=False))


SNIPPETS: dict[str, Callable[[BakedPaths], str]] = {
    "bash": for_bash,
    "zsh": for_zsh,
    "fish": for_fish,
    "tmux": for_tmux,
    "starship": for_starship,
}


def posix_command(here: BakedPaths, shell: str) -> str:
    """Return the command with its guard, for a POSIX shell."""
    words = [shlex.quote(word) for word in _words(here, shell)]
    return f"if [ -x {words[0]} ] && [ -r {words[3]} ]; then exec {' '.join(words)} </dev/null 2>/dev/null; fi"


def quote_for_fish(word: str) -> str:
    """Return a word in single quotes for fish, where backslashes are escapes even there."""
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _words(here: BakedPaths, shell: str) -> list[str]:
    paths = ["--cache", str(here.cache), "--config", str(here.config)]
    return [str(here.python), "-I", "-S", str(here.main), "prompt", "--shell", shell, *paths]
