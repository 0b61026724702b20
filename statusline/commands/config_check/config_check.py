"""The strict look at a configuration: which line of it is not used as it is written, and what should stand there."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.files import AT_MOST
from cache.model.jsonio import mapping, number, parse_json, words
from statusline.commands.claude_settings.json_spans import NotJson, Positions, parse
from statusline.commands.config_check.schema import schema
from statusline.commands.config_check.schema_check import found_text, json_text, mismatches, nearest
from statusline.commands.config_check.segment_options import OPTIONS_OF, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statusline.commands.claude_settings.json_spans import Path
    from statusline.commands.config_check.schema_check import Mismatches

BROKEN = "Until that is mended the line shows its defaults, and the usage endpoint is not asked."
_PLAIN = re.compile(r"[\w$-]+", re.ASCII)
TOO_LONG = f"over {AT_MOST >> 20} MiB: it is not read"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong; ``line`` from 1, ``key`` such as ``rows[0][2].bar``, empty for the whole."""

    line: int
    key: str
    says: str

    def __str__(self) -> str:
        return f"{self.line}: {self.key}: {self.says}" if self.key else f"{self.line}: {self.says}"


def problems_in(source: str) -> list[Problem]:
    """Return what is wrong with the text of a configuration, in the order of its lines; nothing where all is right."""
    if len(source.encode()) > AT_MOST:
        return [Problem(1, "", TOO_LONG)]
    try:
        return sorted(_problems(parse(source)))
    except NotJson as wrong:
        return [Problem(wrong.line, "", f"not JSON: {wrong}." + ("" if _is_readable(source) else f" {BROKEN}"))]


def key_text(path: Path) -> str:
    """Return ``rows[0][2].bar`` for a path of keys and indices; a key with odd signs stands as ``["..."]``."""
    said = ""
    for step in path:
        if isinstance(step, str) and _PLAIN.fullmatch(step):
            said += f".{step}" if said else step
        else:
            said += f"[{json_text(step)}]"
    return said


def _is_readable(source: str) -> bool:
    """Say whether the line's own reader, which is not strict, makes an object of it."""
    try:
        return isinstance(parse_json(source), dict)
    except ValueError:
        return False


def _problems(found: Positions) -> Iterator[Problem]:
    for line, path in found.repeated:
        yield Problem(line, key_text(path), "stands here a second time; the last one counts")
    root, seen = schema(), set()
    for path, says in [*_beyond_schema(mapping(found.value)), *mismatches(found.value, root, root)]:
        if path not in seen:
            yield Problem(found.lines[path], key_text(path), says)
        seen.add(path)


def _beyond_schema(given: dict[str, object]) -> Mismatches:
    """Yield what no schema can say, or not as clearly."""
    for name, pair in mapping(given.get("thresholds")).items():
        numbers = [found for each in pair if (found := number(each)) is not None] if isinstance(pair, list) else []
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            yield ("thresholds", name), f"expected that of warn before that of alert, found {found_text(pair)}"
    for item, path in _items(given):
        yield from _item_problems(item, path, list(mapping(given.get("commands"))))
    zone = words(mapping(given.get("time")).get("zone"))
    if zone is not None and zone not in {"local", "utc", *(known := zoneinfo.available_timezones())} and known:
        yield ("time", "zone"), f"this system knows no zone {found_text(zone)}{nearest(zone, known)}"


def _items(given: dict[str, object]) -> Iterator[tuple[object, Path]]:
    """Yield the items of all rows with their paths."""
    rows = given.get("rows")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        groups: dict[Path, object] = {(side,): group for side, group in mapping(row).items()} or {(): row}
        for side, group in groups.items():
            for at, item in enumerate(group if isinstance(group, list) else ()):
                yield item, ("rows", index, *side, at)


def _item_problems(item: object, path: Path, commands: list[str]) -> Mismatches:
    if isinstance(item, str) and item in REQUIRED:
        option = OPTIONS_OF[item][0]
        yield path, f'expected {{"segment": "{item}", "{option}": "..."}}, found {found_text(item)}'
    fields = mapping(item)
    name = words(fields.get("name"))
    if fields.get("segment") == "command" and name is not None and name not in commands:
        yield (*path, "name"), f"commands has no {found_text(name)}{nearest(name, commands)}"
