"""The git checkout around a directory, straight from git's own files: no git is started."""

from cache.model.files import read_file
from cache.model.osapi import system

LEVELS = 64  # folders to look upwards; deeper checkouts have nothing on the line
HEAD_AT_MOST = 4096  # bytes; every file of git's that is read here is a line

FOLDER_KIND, FILE_KIND, _KIND_BITS = 0o040000, 0o100000, 0o170000


class Repository:
    """``root`` is the checkout's folder, ``git_dir`` where its HEAD and index are, ``head`` what stands in HEAD."""

    __slots__ = ("git_dir", "head", "root")

    def __init__(self, root: "str", git_dir: "str", head: "str") -> None:
        self.root = root
        self.git_dir = git_dir
        self.head = head


def repository_of(directory: "str") -> "Repository | None":
    """Return the checkout that an absolute path lies in; None outside of one, or where it cannot be told.

    A folder on the way up that may not be looked into could hold a checkout of its own: then nothing is said.
    """
    if not directory.startswith("/") and directory[1:2] != ":":
        return None
    at = directory.rstrip("/")
    for _ in range(LEVELS):
        kind = kind_of(at + "/.git")
        git_dir = at + "/.git" if kind == FOLDER_KIND else _linked(at) if kind == FILE_KIND else ""
        if git_dir is None or kind is None:
            return None
        if git_dir:
            head = read_file(git_dir + "/HEAD", HEAD_AT_MOST)
            if head is not None:
                return Repository(at or "/", git_dir, head.decode("utf-8", "surrogateescape").strip())
            if kind != FOLDER_KIND or kind_of(git_dir + "/HEAD") != 0:
                return None
        if not at:
            return None
        at = at.rpartition("/")[0]
    return None


def kind_of(path: "str") -> "int | None":
    """Return what kind of file a path is, 0 where there is none, None where that cannot be told."""
    try:
        return system.stat(path).st_mode & _KIND_BITS
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (OSError, ValueError):
        return None


def _linked(at: "str") -> "str | None":
    """Return where the ``.git`` file leads that worktrees and submodules have in place of a folder."""
    link = read_file(at + "/.git", HEAD_AT_MOST)
    if link is None or not link.startswith(b"gitdir:"):
        return None
    folder = link[7:].strip().decode("utf-8", "surrogateescape")
    if not folder or "\0" in folder or folder.replace("\\", "/").startswith("//"):  # on Windows another machine's
        return None
    return folder if folder.startswith("/") or folder[1:2] == ":" else f"{at}/{folder}"


def branch_in(repository: "Repository") -> "str | None":
    """Return the branch, or seven digits of a detached commit; None where HEAD is odd."""
    head = repository.head
    if head.startswith("ref:"):
        name = head[4:].strip().removeprefix("refs/heads/")
        return None if name in {"", ".invalid"} else name  # `.invalid` is how a reftable repository fills HEAD
    if len(head) not in {40, 64} or head.strip("0123456789abcdef"):
        return None
    try:  # git's oldest form of a branch is a link, through which we have read
        name = system.readlink(repository.git_dir + "/HEAD").partition("refs/heads/")[2]
    except (OSError, ValueError):
        name = ""
    return name or head[:7]
