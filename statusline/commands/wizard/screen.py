"""The screen of `configure`: a list of choices, what the chosen one is, and a preview of the line (prompt_toolkit)."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.output import ColorDepth

from statusline.commands.config_check.descriptions import OPTION_DESCRIPTIONS
from statusline.commands.config_check.legend import described, signs_in
from statusline.commands.config_check.schema_check import json_text
from statusline.commands.wizard.state import STEPS
from statusline.render.width import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

    from statusline.commands.wizard.state import Guide

TITLES = {
    "preset": "What should the line show?",
    "theme": "Which colors?",
    "glyphs": "Which signs does your font have? If you see boxes, choose another set.",
    "segments": "Which segments, and in which order?",
    "write": "Save these changes?",
}
CHOOSE = "up/down choose"
LEAVE = ("enter next", "left back", "q quit")
KEYS = {"segments": (CHOOSE, "space on/off", "< > move", *LEAVE), "write": ("enter save", "left back", "q quit")}
TITLE_LINES, PREVIEW_AT_MOST, DETAILS_AT_MOST = 2, 12, 3  # lines
LIST_AT_LEAST = 3  # lines of choices, however low the terminal is
WIDE = 1000  # columns: there is room for everything

_LINK = re.compile("\x1b\\]8;.*?\x1b\\\\")  # prompt_toolkit supports colors, but no links
_DEPTHS = {0: ColorDepth.DEPTH_1_BIT, 16: ColorDepth.DEPTH_4_BIT, 256: ColorDepth.DEPTH_8_BIT}


class Drawing(NamedTuple):
    """What draws a configuration for a number of columns: its rows, and the names of the segments in them."""

    rows: Callable[[dict[str, object], int], str]
    visible: Callable[[dict[str, object], int], set[str]]


def ask(guide: Guide, drawing: Drawing, depth: int) -> bool:
    """Let the user choose in a terminal with ``depth`` colors; return whether to save."""
    return Screen(guide, drawing).application(_DEPTHS.get(depth, ColorDepth.DEPTH_24_BIT)).run()


class Screen:
    """The contents of the terminal, rendered again after each key."""

    def __init__(self, guide: Guide, drawing: Drawing, columns: int = 80, lines: int = 24) -> None:
        self.guide = guide
        self.drawing = drawing
        self.columns = columns
        self.lines = lines

    def application(self, depth: ColorDepth) -> Application[bool]:
        """Return the prompt_toolkit application."""
        choices = FormattedTextControl(
            self.choices, focusable=True, show_cursor=False, get_cursor_position=lambda: Point(0, self.guide.cursor)
        )

        def lines(text: Callable[[], list[str]], style: str = "") -> Window:
            control = FormattedTextControl(lambda: "\n".join(text()))
            return Window(control, height=lambda: len(text()), style=style)

        preview = FormattedTextControl(lambda: to_formatted_text(ANSI("\n".join(self.preview()))))
        body = HSplit(
            [
                Window(FormattedTextControl(self.title), height=TITLE_LINES, wrap_lines=True),
                Window(choices),
                Window(height=1, char="-"),
                lines(self.details),
                Window(preview, height=lambda: len(self.preview())),
                lines(self.keys_line, "dim"),
            ]
        )
        app: Application[bool] = Application(
            Layout(body, focused_element=choices),
            key_bindings=self.keys(),
            full_screen=True,
            color_depth=depth,
            before_render=self.measure,
        )
        return app

    def measure(self, app: Application[bool]) -> None:
        """Read the terminal's size."""
        size = app.output.get_size()
        self.columns, self.lines = size.columns, size.rows

    def keys(self) -> KeyBindings:
        """Return the key bindings."""
        keys, guide = KeyBindings(), self.guide

        def bind(names: str, act: Callable[[KeyPressEvent], object]) -> None:
            for name in names.split():
                keys.add(name)(lambda event: act(event) and None)

        bind("up k", lambda _: guide.move(-1))
        bind("down j", lambda _: guide.move(1))
        bind("pageup", lambda _: guide.move(-10))
        bind("pagedown", lambda _: guide.move(10))
        bind("space", lambda _: guide.switch())
        bind("<", lambda _: guide.shift(-1))
        bind(">", lambda _: guide.shift(1))
        bind("enter right l", lambda event: event.app.exit(result=True) if guide.forward() else None)
        bind("left h backspace", lambda _: guide.back())
        bind("q escape c-c", lambda event: event.app.exit(result=False))
        return keys

    def title(self) -> StyleAndTextTuples:
        """Return the number of the step and its question."""
        number = f"{self.guide.at + 1}/{len(STEPS)}  "
        return [("dim", number), ("bold", TITLES[self.guide.step])]

    def keys_line(self) -> list[str]:
        """Return what the keys do, in as many lines as that takes."""
        lines = [""]
        for part in KEYS.get(self.guide.step, (CHOOSE, *LEAVE)):
            longer = f"{lines[-1]}   {part}".lstrip()
            lines = [*lines[:-1], longer] if len(longer) < self.columns else [*lines, part]
        return [line for line in lines if line]

    def choices(self) -> StyleAndTextTuples:
        """Return the choices of the step, one per row; in the last step, the changes."""
        guide = self.guide
        if guide.step == "write":
            return [("", "\n".join(self.change_lines()))]
        found = guide.choices(guide.step)
        width, missing = max(len(each.name) for each in found), self.missing()
        rows: StyleAndTextTuples = []
        for index, each in enumerate(found):
            here = index == guide.cursor
            mark = "" if guide.step != "segments" else "[x] " if guide.is_on(each.name) else "[ ] "
            note = f"({missing[each.name]}) " if each.name in missing else ""
            line = f"{'>' if here else ' '} {mark}{each.name:{width}}  {note}{each.says}"
            rows.append(("reverse" if here else "", cut(line, self.columns) + "\n"))
        return rows

    def missing(self) -> dict[str, str]:
        """Return the segments that are on but not in the preview, and why they are not."""
        if self.guide.step != "segments":
            return {}
        settings = self.guide.new_settings()
        here, anywhere = (self.drawing.visible(settings, columns) for columns in (self.columns, WIDE))
        no_room, nothing = f"no room at {self.columns} columns", "nothing to show now"
        names = [each.name for each in self.guide.choices("segments") if self.guide.is_on(each.name)]
        return {name: no_room if name in anywhere else nothing for name in names if name not in here}

    def details(self) -> list[str]:
        """Return more about the choice under the cursor, in a few lines."""
        step, width = self.guide.step, max(self.columns - 2, 1)
        if step == "write":
            return []
        text, most = self.guide.choices(step)[self.guide.cursor].says, DETAILS_AT_MOST
        if step == "glyphs":
            name, most = self.guide.chosen("glyphs"), self.lines
            text = " · ".join(f"{sign} {meaning}" for sign, meaning in signs_in(name))
        elif step == "segments":
            options = described(self.guide.under_cursor).options
            text = " ".join([f"{text}.", *(f"{each}: {OPTION_DESCRIPTIONS[each]}" for each in options)])
        room = self.lines - TITLE_LINES - LIST_AT_LEAST - 1 - len(self.preview()) - len(self.keys_line())
        return shortened([f"  {line}" for line in textwrap.wrap(text, width)], min(most, room), self.columns)

    def preview(self) -> list[str]:
        """Return the rows of the preview, with a line above them if there is room."""
        text = _LINK.sub("", self.drawing.rows(self.guide.new_settings(), self.columns))
        rows = [f"  {row}" for row in text.split("\n")]
        room = max(self.lines - TITLE_LINES - LIST_AT_LEAST - 1 - len(self.keys_line()), 1)
        return rows[: min(PREVIEW_AT_MOST, room)] if len(rows) >= room else ["", *rows][: PREVIEW_AT_MOST + 1]

    def change_lines(self) -> list[str]:
        """Return the changes to the file, wrapped to the terminal, and to the lines that are left."""
        width = max(self.columns - 2, 10)
        lines = [
            line
            for change in describe_changes(self.guide.changes())
            for line in textwrap.wrap(change, width, initial_indent="  ", subsequent_indent="      ")
        ]
        room = self.lines - TITLE_LINES - 1 - len(self.preview()) - len(self.keys_line())
        return shortened(lines, room, self.columns)


def shortened(lines: list[str], most: int, width: int) -> list[str]:
    """Return at most so many lines of ``width`` cells; the last one tells that there are more."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{cut(lines[most - 1], width - 4)} ..."] if most > 0 else []


def describe_changes(changes: dict[str, object]) -> list[str]:
    """Return the changes to the file, one per line."""
    if not changes:
        return ["No changes: the file already has these values, or they are the defaults."]
    return [f"remove {key}" if value is None else f"{key}: {json_text(value)}" for key, value in changes.items()]
