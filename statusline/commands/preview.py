"""Preview the line: yours, the default at several widths, and every preset, theme and glyph set.

The session is an example; the limits are yours, if known.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.refresh.storage import config_file
from statusline.commands.config_check.descriptions import GLYPHS, OPTION_DESCRIPTIONS, PRESETS, THEMES
from statusline.commands.config_check.schema import first_line
from statusline.commands.config_check.schema_check import json_text
from statusline.commands.config_check.segment_options import GENERAL, OPTION_EXAMPLES, OPTIONS_OF, REQUIRED
from statusline.commands.support.argument_types import whole_number
from statusline.commands.support.folder import folder_or_home
from statusline.commands.support.grounds import DARK, GROUND_OF, LIGHT, on_ground
from statusline.commands.support.sample import sample
from statusline.commands.support.terminal import BOLD, is_colored, paint, width_of
from statusline.config import Config, read_config
from statusline.render.colors import ALIASES, depth_of
from statusline.render.row import MARGIN
from statusline.segments.registry import TABLE
from statusline.tick import NOTHING_TO_SAY

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from statusline.commands.support.grounds import Ground
    from statusline.commands.support.sample import Sample

EXAMPLES_ONLY = "The limits are examples: yours are not known yet. Run `statusline usage --refresh` to fetch them."
NOTHING = "(not shown in this session)"
NARROWEST, WIDEST = 10, 1000
OFFERED_THEMES = tuple(name for name in THEMES if name not in ALIASES)
WIDTHS = (80, 120, 200)  # at which the default is shown, where they fit
WITHOUT_FILE, ON_BOTH = "The line without a configuration", ", on dark and on light"
PLAIN_THEME = "mono"  # adds neither signs nor spaces to a row
COLORS_NEEDED = "The other themes need a terminal with colors."

EXAMPLES = """\
examples:
  statusline preview                     everything
  statusline preview --width 80          in a terminal of 80 columns
  statusline preview --preset full       only this preset, in your theme and glyph set
  statusline preview --segment context   one segment and its options
  statusline preview --theme light --glyphs nerd
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    rows = parser.add_mutually_exclusive_group()
    help_ = f"only the rows of this preset: {', '.join(PRESETS)}"
    rows.add_argument("--preset", choices=tuple(PRESETS), metavar="PRESET", help=help_)
    rows.add_argument("--segment", choices=tuple(TABLE), metavar="NAME", help="only this segment, with its options")
    help_ = f"only this theme: {', '.join(OFFERED_THEMES)}"
    parser.add_argument("--theme", type=_theme, choices=OFFERED_THEMES, metavar="THEME", help=help_)
    help_ = f"only this glyph set: {', '.join(GLYPHS)}"
    parser.add_argument("--glyphs", choices=tuple(GLYPHS), metavar="GLYPHS", help=help_)
    help_ = f"terminal width in columns, {NARROWEST} to {WIDEST}; Claude Code reserves {MARGIN}"
    parser.add_argument("--width", type=whole_number(NARROWEST, WIDEST), metavar="N", help=help_)


def _theme(name: str) -> str:
    """Return the present name of a theme; a former one still works."""
    return ALIASES.get(name, name)


def run(args: argparse.Namespace) -> int:
    """Print it; return 0."""
    columns = width_of(sys.stdout, os.environ) if args.width is None else args.width
    widths = tuple(each for each in WIDTHS if each <= columns or not sys.stdout.isatty())
    widths = (columns,) if args.width is not None else widths or (columns,)
    drawn, colored = sample(os.environ, str(folder_or_home()), time.time()), is_colored(sys.stdout, os.environ)
    depth = depth_of(lambda name: os.environ.get(name, "")) if colored else 0
    preview = Preview(drawn, read_config(str(config_file())).given, columns, widths, depth)
    chosen = {name: value for name in ("preset", "theme", "glyphs") if (value := getattr(args, name)) is not None}
    if args.segment:
        print("\n".join(preview.segment(args.segment, chosen)))
    else:
        print(preview.rows(chosen) if chosen else "\n".join(preview.everything()))
    if not drawn.is_own:
        print(f"statusline preview: {EXAMPLES_ONLY}", file=sys.stderr)
    return 0


