"""What holds in the end, setting by setting, and where each of them comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping
from cache.sources.transcripts.prices import overrides_in
from cache.usage.watches import watches_in
from statusline.commands.claude_settings.json_spans import NotJson, parse
from statusline.commands.config_check.config_check import key_text, problems_in
from statusline.config import EVERY_S, PRESET_NAMES, Config, config_in
from statusline.segments.registry import TABLE
from statusline.segments.segment import ALERT_FROM, WARN_FROM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statusline.commands.claude_settings.json_spans import Path
    from statusline.config import Item, Row

DEFAULT = "default"


@dataclass(frozen=True)
class Effective:
    """One setting: its key such as ``time.hours``, its value as the file would have it, and where that comes from.

    ``origin`` is ``default``, ``preset``, ``line 4``, ``line 4, in part``, ``default: line 4 is wrong``, or the
    variable of the environment that decides.
    """

    key: str
    value: object
    origin: str


def effective(source: str | None, env: Mapping[str, str]) -> list[Effective]:
    """Return every setting that holds with this text of a configuration, None being that there is none."""
    config = Config() if source is None else config_in(source.encode())
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
    yield ("preset",), config.preset
    yield ("rows",), [row_value(row) for row in config.rows]
    for name in ("theme", "glyphs", "separator", "wrap", "padding"):
        yield (name,), getattr(config, name)
    for name in mapping(config.given.get("thresholds")):
        if name in TABLE:
            yield ("thresholds", name), list(config.options_for(name, {}).thresholds)
    times = config.options_for("", {})
    yield ("time", "style"), times.style
    yield ("time", "hours"), times.hours
    yield ("time", "zone"), times.zone
    yield ("oauth",), config.oauth
    for job in EVERY_S:
        yield ("refresh", job), config.every(job)
    for name, command in config.commands.items():
        yield ("commands", name), command
    for prefix, by_kind in overrides_in(config.given.get("prices")).items():
        yield ("prices", prefix), by_kind
    yield ("watch",), [each.as_json() for each in watches_in(config.given.get("watch"))]


def row_value(row: Row) -> object:
    """Return a row as a file has it: a list of items, or an object of two such lists."""
    left, right = ([_item_value(item) for item in row[side]] for side in ("left", "right"))
    return {"left": left, "right": right} if right else left


def _item_value(item: Item) -> object:
    name, chosen = item
    return chosen or name


class _Origins:
    """Knows on which line of a text each value stands, and which of them are wrong."""

    def __init__(self, source: str | None, preset: str) -> None:
        try:
            self.lines = {} if source is None else parse(source).lines
            self.unseen = DEFAULT
        except NotJson:
            self.lines = {}
            self.unseen = "the file is not JSON"
        self.wrong = [] if source is None else [problem.key for problem in problems_in(source)]
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
