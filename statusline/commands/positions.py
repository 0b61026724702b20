"""Reads JSON strictly, and remembers on which line each value stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NoReturn

Path = tuple["str | int", ...]  # keys and indices from the outside in; () is the whole

_BLANK = re.compile(r"[ \t\r\n]*")  # what JSON calls white space
_DEEPEST = 100


class NotJson(ValueError):
    """The text is not JSON; ``line`` (from 1) is where, the message says what is wrong there."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(says)
        self.line = line


@dataclass
class Positions:
    """A value with the line of each value in it; ``repeated`` are the keys that an object has twice, by their line."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    repeated: list[tuple[int, Path]] = field(default_factory=list)


def parse(text: str) -> Positions:
    """Return the one JSON value that a text holds, behind a byte-order mark or not; raise NotJson."""
    reading = _Reading(text)
    at = reading.skip(1 if text.startswith("\ufeff") else 0)
    value, at = reading.value(at, ())
    rest = reading.skip(at)
    if rest < len(text):
        reading.fail(rest, "something stands behind the end")
    reading.found.value = value
    return reading.found


def _no_json(word: str) -> NoReturn:
    raise ValueError(word)


class _Reading:
    """Goes down objects and lists by hand; texts, numbers and words are left to `json`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Positions()
        self.breaks = [each.start() for each in re.finditer("\n", text)]
        self.plain = json.JSONDecoder(parse_constant=_no_json)

    def skip(self, at: int) -> int:
        blank = _BLANK.match(self.text, at)
        return blank.end() if blank else at

    def line(self, at: int) -> int:
        return bisect_left(self.breaks, at) + 1

    def fail(self, at: int, says: str) -> NoReturn:
        if at >= len(self.text):
            says = f"the file ends too early: {says}"
        for sign, name in (("//", "comments"), ("/*", "comments"), ("#", "comments"), ("'", "single quotes")):
            if self.text.startswith(sign, at):
                says = f"JSON has no {name}"
        raise NotJson(self.line(at), says)

    def value(self, at: int, path: Path) -> tuple[object, int]:
        self.found.lines[path] = self.line(at)
        if len(path) > _DEEPEST:
            self.fail(at, "nested too deeply")
        sign = self.text[at : at + 1]
        if sign == "{":
            return self.object(at, path)
        if sign == "[":
            return self.list(at, path)
        try:
            return self.plain.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            self.fail(error.pos, f"{error.msg[0].lower()}{error.msg[1:]}")
        except ValueError:  # NaN, Infinity, or a number of thousands of digits
            self.fail(at, "this is no number of JSON's")

    def list(self, at: int, path: Path) -> tuple[list[object], int]:
        values: list[object] = []
        at = self.skip(at + 1)
        while self.text[at : at + 1] != "]":
            at = self.between(at, "]", first=not values)
            value, at = self.value(at, (*path, len(values)))
            values.append(value)
            at = self.skip(at)
        return values, at + 1

    def object(self, at: int, path: Path) -> tuple[dict[str, object], int]:
        members: dict[str, object] = {}
        at = self.skip(at + 1)
        while self.text[at : at + 1] != "}":
            at = self.between(at, "}", first=not members)
            if self.text[at : at + 1] != '"':
                self.fail(at, 'expected a key in double quotes, such as "theme"')
            name, after = self.plain.raw_decode(self.text, at)
            if name in members:
                self.found.repeated.append((self.line(at), (*path, name)))
            at = self.skip(after)
            if self.text[at : at + 1] != ":":
                self.fail(at, f"expected : behind the key {json.dumps(name)}")
            members[name], at = self.value(self.skip(at + 1), (*path, name))
            at = self.skip(at)
        return members, at + 1

    def between(self, at: int, end: str, *, first: bool) -> int:
        """Step over the comma before all but the first."""
        if first:
            return at
        if self.text[at : at + 1] != ",":
            self.fail(at, f"expected , or {end}")
        at = self.skip(at + 1)
        if self.text[at : at + 1] == end:
            self.fail(at, f"a comma stands before {end}: remove it")
        return at
