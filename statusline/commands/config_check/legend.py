"""What the line can show, for a person: every segment with a sample and its options, and the signs."""

from __future__ import annotations

import functools
import re
import sys
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from statusline.commands.config_check.descriptions import NUMBERS, OPTION_DESCRIPTIONS, SIGN_MEANINGS
from statusline.commands.config_check.segment_options import GENERAL, OPTIONS_OF
from statusline.commands.support.terminal import BOLD, paint
from statusline.render.other_glyphs import SIGNS
from statusline.segments.registry import TABLE, segment_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# ``5h 42%``: how full it is.    Several samples are separated by commas and "or".
_DOCSTRING = re.compile(r"((?:``.+?``(?:, | or )?)+): (.+)")
HOW = (
    'Put names into `rows` of the configuration, with options as in {"segment": "context", "bar": true}. '
    "`statusline preview --segment NAME` shows one; `statusline configure` lets you choose."
)
_NAME, _SIGN = max(map(len, TABLE)) + 2, 9  # cells of the first column


class Described(NamedTuple):
    """A segment for a person; samples are in double backticks, the meaning has no period at its end."""

    name: str
    topic: str
    sample: str
    meaning: str
    options: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sample, the meaning and the names of the options."""
        named = f" (options: {', '.join(self.options)})" if self.options else ""
        return f"{self.sample.replace('``', '')}: {self.meaning.replace('``', '')}{named}"


@functools.cache
def described(name: str) -> Described:
    """Return a segment by its docstring; raise ValueError if that does not begin with a sample."""
    function = segment_function(name)
    match = _DOCSTRING.fullmatch((function.__doc__ or "").partition("\n")[0])
    if match is None:
        raise ValueError(f"begin the docstring of the segment {name} with a sample: ``ctx 42%``: what it shows.")
    topic = function.__module__.rpartition(".")[2]
    return Described(name, topic, match[1], match[2].rstrip("."), OPTIONS_OF.get(name, ()))


def by_topic() -> dict[str, list[Described]]:
    """Return all segments by the name of their file, in the order of the registry."""
    found: dict[str, list[Described]] = {}
    for each in map(described, TABLE):
        found.setdefault(each.topic, []).append(each)
    return found


def about(topic: str) -> str:
    """Return what the segments of a file have in common, in a sentence."""
    return (sys.modules[f"statusline.segments.{topic}"].__doc__ or "").partition("\n")[0]


def signs_in(glyphs: str) -> Iterator[tuple[str, str]]:
    """Yield the signs of a set with their meanings, without those that it does not have."""
    for name, meaning in SIGN_MEANINGS.items():
        if sign := SIGNS[glyphs].get(name, "").strip():
            yield sign, meaning


def legend_lines(glyphs: str, width: int, *, colored: bool) -> Iterator[str]:
    """Yield the lines of the whole legend for a terminal of ``width`` cells; ``glyphs`` is the set of signs in use."""

    def heading(text: str) -> list[str]:
        return [paint(line, BOLD, colored=colored) for line in wrapped(text, width)]

    yield from (*wrapped(HOW, width), "")
    for topic, segments in by_topic().items():
        yield from heading(about(topic))
        for each in segments:
            yield from columns_of(each.name, each.text, width, _NAME)
        yield ""
    yield from heading("Options:")
    for option, meaning in OPTION_DESCRIPTIONS.items():
        everywhere = " For every segment." if option in GENERAL else ""
        yield from columns_of(option, meaning + everywhere, width, _SIGN)
    yield from ("", *heading(f"Symbols in the {glyphs} glyph set:"))
    for sign, meaning in [*signs_in(glyphs), *NUMBERS.items()]:
        yield from columns_of(sign, meaning, width, _SIGN)


def columns_of(first: str, second: str, width: int, at: int) -> list[str]:
    """Return two columns, the second from cell ``at`` on, wrapped; on a narrow terminal it is below the first."""
    if width < at + 24:
        return [f"  {first}", *wrapped(second, width, "    ")]
    lines = wrapped(second, width, " " * (at + 2))
    return [f"  {first:{at}}{lines[0].lstrip()}", *lines[1:]] if len(first) < at else [f"  {first}", *lines]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return a text in lines of at most ``width`` cells."""
    width = max(width, len(indent) + 1)
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def as_json(segments: Iterable[Described]) -> list[dict[str, object]]:
    """Return segments as values for JSON."""
    return [
        {
            "name": each.name,
            "topic": each.topic,
            "samples": re.findall("``(.+?)``", each.sample),
            "meaning": each.meaning.replace("``", ""),
            "options": [*each.options, *GENERAL],
        }
        for each in segments
    ]
