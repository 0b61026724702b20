"""Writes the page of all segments from their docstrings: ``python .build/segments_page.py [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from statusline.commands.config_check.legend import Described, about, by_topic  # noqa: E402 - found through that line

PAGE = ROOT / "statusline" / "segments" / "README.md"

HEAD = """\
# Segments

Everything that the line can show. Add the names to `rows` of the
[configuration](../../.github/configuration.md); `statusline preview` shows the result.

A segment that has nothing to say is not shown. Besides the options named here, every segment takes `when`, `label` and
`color`.

<!-- Generated from the docstrings: python .build/segments_page.py -->
"""


def page() -> str:
    """Return the page: one table per file of segments, in the order of the registry."""
    return "\n".join([HEAD, *(table(topic, segments) for topic, segments in by_topic().items())])


def table(topic: str, segments: list[Described]) -> str:
    """Return the heading, the description and the rows of one file."""
    head = "| name | sample | what it shows | options |\n|---|---|---|---|"
    return "\n".join([f"## {topic.capitalize()}\n\n{about(topic)}\n", head, *map(row, segments), ""])


def row(segment: Described) -> str:
    """Return the row of one segment."""
    sample, meaning = (text.replace("``", "`").replace("|", "\\|") for text in (segment.sample, segment.meaning))
    options = ", ".join(f"`{option}`" for option in segment.options)
    return f"| `{segment.name}` | {sample} | {meaning} | {options} |"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else PAGE
    target.write_text(page(), encoding="utf-8")
