"""The strict check of a configuration: which lines of it are not used as written, and what is expected there."""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING

from cache.model.files import AT_MOST
from cache.model.jsonio import mapping, number, parse_json, words
from statusline.account_names import ACCOUNT_NAME_CELLS, PREFIX_AT_LEAST, names_in
from statusline.commands.claude_settings.json_spans import NotJson, Positions, parse
from statusline.commands.config_check.problem import Problem
from statusline.commands.config_check.schema_check import found_text, json_text, schema_problems, suggest
from statusline.commands.config_check.segment_options import OPTIONS_OF, REQUIRED
from statusline.render.sanitize import sanitize
from statusline.segments.working_week import hours_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statusline.commands.claude_settings.json_spans import Path

    PathProblem = tuple[Path, str]

BROKEN = "Until you fix it, the line shows its defaults and no usage request is made."
_PLAIN = re.compile(r"[\w$-]+", re.ASCII)
EMOJI_STYLE = "\ufe0f"  # asks for the colored form of a sign; keyboards add it, and the line leaves it out
TOO_LONG = f"over {AT_MOST >> 20} MiB: ignored"


def find_problems(source: str) -> list[Problem]:
    """Return the problems in the text of a configuration, in the order of its lines."""
    if len(source.encode()) > AT_MOST:
        return [Problem(1, "", TOO_LONG)]
    try:
        return sorted(_problems(parse(source)))
    except NotJson as wrong:
        return [Problem(wrong.line, "", f"not JSON: {wrong}." + ("" if _is_readable(source) else f" {BROKEN}"))]


def key_text(path: Path) -> str:
    """Return ``rows[0][2].bar`` for a path of keys and indices; a key with special characters is ``["..."]``."""
    text = ""
    for step in path:
        if isinstance(step, str) and _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json_text(step)}]"
    return text


def _is_readable(source: str) -> bool:
    """Return whether the line's lenient reader gets an object from it."""
    try:
        return isinstance(parse_json(source), dict)
    except ValueError:
        return False


def _problems(document: Positions) -> Iterator[Problem]:
    for line, path in document.repeated:
        yield Problem(line, key_text(path), "duplicate key; the last one wins")
    seen = set()
    for path, message in [*_beyond_schema(mapping(document.value)), *schema_problems(document)]:
        if path not in seen:
            yield Problem(document.lines[path], key_text(path), message)
        seen.add(path)


def _beyond_schema(settings: dict[str, object]) -> Iterator[PathProblem]:
    """Yield what no schema can express, or not as clearly."""
    for name, pair in mapping(settings.get("thresholds")).items():
        numbers = [found for each in pair if (found := number(each)) is not None] if isinstance(pair, list) else []
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            yield ("thresholds", name), f"expected warn before alert, found {found_text(pair)}"
    for item, path in _items(settings):
        yield from _item_problems(item, path, list(mapping(settings.get("commands"))))
    week, separator = words(settings.get("week")), words(settings.get("separator"))
    if week is not None and hours_of(week) is None:
        yield (
            ("week",),
            f'expected a working week such as "mon-fri 9-18" that ends after it begins, found {found_text(week)}',
        )
    if separator and not sanitize(separator):
        yield ("separator",), f"nothing in it can be shown: {found_text(separator)}"
    yield from _account_problems(mapping(settings.get("accounts")))
    zone = words(mapping(settings.get("time")).get("zone"))
    if zone is not None and zone not in {"local", "utc", *(known := zoneinfo.available_timezones())} and known:
        yield ("time", "zone"), f"this system has no time zone {found_text(zone)}{suggest(zone, known)}"


def _account_problems(accounts: dict[str, object]) -> Iterator[PathProblem]:
    """Yield the names that are not shown as they are written; too long ones are the schema's."""
    for id_, name in accounts.items():
        written, shown = words(name) or "", names_in({id_: name}).get(id_, "")
        is_same = written.replace(EMOJI_STYLE, "") == shown.replace(EMOJI_STYLE, "")
        if len(id_) >= PREFIX_AT_LEAST and not is_same and 0 < len(written) <= ACCOUNT_NAME_CELLS:
            hint = f"expected {found_text(shown)}, found" if shown else "nothing in it can be shown:"
            yield ("accounts", id_), f"{hint} {found_text(name)}"


def _items(settings: dict[str, object]) -> Iterator[tuple[object, Path]]:
    """Yield the items of all rows with their paths."""
    rows = settings.get("rows")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        groups: dict[Path, object] = {(side,): group for side, group in mapping(row).items()} or {(): row}
        for side, group in groups.items():
            for position, item in enumerate(group if isinstance(group, list) else ()):
                yield item, ("rows", index, *side, position)


def _item_problems(item: object, path: Path, commands: list[str]) -> Iterator[PathProblem]:
    if isinstance(item, str) and item in REQUIRED:
        option = OPTIONS_OF[item][0]
        yield path, f'expected {{"segment": "{item}", "{option}": "..."}}, found {found_text(item)}'
    fields = mapping(item)
    name = words(fields.get("name"))
    if fields.get("segment") == "command" and name is not None and name not in commands:
        yield (*path, "name"), f"no such command: {found_text(name)}{suggest(name, commands)}"
