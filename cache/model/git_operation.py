"""The operation in progress in a git checkout, such as a rebase, from git's own files."""

from cache.model.files import read_file
from cache.model.git_head import FILE_KIND, FOLDER_KIND, kind_of

# Files that exist during an operation, in the order in which git checks them.
OPERATIONS = (("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert"))


def operation_of(git_dir: "str") -> "tuple[str, str] | None":
    """Return the operation in progress, such as ``rebase 2/5`` or ``merge``, and its branch.

    The branch is empty where HEAD has it. None without an operation. Source: git's own prompt script.
    """
    for folder, step, steps in (("rebase-merge", "msgnum", "end"), ("rebase-apply", "next", "last")):
        within = f"{git_dir}/{folder}/"
        if kind_of(within) == FOLDER_KIND:
            name = "am" if kind_of(within + "applying") == FILE_KIND else "rebase"
            at, of = _line(within + step), _line(within + steps)
            progress = f" {at}/{of}" if at.isdigit() and of.isdigit() and len(at + of) <= 12 else ""
            return name + progress, _line(within + "head-name").partition("refs/heads/")[2]
    for file, name in OPERATIONS:
        if kind_of(f"{git_dir}/{file}") == FILE_KIND:
            return name, ""
    todo = _line(git_dir + "/sequencer/todo").partition(" ")[0]
    if todo in {"p", "pick", "revert"}:
        return "revert" if todo == "revert" else "cherry-pick", ""
    if kind_of(git_dir + "/BISECT_LOG") == FILE_KIND:
        start = _line(git_dir + "/BISECT_START").removeprefix("refs/heads/")
        return "bisect", start if start.strip("0123456789abcdef") else ""
    return None


def _line(path: "str") -> "str":
    """Return the first line of a file, empty if it cannot be read."""
    data = read_file(path) or b""
    return data.partition(b"\n")[0].decode("utf-8", "surrogateescape").strip()
