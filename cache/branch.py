"""The branch that is checked out in a directory, straight from git's files: no git is started."""

from cache.files import read_file

LEVELS = 64  # folders to look upwards; deeper checkouts have no branch on the line
HEAD_AT_MOST = 4096  # bytes


def branch_of(directory: "str") -> "str | None":
    """Return the branch, or seven digits of a detached commit; None outside a checkout or where git's files are odd."""
    head = _head_above(directory)
    if head is None:
        return None
    text = head.decode("utf-8", "replace").strip()
    if text.startswith("ref:"):
        name = text[4:].strip().removeprefix("refs/heads/")
        return None if name in {"", ".invalid"} else name  # `.invalid` is how a reftable repository fills HEAD
    return text[:7] if len(text) in {40, 64} and not text.strip("0123456789abcdef") else None


def _head_above(directory: "str") -> "bytes | None":
    if not directory.startswith("/") and directory[1:2] != ":":
        return None
    at = directory.rstrip("/")
    for _ in range(LEVELS):
        head = read_file(at + "/.git/HEAD", HEAD_AT_MOST) or _head_of_worktree(at)
        if head is not None:
            return head
        if not at:
            return None
        at = at.rpartition("/")[0]
    return None


def _head_of_worktree(at: "str") -> "bytes | None":
    """Follow the ``.git`` file that worktrees and submodules have in place of a folder."""
    link = read_file(at + "/.git", HEAD_AT_MOST)
    if link is None or not link.startswith(b"gitdir:"):
        return None
    folder = link[7:].strip().decode("utf-8", "surrogateescape")
    if "\0" in folder:
        return None
    return read_file((folder if folder.startswith("/") else f"{at}/{folder}") + "/HEAD", HEAD_AT_MOST)
