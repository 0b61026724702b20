"""Writes the page of all segments from their docstrings: ``python .build/segments_page.py [FILE]``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from statusline.commands.config_check.segment_options import OPTIONS_OF  # noqa: E402 - found through the line above
from statusline.segments.registry import TABLE, segment_function  # noqa: E402

PAGE = ROOT / "statusline" / "segments" / "README.md"
# ``5h 42%``: how full it is.    Several samples are separated by commas and "or".
DOCSTRING = re.compile(r"((?:``.+?``(?:, | or )?)+): (.+)")

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
    rows: dict[str, list[str]] = {}
    for name in TABLE:
        rows.setdefault(segment_function(name).__module__, []).append(row(name))
    tables = [table(sys.modules[module], lines) for module, lines in rows.items()]
    return "\n".join([HEAD, *tables])


def table(module: ModuleType, rows: list[str]) -> str:
    """Return the heading, the description and the rows of one file."""
    title = module.__name__.rpartition(".")[2].capitalize()
    described = (module.__doc__ or "").partition("\n")[0]
    head = "| name | sample | what it shows | options |\n|---|---|---|---|"
    return "\n".join([f"## {title}\n\n{described}\n", head, *rows, ""])


def row(name: str) -> str:
    """Return the row of one segment; raise ValueError if its docstring does not begin with a sample."""
    line = (segment_function(name).__doc__ or "").partition("\n")[0]
    match = DOCSTRING.fullmatch(line)
    if match is None:
        raise ValueError(f"begin the docstring of the segment {name} with a sample: ``ctx 42%``: what it shows.")
    sample, meaning = (text.replace("``", "`").replace("|", "\\|") for text in match.groups())
    options = ", ".join(f"`{option}`" for option in OPTIONS_OF.get(name, ()))
    return f"| `{name}` | {sample} | {meaning.rstrip('.')} | {options} |"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else PAGE
    target.write_text(page(), encoding="utf-8")
