"""The git checkout around a directory, straight from git's own files: no git is started."""

from cache.model.files import read_file
from cache.model.osapi import is_absolute, no_setting, system

LEVELS = 64  # folders to look upwards; deeper checkouts have nothing on the line
HEAD_AT_MOST = 4096  # bytes; every file of git's that is read here is a line

FOLDER_KIND, FILE_KIND, _KIND_BITS = 0o040000, 0o100000, 0o170000


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Repository:
    """``root`` is the checkout's folder, ``git_dir`` where its HEAD and index are, ``head`` the content of HEAD."""

    __slots__ = ("git_dir", "head", "root")

    def __init__(self, root: "str", git_dir: "str", head: "str") -> None:
        self.root = root
        self.git_dir = git_dir
        self.head = head


def repository_of(directory: "str", read: "Callable[[str], str]" = no_setting) -> "Repository | None":
    """Return the checkout that git finds from an absolute path; None outside of one, or if unknown.

    ``read`` returns a variable of the environment, for GIT_DIR, GIT_WORK_TREE and GIT_CEILING_DIRECTORIES. A parent
    folder that cannot be read could hold another checkout: then the answer is None. A bare repository is its own root.
    """
    if not is_absolute(directory):
        return None
    if read("GIT_DIR"):
        return _at_git_dir(_below(directory, read("GIT_DIR")), _below(directory, read("GIT_WORK_TREE")))
    ceilings = [each.rstrip("/") for each in read("GIT_CEILING_DIRECTORIES").split(":") if is_absolute(each)]
    return _upwards(directory.rstrip("/"), ceilings)


def _upwards(at: "str", ceilings: "list[str]") -> "Repository | None":
    """Return the checkout of a folder or of the nearest one above it, below the ceilings."""
    for level in range(LEVELS):
        if level and at in ceilings:
            return None
        kind = kind_of(at + "/.git")
        git_dir = at + "/.git" if kind == FOLDER_KIND else linked_git_dir(at) if kind == FILE_KIND else ""
        if git_dir is None or kind is None:
            return None
        if git_dir:
            repository = _at_git_dir(git_dir, at)
            if repository is not None:
                return repository
            if kind != FOLDER_KIND or kind_of(git_dir + "/HEAD") != 0:
                return None
        elif kind == 0 and kind_of(at + "/HEAD") == FILE_KIND and kind_of(at + "/objects") == FOLDER_KIND:
            return _at_git_dir(at, at)
        if not at:
            return None
        at = at.rpartition("/")[0]
    return None


def _at_git_dir(git_dir: "str", root: "str") -> "Repository | None":
    """Return the repository with this git directory, None where it has no HEAD that can be read."""
    head = read_file(git_dir + "/HEAD", HEAD_AT_MOST)
    return None if head is None else Repository(root or "/", git_dir, head.decode("utf-8", "surrogateescape").strip())


def _below(folder: "str", path: "str") -> "str":
    """Return an absolute path; a relative one starts at ``folder``."""
    return (path if is_absolute(path) else f"{folder}/{path}").rstrip("/")


def kind_of(path: "str") -> "int | None":
    """Return what kind of file a path is, 0 where there is none, None if unknown."""
    try:
        return system.stat(path).st_mode & _KIND_BITS
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (OSError, ValueError):
        return None


def linked_git_dir(at: "str") -> "str | None":
    """Return where the ``.git`` file leads that worktrees and submodules have in place of a folder."""
    link = read_file(at + "/.git", HEAD_AT_MOST)
    if link is None or not link.startswith(b"gitdir:"):
        return None
    folder = link[7:].strip().decode("utf-8", "surrogateescape")
    if not folder or "\0" in folder or folder.replace("\\", "/").startswith("//"):  # on Windows another machine's
        return None
    return _below(at, folder)


def is_reftable(repository: "Repository") -> "bool":
    """Return whether HEAD has only the text with which git fills it in the reftable format, from git 2.45 on."""
    return repository.head.startswith("ref: refs/heads/.invalid")


def may_hide_branch(repository: "Repository") -> "bool":
    """Return whether HEAD is a commit because of a rebase or a bisection, for which `git_operation` has the branch."""
    if repository.head.startswith("ref:"):
        return False
    return any(kind_of(f"{repository.git_dir}/{name}") for name in ("rebase-merge", "rebase-apply", "BISECT_LOG"))


def branch_in(repository: "Repository") -> "str | None":
    """Return the branch, or seven digits of a detached commit; None where HEAD is odd."""
    head = repository.head
    if head.startswith("ref:"):
        name = head[4:].strip().removeprefix("refs/heads/")
        return name if name and not is_reftable(repository) else None
    if len(head) not in {40, 64} or head.strip("0123456789abcdef"):
        return None
    try:  # git's oldest form of a branch is a link, through which we have read
        name = system.readlink(repository.git_dir + "/HEAD").partition("refs/heads/")[2]
    except (OSError, ValueError):
        name = ""
    return name or head[:7]
