"""The steps of `configure` and the changes that its choices make to the file, independent of the terminal."""

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
from statusline.render.colors import ALIASES
from statusline.render.glyphs import SIGNS
from statusline.segments.registry import TABLE

if TYPE_CHECKING:
    from statusline.config_parse import Row

STEPS = ("preset", "theme", "glyphs", "segments", "write")
YOURS = "yours"
TESTED = ("reset", "branch", "ahead", "behind", "stash", "fast", "tool", "agent", "todo", "bar")  # sample symbols


@dataclass(frozen=True)
class Choice:
    """A choice and its description."""

    name: str
    says: str


@dataclass
class Guide:
    """The current step and the choices so far; ``mine`` is the object in the user's file.

    The choice under the cursor is the chosen one, so that the preview can follow it; segments are switched on and off.
    If the cursor was not moved, the file keeps its value, even an invalid one.
    """

    mine: dict[str, object]
    at: int = 0
    cursors: dict[str, int] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)  # steps with a choice
    switched: list[str] = field(default_factory=list)  # segments that are on now and were off, or the reverse

    def __post_init__(self) -> None:
        """Put each cursor on the current value."""
        config = Config(self.mine)
        theme = ALIASES.get(config.theme, config.theme)
        now = {"preset": YOURS if self.own_rows else config.preset, "theme": theme, "glyphs": config.glyphs}
        for step, name in now.items():
            self.cursors[step] = [each.name for each in self.choices(step)].index(name)

    @property
    def step(self) -> str:
        """The name of the step."""
        return STEPS[self.at]

    @property
    def cursor(self) -> int:
        """The index of the choice under the cursor."""
        return self.cursors.get(self.step, 0)

    @property
    def own_rows(self) -> list[Row]:
        """The usable rows in the file, if any."""
        return parse_rows(self.mine.get("rows"))

    def choices(self, step: str) -> list[Choice]:
        """Return the choices of a step."""
        if step == "preset":
            yours = {YOURS: "The rows of your file."} if self.own_rows else {}
            return [Choice(name, says) for name, says in (yours | PRESETS).items()]
        if step == "segments":
            shown = [name for row in self.base_rows() for group in row.values() for name, _ in group]
            others = [name for name in TABLE if name not in shown and name not in REQUIRED]
            return [Choice(name, first_line(name)) for name in dict.fromkeys([*shown, *others])]
        known = {"theme": THEMES, "glyphs": {name: signs_of(name) for name in GLYPHS}}.get(step, {})
        return [Choice(name, says) for name, says in known.items() if name not in ALIASES]

    def chosen(self, step: str) -> str:
        """Return the name of the choice under a step's cursor."""
        return self.choices(step)[self.cursors[step]].name

    def move(self, by: int) -> None:
        """Move the cursor within the choices; another preset resets the switched segments."""
        before, count = self.cursor, len(self.choices(self.step))
        self.cursors[self.step] = max(min(before + by, count - 1), 0)
        if self.cursor != before:
            self.moved.add(self.step)
        if self.step == "preset":
            self.switched.clear()
            self.cursors["segments"] = 0

    def switch(self) -> None:
        """Switch the segment under the cursor on or off, unless none would be left."""
        if self.step != "segments":
            return
        name, before = self.choices("segments")[self.cursor].name, list(self.switched)
        self.switched.remove(name) if name in before else self.switched.append(name)
        if not any(group for row in self.rows() for group in row.values()):
            self.switched = before

    def forward(self) -> bool:
        """Go to the next step; return whether this was the last one, so that it is time to save."""
        if self.at == len(STEPS) - 1:
            return True
        self.at += 1
        return False

    def back(self) -> None:
        """Go back a step."""
        self.at = max(self.at - 1, 0)

    def base(self) -> list[object]:
        """Return the rows of the chosen preset, or of the file, in the file's form and before any switching."""
        name = self.chosen("preset")
        if name == YOURS:
            return as_list(self.mine.get("rows"))
        return [row_value(row) for row in Config({"preset": name}).rows]

    def switched_rows(self) -> list[object]:
        """Return these rows with the segments that are switched on, without those that are switched off.

        Anything else in the file, such as a segment of a newer version, stays where it is.
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
        """Return the rows as the line reads them, before any segment is switched."""
        return parse_rows(self.base())

    def rows(self) -> list[Row]:
        """Return the rows as the line reads them, with the switched segments."""
        return parse_rows(self.switched_rows())

    def is_on(self, name: str) -> bool:
        """Return whether a segment is shown."""
        return any(name == each for row in self.rows() for group in row.values() for each, _ in group)

    def changes(self) -> dict[str, object]:
        """Return the changes to the file by key; None removes a key."""
        wanted: dict[str, object] = {step: self.chosen(step) for step in ("theme", "glyphs") if step in self.moved}
        if self.chosen("preset") != YOURS and "preset" in self.moved:
            wanted |= {"preset": self.chosen("preset"), "rows": None}
        if self.switched:
            wanted["rows"] = self.switched_rows()
        return {key: value for key, value in wanted.items() if self._is_news(key, value)}

    def _is_news(self, key: str, value: object) -> bool:
        """Return whether the value differs from the file, or from the default if the file does not set it."""
        if key in self.mine:
            return value != self.mine[key]
        return value is not None and value != getattr(Config(), key)

    def new_settings(self) -> dict[str, object]:
        """Return the new contents of the file."""
        changes = self.changes()
        kept = {key: value for key, value in self.mine.items() if key not in changes}
        return kept | {key: value for key, value in changes.items() if value is not None}


def signs_of(glyphs: str) -> str:
    """Return sample symbols of a set."""
    return "  ".join(sign for name in TESTED if (sign := SIGNS[glyphs][name].strip()))


def as_list(value: object) -> list[object]:
    """Return the value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def groups_of(row: object) -> list[list[object]]:
    """Return the lists of items in a row of the file: one, or left and right; none for anything else."""
    groups = [mapping(row).get("left"), mapping(row).get("right")] if isinstance(row, dict) else [row]
    return [each for each in groups if isinstance(each, list)]


def name_of(item: object) -> str | None:
    """Return the name of an item's segment, None for an unknown one."""
    found = parse_items([item])
    return found[0][0] if found else None


def take_out(rows: list[object], names: set[str]) -> None:
    """Remove segments from the rows."""
    for group in (group for row in rows for group in groups_of(row)):
        group[:] = [item for item in group if name_of(item) not in names]


def drop_emptied(rows: list[object], before: list[object]) -> list[object]:
    """Return the rows without those, and without the sides, that became empty."""
    found: list[object] = []
    for row, old in zip(rows, before, strict=True):
        was = mapping(old)
        left = {key: on for key, on in row.items() if on != [] or was[key] == []} if isinstance(row, dict) else row
        if left or not old:
            found.append(left)
    return found


def put_in(rows: list[object], name: str) -> None:
    """Insert a segment after its closest predecessor in the registry, else at the front."""
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
