"""What a branch took, from the entry of the transcripts job: read only for a line that shows it."""

from cache.model.entry import read_entry
from cache.model.git_head import repository_of
from cache.model.jsonio import mapping, number
from cache.model.layout import TRANSCRIPTS_FILE
from cache.model.osapi import setting
from cache.readings.snapshot import place_of


def read_branch(cache: "str", root: "str", branch: "str | None") -> "tuple[float | None, bool]":
    """Return the dollars of the answers on a branch in a checkout and the folders in it, None where nothing is known.

    ``root`` is the folder of the checkout. Other checkouts in it do not count, as in `statusline cost --by branch`. The
    second value is whether the dollars are an estimate.
    """
    entry = read_entry(f"{place_of(cache, setting('CLAUDE_CONFIG_DIR'))}/{TRANSCRIPTS_FILE}")
    rows = mapping(entry.value).get("branches")
    found = [
        row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, list) and len(row) in (3, 4) and row[1] == branch and is_of(row[0], root)
    ]
    usd = sum([number(row[2]) or 0 for row in found]) if found else None
    return usd, any([row[3:] == [True] for row in found])  # noqa: C419


def is_of(folder: "object", root: "str") -> "bool":
    """Return whether a folder is a checkout's, or in it and in no other that is nearer."""
    if folder == root:
        return True
    if not isinstance(folder, str) or not folder.startswith(root.rstrip("/") + "/"):
        return False
    repository = repository_of(folder)
    return repository is not None and repository.root == root
