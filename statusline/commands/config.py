"""Show the configuration's path, effective settings and problems, or print its schema or all segments.

config.json is read each time the line is drawn. Invalid values are ignored; the rest still applies.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from cache.refresh.storage import config_file
from statusline.commands.claude_settings.atomic_edit import EditRefused, read
from statusline.commands.config_check import legend
from statusline.commands.config_check.config_check import find_problems
from statusline.commands.config_check.config_origins import effective_settings
from statusline.commands.config_check.empty_rows import find_warnings
from statusline.commands.config_check.schema import schema
from statusline.commands.config_check.schema_check import json_text
from statusline.commands.support.output import complain, say
from statusline.commands.support.plain_text import one_line
from statusline.commands.support.terminal import align, is_colored, sentence_text, width_of
from statusline.config import read_config
from statusline.segments.registry import TABLE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from statusline.commands.config_check.config_origins import Effective
    from statusline.commands.config_check.problem import Problem

HANGING = "  "  # before the second line of a problem

EXAMPLES = """\
examples:
  statusline config                      path, effective settings and problems
  statusline config path                 where the file is, or would be
  statusline config show                 each setting, its origin and its value
  statusline config check                problems, line by line; exit code 1 if there are any but warnings
  statusline config segments             every segment with a sample and its options, and the signs
  statusline config schema > schema.json
      with "$schema": "./schema.json" in config.json, editors complete and explain settings

a config.json (every key is optional):
  {
    "preset": "full",
    "theme": "light",
    "thresholds": {"context": [60, 80]},
    "time": {"style": "both"}
  }
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("path", "show", "check", "schema", "segments"),
        metavar="WHAT",
        help="path, show, check, schema or segments; without it: path, show, check",
    )
    parser.add_argument("--json", action="store_true", help="print `show`, `check` and `segments` as JSON")


def run(args: argparse.Namespace) -> int:
    """Print it; return 1 if there are problems."""
    path = config_file()
    if args.what == "schema":
        print(json.dumps(schema(), indent=2))
        return 0
    if args.what == "segments":
        print(_segments(as_json=args.json))
        return 0
    if args.what == "path":
        say(str(path))
        return 0
    try:
        source = read(path)
    except EditRefused as refusal:
        complain("statusline config", str(refusal))
        return 1
    problems = find_problems(source) if source is not None else []
    warnings = find_warnings(source) if source is not None else []
    if args.json:
        print(json.dumps(_as_json(path, source, problems, warnings), indent=2))
    else:
        print("\n".join(_render(args.what, path, source, [*problems, *warnings])))
    return 1 if problems and args.what != "show" else 0


def _segments(*, as_json: bool) -> str:
    """Return all segments and the signs of the configured set."""
    if as_json:
        return json.dumps(legend.as_json(map(legend.described, TABLE)), indent=2, ensure_ascii=False)
    glyphs = read_config(str(config_file())).glyphs
    width, colored = width_of(sys.stdout, os.environ), is_colored(sys.stdout, os.environ)
    return "\n".join(legend.legend_lines(glyphs, width, colored=colored))


def _as_json(path: Path, source: str | None, problems: list[Problem], warnings: list[Problem]) -> dict[str, object]:
    settings = effective_settings(source, os.environ)
    return {
        "path": str(path),
        "exists": source is not None,
        "settings": {each.key: {"value": each.value, "from": each.origin} for each in settings},
        "problems": [asdict(each) for each in problems],
        "warnings": [asdict(each) for each in warnings],
    }


def _render(what: str | None, path: Path, source: str | None, problems: list[Problem]) -> Iterator[str]:
    name = one_line(str(path))
    where = name if source is not None else f"{name} does not exist: defaults apply"
    if what is None:
        yield from (_sentence(where), "")
    if what != "check":
        yield from _table(effective_settings(source, os.environ))
    if what is None:
        yield ""
    if what != "show":
        yield from (_sentence(f"{name}:{each}") for each in problems)
        if not problems:
            found = "no problems found" if what is None else f"{where}{'' if source is None else ': no problems found'}"
            yield _sentence(found)


def _sentence(text: str) -> str:
    return sentence_text(text, sys.stdout, os.environ, hanging=HANGING)


def _table(settings: list[Effective]) -> Iterator[str]:
    """Yield a line per setting, and one per row of segments: key, origin and value."""
    rows = [row for setting in settings for row in _rows(setting)]
    for line in align(rows):
        yield "  ".join(line).rstrip()


def _rows(setting: Effective) -> list[tuple[str, str, str]]:
    if setting.key != "rows" or not isinstance(setting.value, list):
        return [(setting.key, setting.origin, json_text(setting.value))]
    return [(f"rows[{index}]", setting.origin, json_text(row)) for index, row in enumerate(setting.value)]
