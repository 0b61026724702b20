"""The strict look at a configuration: which line of it is not used as it is written, and what should stand there."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.files import AT_MOST
from cache.wire import mapping, number, parse_json, words
from statusline.commands.mismatch import found_text, mismatches, nearest
from statusline.commands.positions import NotJson, Positions, parse
from statusline.commands.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statusline.commands.mismatch import Mismatches
    from statusline.commands.positions import Path

BROKEN = "Until that is mended the line shows its defaults, and the usage endpoint is not asked."
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
    """Return ``rows[0][2].bar`` for a path of keys and indices."""
    said = ""
    for step in path:
        said += f"[{step}]" if isinstance(step, int) else f".{step}" if said else step
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
    for path, says in [*mismatches(found.value, root, root), *_beyond_schema(mapping(found.value))]:
        if path not in seen:
            yield Problem(found.lines[path], key_text(path), says)
        seen.add(path)


def _beyond_schema(given: dict[str, object]) -> Mismatches:
    """Yield what no schema can say: two percentages in the wrong order, a time zone that there is not."""
    for name, pair in mapping(given.get("thresholds")).items():
        numbers = [found for each in pair if (found := number(each)) is not None] if isinstance(pair, list) else []
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            yield ("thresholds", name), f"expected that of warn before that of alert, found {found_text(pair)}"
    zone = words(mapping(given.get("time")).get("zone"))
    if zone is not None and zone not in {"local", "utc"} and zone not in (known := zoneinfo.available_timezones()):
        yield ("time", "zone"), f"this system knows no zone {found_text(zone)}{nearest(zone, known)}"