def example_items(name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what to put into a row for a segment, alone and with each option, and what that option does."""
    needed = {option: OPTION_EXAMPLES[option][0] for option in OPTIONS_OF.get(name, ()) if name in REQUIRED}
    yield first_line(name), {"segment": name, **needed}
    for option in (*OPTIONS_OF.get(name, ()), *GENERAL):
        for value in OPTION_EXAMPLES[option]:
            if needed.get(option) != value:
                yield OPTION_DESCRIPTIONS[option], {"segment": name, **needed, option: value}


@dataclass(frozen=True)
class Preview:
    """Draws a sample with the user's configuration (``mine``), except for the settings chosen otherwise.

    ``columns`` is the width of the terminal, ``widths`` are those for the default; ``depth`` is how many colors.
    """

    drawn: Sample
    mine: dict[str, object]
    columns: int
    widths: tuple[int, ...]
    depth: int

    def rows(self, chosen: dict[str, object]) -> str:
        """Return the rows with these settings instead of the user's; a preset comes with its rows."""
        kept = {key: value for key, value in self.mine.items() if key != "rows" or "preset" not in chosen}
        return self.drawn.rows(Config({**kept, **chosen}), self.columns, os.environ, colored=self.depth > 0)

    def everything(self) -> Iterator[str]:
        """Yield the user's rows, the default, then all presets, themes and glyph sets, each under its name.

        Without colors, only the themes whose rows are other ones.
        """
        if self.mine:
            yield from (self.heading("yours"), *self.indent(self.rows({}), self.columns), "")
        about = f"{WITHOUT_FILE}{ON_BOTH if len(self.grounds) > 1 else ''}."
        for columns in self.widths:
            yield from (self.heading(f"{columns} columns", about), *self.on_grounds(columns), "")
        yield from self.sections("preset", PRESETS)
        plain = None if self.depth else self.rows({"theme": PLAIN_THEME})
        yield from self.sections("theme", THEMES, plain)
        if plain is not None:
            yield from (COLORS_NEEDED, "")
        yield from self.sections("glyphs", GLYPHS)

    def sections(self, kind: str, says: dict[str, str], left_out: str | None = None) -> Iterator[str]:
        """Yield the rows with each value of a setting under its name, without those that are ``left_out``."""
        for name, sentence in says.items():
            rows = None if name in ALIASES else self.rows({kind: name})
            if rows is not None and rows != left_out:
                ground = GROUND_OF.get(name) if self.depth > 16 else None
                yield from (self.heading(f"{kind} {name}", sentence), *self.indent(rows, self.columns, ground), "")

    @property
    def grounds(self) -> tuple[Ground | None, ...]:
        """The backgrounds on which the default is shown: dark and light where there are the colors for it."""
        return (DARK, LIGHT) if self.depth > 16 else (None,)

    def on_grounds(self, columns: int) -> Iterator[str]:
        """Yield the default in a terminal of such a width, on each of the ``grounds``."""
        for ground in self.grounds:
            theme = ground.name if ground else None
            rows = self.drawn.rows(Config(), columns, os.environ, colored=self.depth > 0, host_theme=theme)
            yield from self.indent(rows, columns, ground)

    def segment(self, name: str, chosen: dict[str, object]) -> Iterator[str]:
        """Yield a segment alone and with each of its options, under what the configuration would have."""
        commands = {"commands": {"jobs": {"command": "jobs"}}} if name == "command" else {}
        for sentence, item in example_items(name):
            text = json_text(item if len(item) > 1 else name)
            row = self.rows({**chosen, **commands, "fill": False, "rows": [[item]]})  # no bar but by its option
            yield from (self.heading(text, sentence), f"  {row or NOTHING}", "")

    def heading(self, name: str, sentence: str = "") -> str:
        """Return the line above an example."""
        bold = paint(name, BOLD, colored=self.depth > 0)
        return f"{bold}: {sentence}" if sentence else bold

    def indent(self, rows: str, columns: int, ground: Ground | None = None) -> list[str]:
        """Return rows for so many columns, indented by two of the four cells that Claude Code keeps free.

        On another background than the terminal's they are one cell wider at each side.
        """
        lines, width = (rows or NOTHING_TO_SAY).split("\n"), columns - MARGIN
        return [f" {on_ground(row, ground, width, self.depth)}" if ground else f"  {row}" for row in lines]
