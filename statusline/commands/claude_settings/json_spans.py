"""Reads JSON strictly, with the position of each value in the text."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any, NoReturn

Path = tuple["str | int", ...]  # keys and indices from the outside in; () is the whole document

_BLANK = re.compile(r"[ \t\r\n]*")  # whitespace in JSON
_DEEPEST = 100


class NotJson(ValueError):
    """The text is not JSON; ``line`` and ``column`` (from 1) are those of the error in the message."""

    def __init__(self, line: int, column: int, says: str) -> None:
        super().__init__(says)
        self.line, self.column = line, column


@dataclass(frozen=True)
class Member:
    """The position of a member: offsets of its name, of its value and of the value's end, in characters."""

    name: str
    start: int
    value: int
    end: int


@dataclass
class Positions:
    """A value with the line of each value in it; ``repeated`` are duplicate keys with their lines."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    repeated: list[tuple[int, Path]] = field(default_factory=list)


def parse(text: str) -> Positions:
    """Return the one JSON value in a text, with or without a byte-order mark; raise NotJson."""
    reading = _Reading(text)
    reading.found.value = reading.whole()[1]
    return reading.found


def members_of(text: str) -> tuple[int, int, list[Member]]:
    """Return the offsets of the braces of a text that is one JSON object, and its members; raise NotJson.

    Values are only checked to be JSON: numbers may be as long and values as deep as `json` accepts.
    """
    reading = _Reading(text, shallow=True)
    try:
        opened, value, closed = reading.whole()
    except RecursionError:
        reading.fail(0, "nested too deeply")
    except NotJson:
        parse(text)  # raises the same error, or a better one
        raise
    if not isinstance(value, dict):
        reading.fail(opened, "expected `{`")
    return opened, closed, reading.members


def skip(text: str, at: int) -> int:
    """Return the offset of the next character that is not whitespace."""
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def start(text: str) -> int:
    """Return the offset after a byte-order mark and whitespace at the beginning."""
    return skip(text, 1 if text.startswith("\ufeff") else 0)


def _no_json(word: str) -> NoReturn:
    raise ValueError(word)


class _Reading:
    """Parses objects and lists itself; strings, numbers and literals are left to `json`.

    If ``shallow``, so are the members of the outermost object, and numbers stay text.
    """

    def __init__(self, text: str, *, shallow: bool = False) -> None:
        self.text, self.shallow = text, shallow
        self.found = Positions()
        self.members: list[Member] = []  # of the outermost object
        self.breaks = [each.start() for each in re.finditer("\n", text)]
        number = str if shallow else None
        self.plain = json.JSONDecoder(parse_constant=_no_json, parse_int=number, parse_float=number)

    def whole(self) -> tuple[int, object, int]:
        """Return the one value in the text, with the offsets of its first and last character."""
        first = start(self.text)
        value, end = self.value(first, ())
        rest = self.skip(end)
        if rest < len(self.text):
            self.fail(rest, "unexpected text after the end")
        return first, value, end - 1

    def skip(self, at: int) -> int:
        return skip(self.text, at)

    def line(self, at: int) -> int:
        return bisect_left(self.breaks, at) + 1

    def fail(self, at: int, says: str) -> NoReturn:
        if at >= len(self.text):
            is_empty = start(self.text) >= len(self.text)
            says = "the file is empty" if is_empty else f"the file ends too early: {says}"
        if self.text.startswith(("//", "/*", "#"), at):
            says = "comments are not allowed"
        elif self.text.startswith("'", at):
            says = "strings need double quotes"
        raise NotJson(self.line(at), at - self.text.rfind("\n", 0, at), says)

    def value(self, at: int, path: Path) -> tuple[object, int]:
        self.found.lines[path] = self.line(at)
        if len(path) > _DEEPEST:
            self.fail(at, "nested too deeply")
        sign = self.text[at : at + 1]
        by_hand = not (self.shallow and path)
        if sign == "{" and by_hand:
            return self.object(at, path)
        if sign == "[" and by_hand:
            return self.list(at, path)
        return self.plainly(at)

    def plainly(self, at: int) -> tuple[Any, int]:
        """Return what `json` reads at an offset."""
        try:
            return self.plain.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            self.fail(error.pos, f"{error.msg[0].lower()}{error.msg[1:]}")
        except ValueError:  # NaN, Infinity, or a number of thousands of digits
            self.fail(at, "not a JSON number")

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
            key = at
            name, after = self.plainly(key)
            if name in members:
                self.found.repeated.append((self.line(at), (*path, name)))
            at = self.skip(after)
            if self.text[at : at + 1] != ":":
                self.fail(at, f"expected `:` after the key {json.dumps(name)}")
            value = self.skip(at + 1)
            members[name], end = self.value(value, (*path, name))
            if not path:
                self.members.append(Member(name, key, value, end))
            at = self.skip(end)
        return members, at + 1

    def between(self, at: int, end: str, *, first: bool) -> int:
        """Return the offset after the comma, which all but the first have before them."""
        if first:
            return at
        if self.text[at : at + 1] != ",":
            self.fail(at, f"expected `,` or `{end}`")
        at = self.skip(at + 1)
        if self.text[at : at + 1] == end:
            self.fail(at, f"trailing comma before `{end}`")
        return at
