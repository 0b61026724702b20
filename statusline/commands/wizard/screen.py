"""The screen of `configure`: a list of choices and a preview of the line (prompt_toolkit)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.output import ColorDepth

from statusline.commands.config_check.schema_check import json_text
from statusline.commands.wizard.state import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

    from statusline.commands.wizard.state import Guide

    Draw = Callable[[dict[str, object], int], str]

TITLES = {
    "preset": "What should the line show?",
    "theme": "Which colors?",
    "glyphs": "Which glyphs does your font have? If you see boxes or question marks, choose another set.",
    "segments": "Which segments?",
    "write": "Save these changes?",
}
MOVE = "up/down choose   "
LEAVE = "enter next   left back   q quit without saving"
KEYS = {"segments": f"{MOVE}space on/off   {LEAVE}", "write": LEAVE.replace("next", "save")}
PREVIEW_AT_MOST = 12  # lines

_LINK = re.compile("\x1b\\]8;.*?\x1b\\\\")  # prompt_toolkit supports colors, but no links
_DEPTHS = {0: ColorDepth.DEPTH_1_BIT, 16: ColorDepth.DEPTH_4_BIT, 256: ColorDepth.DEPTH_8_BIT}


def ask(guide: Guide, draw: Draw, depth: int) -> bool:
    """Let the user choose in a terminal with ``depth`` colors; return whether to save.

    ``draw`` renders the rows of a configuration for a number of columns.
    """
    return Screen(guide, draw).application(_DEPTHS.get(depth, ColorDepth.DEPTH_24_BIT)).run()


class Screen:
    """The contents of the terminal, rendered again after each key."""

    def __init__(self, guide: Guide, draw: Draw) -> None:
        self.guide = guide
        self.draw = draw
        self.columns = 80

    def application(self, depth: ColorDepth) -> Application[bool]:
        """Return the prompt_toolkit application."""
        choices = FormattedTextControl(
            self.choices, focusable=True, show_cursor=False, get_cursor_position=lambda: Point(0, self.guide.cursor)
        )
        body = HSplit(
            [
                Window(FormattedTextControl(self.title), height=2),
                Window(choices),
                Window(height=1, char="-"),
                Window(FormattedTextControl(self.preview), height=lambda: len(self.preview_rows()) + 1),
                Window(FormattedTextControl(lambda: KEYS.get(self.guide.step, MOVE + LEAVE)), height=1, style="dim"),
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
        """Read the terminal's width, for the preview."""
        self.columns = app.output.get_size().columns

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
        bind("enter right l", lambda event: event.app.exit(result=True) if guide.forward() else None)
        bind("left h backspace", lambda _: guide.back())
        bind("q escape c-c", lambda event: event.app.exit(result=False))
        return keys

    def title(self) -> StyleAndTextTuples:
        """Return the number of the step and its question."""
        number = f"{self.guide.at + 1}/{len(STEPS)}  "
        return [("dim", number), ("bold", TITLES[self.guide.step])]

    def choices(self) -> StyleAndTextTuples:
        """Return the choices of the step, one per row; in the last step, the changes."""
        guide = self.guide
        if guide.step == "write":
            return [("", "\n".join(f"  {each}" for each in describe_changes(guide.changes())))]
        found = guide.choices(guide.step)
        width = max(len(each.name) for each in found)
        rows: StyleAndTextTuples = []
        for index, each in enumerate(found):
            here = index == guide.cursor
            mark = "" if guide.step != "segments" else "[x] " if guide.is_on(each.name) else "[ ] "
            rows.append(("reverse" if here else "", f"{'>' if here else ' '} {mark}{each.name:{width}}  {each.says}\n"))
        return rows

    def preview_rows(self) -> list[str]:
        """Return the rows of the preview."""
        text = _LINK.sub("", self.draw(self.guide.new_settings(), self.columns))
        return text.split("\n")[:PREVIEW_AT_MOST]

    def preview(self) -> StyleAndTextTuples:
        """Return the preview in color."""
        return to_formatted_text(ANSI("\n".join(f"  {row}" for row in self.preview_rows())))


def describe_changes(changes: dict[str, object]) -> list[str]:
    """Return the changes to the file, one per line."""
    if not changes:
        return ["No changes: the file already has these values, or they are the defaults."]
    return [f"remove {key}" if value is None else f"{key}: {json_text(value)}" for key, value in changes.items()]
