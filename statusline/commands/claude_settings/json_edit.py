"""Sets and removes members of a JSON object in its text; every other character stays."""

from __future__ import annotations

import json
from dataclasses import dataclass

from statusline.commands.claude_settings.json_spans import Member, NotJson, members_of, start

BOM = "\ufeff"


class NotAnObject(ValueError):
    """The text is not one JSON object; the message says where the error is."""


@dataclass(frozen=True)
class Span:
    """The offsets of an object's braces, and its members in order."""

    opened: int
    closed: int
    members: tuple[Member, ...]

    def members_named(self, name: str) -> list[Member]:
        """Return the members of this name; JSON readers use the last one."""
        return [member for member in self.members if member.name == name]


def scan(text: str) -> Span:
    """Return the members of a text that is one JSON object, with or without a byte-order mark; raise NotAnObject."""
    try:
        opened, closed, members = members_of(text)
    except NotJson as error:
        raise NotAnObject(f"line {error.line}, column {error.column}: {error}") from error
    return Span(opened, closed, tuple(members))


def value_text(text: str, name: str) -> str | None:
    """Return the text of a top-level member's value, None without such a member."""
    found = [] if is_blank(text) else scan(text).members_named(name)
    return text[found[-1].value : found[-1].end] if found else None


def is_blank(text: str) -> bool:
    """Return whether a text is empty: Claude Code takes an empty file for no settings."""
    return start(text) == len(text)


def put(text: str, name: str, value: object) -> str:
    """Return the text with this top-level member set, formatted like the rest; raise NotAnObject."""
    if is_blank(text):
        return (BOM if text.startswith(BOM) else "") + json.dumps({name: value}, indent=2, ensure_ascii=False) + "\n"
    whole = scan(text)
    found = whole.members_named(name)
    if found:
        return text[: found[-1].value] + _format_value(value, text, found[-1]) + text[found[-1].end :]
    if not whole.members:
        inside = json.dumps({name: value}, indent=2, ensure_ascii=False)
        return text[: whole.opened] + inside + text[whole.closed + 1 :]
    last = whole.members[-1]
    added = f",{_gap(text, last.start)}{json.dumps(name)}{_colon(text, last)}{_format_value(value, text, last)}"
    return text[: last.end] + added + text[last.end :]


def put_inner(text: str, name: str, inner: str, value: object) -> str:
    """Return the text with one member of the object ``name`` replaced; both must exist."""
    outer = scan(text).members_named(name)[-1]
    found = scan(text[outer.value : outer.end]).members_named(inner)[-1]
    before, behind = text[: outer.value + found.value], text[outer.value + found.end :]
    return before + json.dumps(value, ensure_ascii=False) + behind


def replace_value(text: str, name: str, value: str) -> str:
    """Return the text with the value of a top-level member, which must exist, replaced by this JSON text."""
    found = scan(text).members_named(name)[-1]
    return text[: found.value] + value + text[found.end :]


def put_back(text: str, name: str, before: str | None) -> str | None:
    """Return the text with this member as it was in ``before``, an earlier text (None: there was no file).

    None means that nothing else is left and the file can be deleted.
    """
    old = None if before is None else value_text(before, name)
    found = scan(text).members_named(name)[-1]
    if old is not None:
        return text[: found.value] + old + text[found.end :]
    rest = _without(text, found)
    if scan(rest).members:
        return rest
    return before if before is None or is_blank(before) or not scan(before).members else rest


def take_out(text: str, name: str) -> str:
    """Return the text without this top-level member, duplicates included."""
    while value_text(text, name) is not None:
        text = put_back(text, name, None) or "{}\n"
    return text


def _without(text: str, member: Member) -> str:
    whole = scan(text)
    at = whole.members.index(member)
    if at > 0:
        return text[: whole.members[at - 1].end] + text[member.end :]
    if len(whole.members) > 1:
        return text[: member.start] + text[whole.members[1].start :]
    return text[: whole.opened + 1] + text[whole.closed :]


def _gap(text: str, start: int) -> str:
    """Return the whitespace before a member's name."""
    at = start
    while text[at - 1] in " \t\r\n":
        at -= 1
    return text[at:start]


def _colon(text: str, member: Member) -> str:
    return ": " if text[member.value - 1] in " \t\r\n" else ":"


def _format_value(value: object, text: str, like: Member) -> str:
    """Return the value as JSON, on several lines if the member ``like`` starts a line."""
    gap = _gap(text, like.start)
    if "\n" not in gap:
        colon = _colon(text, like)
        return json.dumps(value, separators=("," if colon == ":" else ", ", colon), ensure_ascii=False)
    indent = gap[gap.rindex("\n") + 1 :]
    lines = json.dumps(value, indent=indent, ensure_ascii=False).split("\n")
    return ("\r\n" if "\r\n" in gap else "\n").join([lines[0], *(indent + line for line in lines[1:])])
