"""The steps of `configure` and the changes that its choices make to the file, independent of the terminal."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping
from statusline.commands.config_check.config_origins import row_value
from statusline.commands.config_check.descriptions import GLYPHS, PRESETS, THEMES
from statusline.commands.config_check.legend import described, signs_in
from statusline.commands.config_check.segment_options import REQUIRED
from statusline.config import Config
from statusline.config_parse import parse_items, parse_rows
from statusline.config_table import ROWS_AT_MOST
from statusline.render.colors import ALIASES
from statusline.segments.registry import TABLE

if TYPE_CHECKING:
    from statusline.config_parse import Row

STEPS = ("preset", "theme", "glyphs", "segments", "write")
YOURS = "yours"


@dataclass(frozen=True)
class Choice:
    """A choice and its description."""

    name: str
    says: str


@dataclass
class Guide:
    """The current step and the choices so far; ``mine`` is the object in the user's file.

    The choice under the cursor is the chosen one, so that the preview can follow it; segments are switched on and off,
    and moved in their row or to another. If the cursor was not moved, the file keeps its value, even an invalid one.
    """

    mine: dict[str, object]
    at: int = 0
    cursors: dict[str, int] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)  # steps with a choice
    switched: list[str] = field(default_factory=list)  # segments that are on now and were off, or the reverse
    shifts: list[tuple[str, int]] = field(default_factory=list)  # segments that were moved, by -1 or 1

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
            shown = names_in(parse_rows(self.all_rows()))
            others = [name for name in TABLE if name not in shown and name not in REQUIRED]
            return [Choice(name, described(name).text) for name in dict.fromkeys([*shown, *others])]
        known = {"theme": THEMES, "glyphs": {name: signs_of(name) for name in GLYPHS}}.get(step, {})
        return [Choice(name, says) for name, says in known.items() if name not in ALIASES]

    def chosen(self, step: str) -> str:
        """Return the name of the choice under a step's cursor."""
        return self.choices(step)[self.cursors[step]].name

    def move(self, by: int) -> None:
        """Move the cursor within the choices; another preset resets what was done to its segments."""
        before, count = self.cursor, len(self.choices(self.step))
        self.cursors[self.step] = max(min(before + by, count - 1), 0)
        if self.cursor != before:
            self.moved.add(self.step)
        if self.step == "preset":
            self.switched.clear()
            self.shifts.clear()
            self.cursors["segments"] = 0

    def switch(self) -> None:
        """Switch the segment under the cursor on or off, unless none would be left."""
        if self.step != "segments":
            return
        name, before = self.under_cursor, list(self.switched)
        self.switched.remove(name) if name in before else self.switched.append(name)
        if not names_in(self.rows()):
            self.switched = before
        self.follow(name)

    def shift(self, by: int) -> None:
        """Move the segment under the cursor one place to the left (-1) or to the right (1), if it is shown.

        At the end of a group it goes to the next one, on the other side or in the next row.
        """
        if self.step != "segments" or not self.is_on(self.under_cursor):
            return
        name, before = self.under_cursor, self.all_rows()
        self.shifts.append((name, by))
        if self.all_rows() == before:
            self.shifts.pop()
        self.follow(name)

    def follow(self, name: str) -> None:
        """Put the cursor on a segment: its place in the list may have changed."""
        self.cursors["segments"] = [each.name for each in self.choices("segments")].index(name)

    @property
    def under_cursor(self) -> str:
        """The name of the segment under the cursor."""
        return self.choices("segments")[self.cursors.get("segments", 0)].name

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

    def all_rows(self) -> list[object]:
        """Return these rows with the segments that are switched on, and moved, but also those that are switched off.

        Anything else in the file, such as a segment of a newer version, stays where it is.
        """
        found = copy.deepcopy(self.base())
        shown = names_in(parse_rows(found))
        for name in self.switched:
            if name not in shown:
                put_in(found, name)
        for name, by in self.shifts:
            shift(found, name, by)
        return found

    def switched_rows(self) -> list[object]:
        """Return the rows as they are to be shown, in the file's form."""
        found, base = self.all_rows(), self.base()
        shown = names_in(parse_rows(base))
        take_out(found, {name for name in self.switched if name in shown})
        return drop_emptied(found, base)

    def rows(self) -> list[Row]:
        """Return the rows as the line reads them."""
        return parse_rows(self.switched_rows())

    def is_on(self, name: str) -> bool:
        """Return whether a segment is shown."""
        return name in names_in(self.rows())

    def changes(self) -> dict[str, object]:
        """Return the changes to the file by key; None removes a key."""
        wanted: dict[str, object] = {step: self.chosen(step) for step in ("theme", "glyphs") if step in self.moved}
        if self.chosen("preset") != YOURS and "preset" in self.moved:
            wanted |= {"preset": self.chosen("preset"), "rows": None}
        if self.switched_rows() != self.base():
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
    """Return the signs of a set."""
    return "  ".join(dict.fromkeys(sign for sign, _ in signs_in(glyphs)))


def names_in(rows: list[Row]) -> list[str]:
    """Return the names of the segments in rows."""
    return [name for row in rows for group in row.values() for name, _ in group]


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


def shift(rows: list[object], name: str, by: int) -> None:
    """Move the first item of a segment by one place within its group, at the end of it to the next group."""
    groups = [group for row in rows[:ROWS_AT_MOST] for group in groups_of(row)]
    places = [(number, at) for number, group in enumerate(groups) for at, item in enumerate(group)]
    number, at = next(((number, at) for number, at in places if name_of(groups[number][at]) == name), (-1, 0))
    if number < 0:
        return
    group = groups[number]
    if 0 <= at + by < len(group):
        group[at], group[at + by] = group[at + by], group[at]
    elif 0 <= number + by < len(groups):
        item = group.pop(at)
        groups[number + by].insert(0 if by > 0 else len(groups[number + by]), item)


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
