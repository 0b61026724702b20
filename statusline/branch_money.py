"""What a branch took, from the entry of the transcripts job: read only for a line that shows it."""

from cache.model.entry import read_entry
from cache.model.jsonio import mapping, number
from cache.model.layout import TRANSCRIPTS_FILE
from cache.model.osapi import setting
from cache.readings.snapshot import place_of


def read_branch(cache: "str", root: "str", branch: "str | None") -> "float | None":
    """Return the dollars of the answers on a branch in a checkout and the folders in it, None where nothing is known.

    ``root`` is the folder of the checkout.
    """
    entry = read_entry(f"{place_of(cache, setting('CLAUDE_CONFIG_DIR'))}/{TRANSCRIPTS_FILE}")
    rows = mapping(entry.value).get("branches")
    found = [
        number(row[2])
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, list) and len(row) == 3 and row[1] == branch and is_within(row[0], root)
    ]
    return sum([each for each in found if each is not None]) if found else None


def is_within(folder: "object", root: "str") -> "bool":
    """Return whether a path is a folder or in it."""
    return isinstance(folder, str) and f"{folder}/".startswith(root.rstrip("/") + "/")
