"""What `configure` asks, step by step, and what the answers mean for the file; knows nothing of a terminal."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping
from statusline.commands.config_check.config_origins import row_value
from statusline.commands.config_check.descriptions import GLYPHS, PRESETS, THEMES
from statusline.commands.config_check.schema import first_line
from statusline.commands.config_check.segment_options import REQUIRED
from statusline.config import Config
from statusline.config_parse import parse_items, parse_rows
from statusline.config_table import ROWS_AT_MOST
from statusline.render.glyphs import SIGNS
from statusline.segments.registry import TABLE

if TYPE_CHECKING:
    from statusline.config_parse import Row

STEPS = ("preset", "theme", "glyphs", "segments", "write")
YOURS = "yours"
TESTED = ("reset", "branch", "ahead", "behind", "stash", "fast", "tool", "agent", "todo", "bar")  # signs to look at


@dataclass(frozen=True)
class Choice:
    """One of the things to choose from, and a sentence about it."""

    name: str
    says: str


@dataclass
class Guide:
    """Where a person is among the steps, and what they have chosen; ``mine`` is the object in their file.

    What the cursor stands on is what is chosen, so that a preview can follow it; segments are switched on and off.
    Where it has not been moved, the file stays as it is, even a value there that makes no sense.
    """

    mine: dict[str, object]
    at: int = 0
    cursors: dict[str, int] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)  # the steps at which something was chosen
    switched: list[str] = field(default_factory=list)  # segments that are on now and were off, or the reverse

    def __post_init__(self) -> None:
        """Put each cursor on what holds now."""
        config = Config(self.mine)
        now = {"preset": YOURS if self.own_rows else config.preset, "theme": config.theme, "glyphs": config.glyphs}
        for step, name in now.items():
            self.cursors[step] = [each.name for each in self.choices(step)].index(name)

    @property
    def step(self) -> str:
        """The name of the step."""
        return STEPS[self.at]

    @property
    def cursor(self) -> int:
        """Which of the choices the cursor stands on."""
        return self.cursors.get(self.step, 0)

    @property
    def own_rows(self) -> list[Row]:
        """The rows in the file, none where there are none that can be used."""
        return parse_rows(self.mine.get("rows"))

    def choices(self, step: str) -> list[Choice]:
        """Return what there is to choose from."""
        if step == "preset":
            yours = {YOURS: "The rows in your file."} if self.own_rows else {}
            return [Choice(name, says) for name, says in (yours | PRESETS).items()]
        if step == "segments":
            shown = [name for row in self.base_rows() for group in row.values() for name, _ in group]
            others = [name for name in TABLE if name not in shown and name not in REQUIRED]
            return [Choice(name, first_line(name)) for name in dict.fromkeys([*shown, *others])]
        known = {"theme": THEMES, "glyphs": {name: signs_of(name) for name in GLYPHS}}.get(step, {})
        return [Choice(name, says) for name, says in known.items()]

    def chosen(self, step: str) -> str:
        """Return the name that the cursor of a step stands on."""
        return self.choices(step)[self.cursors[step]].name

    def move(self, by: int) -> None:
        """Move the cursor, at most to the first or the last choice; other rows have other segments."""
        before, count = self.cursor, len(self.choices(self.step))
        self.cursors[self.step] = max(min(before + by, count - 1), 0)
        if self.cursor != before:
            self.moved.add(self.step)
        if self.step == "preset":
            self.switched.clear()
            self.cursors["segments"] = 0

    def switch(self) -> None:
        """Switch the segment under the cursor on or off, unless none were left."""
        if self.step != "segments":
            return
        name, before = self.choices("segments")[self.cursor].name, list(self.switched)
        self.switched.remove(name) if name in before else self.switched.append(name)
        if not any(group for row in self.rows() for group in row.values()):
            self.switched = before

    def forward(self) -> bool:
        """Go to the next step; say whether there was none left, so that it is time to write."""
        if self.at == len(STEPS) - 1:
            return True
        self.at += 1
        return False

    def back(self) -> None:
        """Go back a step."""
        self.at = max(self.at - 1, 0)

    def base(self) -> list[object]:
        """Return the rows of the chosen preset, or those of the file, as a file has them: before any switching."""
        name = self.chosen("preset")
        if name == YOURS:
            return as_list(self.mine.get("rows"))
        return [row_value(row) for row in Config({"preset": name}).rows]

    def switched_rows(self) -> list[object]:
        """Return these rows with the segments that are switched on, without those that are switched off.

        What else stands in the file, such as a segment of a newer version, stays where it is.
        """
        base = self.base()
        shown = {name for row in parse_rows(base) for group in row.values() for name, _ in group}
        found = copy.deepcopy(base)
        take_out(found, {name for name in self.switched if name in shown})
        for name in self.switched:
            if name not in shown:
                put_in(found, name)
        return drop_emptied(found, base)

    def base_rows(self) -> list[Row]:
        """Return what the line makes of the rows before any segment is switched."""
        return parse_rows(self.base())

    def rows(self) -> list[Row]:
        """Return what the line makes of the rows as they are switched now."""
        return parse_rows(self.switched_rows())

    def is_on(self, name: str) -> bool:
        """Say whether a segment is shown."""
        return any(name == each for row in self.rows() for group in row.values() for each, _ in group)

    def changes(self) -> dict[str, object]:
        """Return what is to be put into the file by its key; None is to be taken out."""
        wanted: dict[str, object] = {step: self.chosen(step) for step in ("theme", "glyphs") if step in self.moved}
        if self.chosen("preset") != YOURS and "preset" in self.moved:
            wanted |= {"preset": self.chosen("preset"), "rows": None}
        if self.switched:
            wanted["rows"] = self.switched_rows()
        return {key: value for key, value in wanted.items() if self._is_news(key, value)}

    def _is_news(self, key: str, value: object) -> bool:
        """Say whether the file does not say so already, nor the default without it."""
        if key in self.mine:
            return value != self.mine[key]
        return value is not None and value != getattr(Config(), key)

    def given(self) -> dict[str, object]:
        """Return the object that the file will hold."""
        changes = self.changes()
        kept = {key: value for key, value in self.mine.items() if key not in changes}
        return kept | {key: value for key, value in changes.items() if value is not None}


def signs_of(glyphs: str) -> str:
    """Return the signs to look at: whoever sees boxes or question marks among them takes another set."""
    return "  ".join(sign for name in TESTED if (sign := SIGNS[glyphs][name].strip()))


def as_list(value: object) -> list[object]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def groups_of(row: object) -> list[list[object]]:
    """Return the lists of items in a row as a file has it: one, or a left and a right one; none in what is no row."""
    groups = [mapping(row).get("left"), mapping(row).get("right")] if isinstance(row, dict) else [row]
    return [each for each in groups if isinstance(each, list)]


def name_of(item: object) -> str | None:
    """Return the name of the segment that an item is, None for what is none that we know."""
    found = parse_items([item])
    return found[0][0] if found else None


def take_out(rows: list[object], names: set[str]) -> None:
    """Take some segments out of the rows."""
    for group in (group for row in rows for group in groups_of(row)):
        group[:] = [item for item in group if name_of(item) not in names]


def drop_emptied(rows: list[object], before: list[object]) -> list[object]:
    """Return the rows without those, and without the sides of them, that were not empty before."""
    found: list[object] = []
    for row, old in zip(rows, before, strict=True):
        was = mapping(old)
        left = {key: on for key, on in row.items() if on != [] or was[key] == []} if isinstance(row, dict) else row
        if left or not old:
            found.append(left)
    return found


def put_in(rows: list[object], name: str) -> None:
    """Put a segment behind the one that it follows most closely in the table, at the front where there is none."""
    order = {each: index for index, each in enumerate(TABLE)}
    groups = [group for row in rows[:ROWS_AT_MOST] for group in groups_of(row)]
    places = [
        (order[other], group, at + 1)
        for group in groups
        for at, item in enumerate(group)
        if (other := name_of(item)) is not None and order[other] < order[name]
    ]
    _, group, at = max(places, key=lambda place: place[0], default=(0, groups[0], 0))
    group.insert(at, name)
