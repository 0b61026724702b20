"""Show the line as it would look: your own, every preset, theme and set of signs.

The session is made up; the limits are your own where they are known. Every row is drawn as Claude Code would get it.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.refresh.storage import config_file
from statusline.commands.config_check.descriptions import GLYPHS, PRESETS, THEMES
from statusline.commands.support.folder import folder_or_home
from statusline.commands.support.sample import sample
from statusline.commands.support.terminal import BOLD, is_coloured, paint, width_of
from statusline.config import Config, read_config
from statusline.tick import NOTHING_TO_SAY

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from statusline.commands.support.sample import Sample

EXAMPLES_ONLY = "The limits are examples: none of yours are known. `statusline usage --refresh` finds them out."
NARROWEST, WIDEST = 10, 1000

EXAMPLES = """\
examples:
  statusline preview                     everything, one below the other
  statusline preview --width 80          as it would be in a terminal of 80 columns
  statusline preview --preset full       this preset alone, in the colours and signs of your configuration
  statusline preview --theme pastel --glyphs nerd
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--preset", choices=tuple(PRESETS), help="only the rows of this preset")
    parser.add_argument("--theme", choices=tuple(THEMES), help="only in these colours")
    parser.add_argument("--glyphs", choices=tuple(GLYPHS), help="only with these signs")
    parser.add_argument("--width", type=int, metavar="N", help="columns of the terminal; Claude Code keeps 4 of them")


def run(args: argparse.Namespace) -> int:
    """Print it; return 0."""
    columns = width_of(sys.stdout, os.environ) if args.width is None else min(max(args.width, NARROWEST), WIDEST)
    drawn = sample(os.environ, str(folder_or_home()), time.time())
    preview = Preview(drawn, read_config(str(config_file())).given, columns, is_coloured(sys.stdout, os.environ))
    chosen = {name: value for name in ("preset", "theme", "glyphs") if (value := getattr(args, name)) is not None}
    print(preview.rows(chosen) if chosen else "\n".join(preview.everything()))
    if not drawn.is_own:
        print(f"statusline preview: {EXAMPLES_ONLY}", file=sys.stderr)
    return 0


@dataclass(frozen=True)
class Preview:
    """Draws a sample in the looks of one's own configuration (``mine``), but for what is chosen otherwise."""

    drawn: Sample
    mine: dict[str, object]
    columns: int
    coloured: bool

    def rows(self, chosen: dict[str, object]) -> str:
        """Return the rows with these settings instead of one's own; a preset has its own rows."""
        kept = {key: value for key, value in self.mine.items() if key != "rows" or "preset" not in chosen}
        return self.drawn.rows(Config({**kept, **chosen}), self.columns, os.environ, coloured=self.coloured)

    def everything(self) -> Iterator[str]:
        """Yield one's own rows, then all presets, themes and sets of signs, each under its name."""
        if self.mine:
            yield from (self.heading("yours"), *self.indented({}), "")
        for kind, says in (("preset", PRESETS), ("theme", THEMES), ("glyphs", GLYPHS)):
            for name, sentence in says.items():
                yield from (self.heading(f"{kind} {name}", sentence), *self.indented({kind: name}), "")

    def heading(self, name: str, sentence: str = "") -> str:
        """Return a line that says what comes."""
        bold = paint(name, BOLD, coloured=self.coloured)
        return f"{bold}: {sentence}" if sentence else bold

    def indented(self, chosen: dict[str, object]) -> list[str]:
        """Return the rows, set off by two of the four cells that Claude Code keeps free."""
        return [f"  {row}" for row in (self.rows(chosen) or NOTHING_TO_SAY).split("\n")]
