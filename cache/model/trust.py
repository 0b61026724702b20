"""What a repository may not decide: what lies in the session's project, which is more than one folder.

The `env` of a project's settings can set any variable. So whatever a variable names counts only outside of these
folders: the one in which the session was started, and all checkouts around it and around the working directory. The
main checkout of a linked worktree belongs to them, and the superproject of a submodule.
"""

from cache.model.files import is_there, read_file, real_path
from cache.model.git_head import HEAD_AT_MOST, linked_git_dir
from cache.model.jsonio import mapping, parse_json, words
from cache.model.osapi import is_absolute, setting, slashed, system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HAS_ONE_ROOT = hasattr(system, "fork")  # not so Windows
FOLDERS_AT_MOST = 64  # more have other reasons than worktrees and submodules


# Those that tell the background; not `auto` and `custom:NAME`. Source: Claude Code 2.1.332, `/theme`.
HOST_THEMES = ("dark", "light", "dark-daltonized", "light-daltonized", "dark-ansi", "light-ansi")


def is_of_project(path: "str", project: "str", directory: "str" = "", home: "str" = "") -> "bool":
    """Return whether a path may be in the session's project; also where that cannot be known.

    ``project`` is the folder in which the session was started, ``directory`` its working directory; without both there
    is no project. What is only in the user's home directory or above it is in none. ``home`` is HOME, which counts as
    well if the session was started right there, and it is in no checkout: for what names no programs.
    """
    found = [folder for folder in _folders_around(project, directory) if may_be_within(path, folder)]
    found = [folder for folder in found if not _holds_home(folder, system_home())]
    real = real_path(home) if home else None
    return any(folder != real or is_there(folder + "/.git") for folder in found)


def project_folders(project: "str", directory: "str" = "") -> "list[str]":
    """Return the folders of the session's project as `is_of_project` takes them."""
    home = system_home()
    return [folder for folder in _folders_around(project, directory) if not _holds_home(folder, home)]


def may_be_within(path: "str", folder: "str") -> "bool":
    """Return whether a path may lead into a folder, after links; also where that cannot be known."""
    if path[:1] != "/":
        is_on_drive = not HAS_ONE_ROOT and is_absolute(path)
        return not is_on_drive or f"{slashed(path)}/".lower().startswith(f"{slashed(folder)}/".lower())
    real, top = real_path(path), real_path(folder)
    return real is None or top is None or f"{real}/".lower().startswith(f"{top}/".lower())


def path_outside(path: "str", folders: "Sequence[str]") -> "str":
    """Return a PATH without its relative folders and those that may be in ``folders``."""
    between = ":" if HAS_ONE_ROOT else ";"
    kept = [each for each in path.split(between) if each and not any(may_be_within(each, top) for top in folders)]
    return between.join(kept)


def _folders_around(project: "str", directory: "str") -> "list[str]":
    """Return the project, and the checkouts around it and the working directory, without links."""
    start = project or directory
    found = [real_path(start) or start] if is_absolute(start) else []
    left, seen = [each for each in (project, directory) if is_absolute(each)], set()
    while left and len(found) < FOLDERS_AT_MOST:
        at = (real_path(left.pop()) or "").rstrip("/")
        while at and at not in seen:
            seen.add(at)
            if is_there(at + "/.git"):
                found += [at] if at not in found else []
                left += _main_checkout(at)
            at = at.rpartition("/")[0]
    return found


def _main_checkout(top: "str") -> "list[str]":
    """Return the folder with the git directory that a checkout shares with others, none if it is the checkout itself.

    That is the main checkout of a linked worktree, and the superproject of a submodule.
    """
    git_dir = linked_git_dir(top) or f"{top}/.git"
    common = (read_file(f"{git_dir}/commondir", HEAD_AT_MOST) or b"").decode("utf-8", "surrogateescape").strip()
    real = real_path(common if is_absolute(common) else f"{git_dir}/{common}")
    main = f"{real}/".partition("/.git/")[0].rstrip("/") if real else ""
    return [main] if main and main != top else []


def _holds_home(folder: "str", home: "str") -> "bool":
    """Return whether a folder is the home directory, or above it."""
    real, top = real_path(home), real_path(folder)
    return real is not None and top is not None and f"{real}/".startswith(f"{top}/")


def system_home() -> "str":
    """Return the home directory that the system knows, ``/`` where it knows none: HOME is a variable, too."""
    try:
        import pwd  # noqa: PLC0415 - part of the interpreter, but not on Windows

        return pwd.getpwuid(system.getuid()).pw_dir
    except (ImportError, KeyError):
        return "/"


def is_borrowed() -> "bool":
    """Return whether root works in another user's home, as by `sudo`: that user could not change what it creates."""
    who = getattr(system, "geteuid", None)
    if who is None or who() != 0 or not (setting("SUDO_UID") or setting("DOAS_USER")):
        return False
    try:
        return system.stat(setting("HOME") or "/").st_uid != 0
    except (OSError, ValueError):
        return False


def chosen_theme(path: "str", config_dir: "str", home: "str", project: "str") -> "str | None":
    """Return the theme in the user's own settings: empty if it tells nothing, None where they have none.

    ``config_dir`` is CLAUDE_CONFIG_DIR. Where that leads into the project its settings are a repository's; a session in
    the home directory or above is in no repository.
    """
    if config_dir and project and may_be_within(path, project) and not may_be_within(home, project):
        return None
    try:
        theme = words(mapping(parse_json((read_file(path) or b"").decode())).get("theme"))
    except ValueError:
        return None
    return theme if theme is None or theme in HOST_THEMES else ""
