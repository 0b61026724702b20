"""The effective settings, and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping
from cache.model.limits import WARN_FROM
from cache.sources.transcripts.prices import overrides_in
from cache.watches.config import watches_in
from statusline.account_names import names_in
from statusline.commands.claude_settings.json_spans import NotJson, parse
from statusline.commands.config_check.config_check import find_problems, key_text
from statusline.commands.config_check.descriptions import SECTIONS
from statusline.config import Config, decode_config
from statusline.config_table import PRESET_NAMES
from statusline.segments.registry import TABLE
from statusline.segments.segment import ALERT_FROM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statusline.commands.claude_settings.json_spans import Path
    from statusline.config_parse import Item, Row

DEFAULT = "default"


@dataclass(frozen=True)
class Effective:
    """A setting: its key such as ``time.hours``, its value as in a file, and where it comes from.

    ``origin`` is ``default``, ``preset``, ``line 4``, ``line 4, in part``, ``default: line 4 is wrong``, or the
    environment variable that overrides it.
    """

    key: str
    value: object
    origin: str


def effective_settings(source: str | None, env: Mapping[str, str]) -> list[Effective]:
    """Return every setting in effect with this text of a configuration; None: there is no file."""
    config = Config() if source is None else decode_config(source.encode())
    otherwise = dict(_values(Config({"preset": config.preset})))
    origins = _Origins(source, config.preset)
    found = []
    for path, value in _values(config):
        if path == ("oauth",) and env.get("STATUSLINE_OAUTH") == "off":
            found.append(Effective("oauth", "off", "STATUSLINE_OAUTH"))
        else:
            falls_back = value == otherwise.get(path, [WARN_FROM, ALERT_FROM])
            found.append(Effective(key_text(path), value, origins.of(path, falls_back=falls_back)))
    return found


def _values(config: Config) -> Iterator[tuple[Path, object]]:
    """Yield path and value of every setting; sections and objects with names one by one."""
    by_segment = mapping(config.given.get("thresholds"))
    cold = {
        "rows": [row_value(row) for row in config.rows],
        "thresholds": {name: list(config.options_for(name, {}).thresholds) for name in by_segment if name in TABLE},
        "accounts": names_in(config.given.get("accounts")),
        "prices": overrides_in(config.given.get("prices")),
        "watch": [each.as_json() for each in watches_in(config.given.get("watch"))],
    }
    for key in SECTIONS:
        value = cold[key] if key in cold else getattr(config, key)
        if isinstance(value, dict):
            yield from (((key, name), each) for name, each in value.items())
        else:
            yield (key,), value


def row_value(row: Row) -> object:
    """Return a row as in a file: a list of items, or an object with two such lists."""
    left, right = ([_item_value(item) for item in row[side]] for side in ("left", "right"))
    return {"left": left, "right": right} if right else left


def _item_value(item: Item) -> object:
    name, chosen = item
    return chosen or name


class _Origins:
    """Knows the line of each value in a text, and which values are wrong."""

    def __init__(self, source: str | None, preset: str) -> None:
        try:
            self.lines = {} if source is None else parse(source).lines
            self.unseen = DEFAULT
        except NotJson:
            self.lines = {}
            self.unseen = "the file is not JSON"
        self.wrong = [] if source is None else [problem.key for problem in find_problems(source)]
        self.preset = DEFAULT if preset == PRESET_NAMES[0] else "preset"

    def of(self, path: Path, *, falls_back: bool) -> str:
        otherwise = self.preset if path == ("rows",) else DEFAULT
        line = self.lines.get(path)
        if line is None:
            return otherwise if falls_back else self.unseen
        if not self._is_wrong(key_text(path)):
            return f"line {line}"
        return f"{otherwise}: line {line} is wrong" if falls_back else f"line {line}, in part"

    def _is_wrong(self, key: str) -> bool:
        return any(each == key or each.startswith((f"{key}.", f"{key}[")) for each in self.wrong)
