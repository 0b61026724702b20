"""Where the cache and the configuration are (platformdirs), and writing files there atomically."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.files import owned
from cache.model.layout import MARKER, TEMPORARY_SUFFIX
from cache.model.trust import is_borrowed, system_home
from cache.refresh.standard_folders import known_folder
from cache.work.failures import Unwritable
from cache.work.session_environment import is_of_session

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "hudline"
LEFTOVER_S = 60  # a temp file older than this was left by a killed process


def cache_directory(env: Mapping[str, str] = os.environ) -> Path:
    """Return the cache directory: STATUSLINE_CACHE_DIR, else the platform's user cache directory.

    In a session it is never in the project, where a repository could bring its own numbers.
    """
    chosen = env.get("STATUSLINE_CACHE_DIR")
    is_theirs = bool(chosen) and is_of_session(chosen or "", env, home=env.get("HOME", ""))
    return Path(chosen) if chosen and not is_theirs else Path(_standard("cache", env))


def config_file(env: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration file: STATUSLINE_CONFIG, else config.json where the platform keeps such files.

    In a session it is never in the project, where a repository could name programs.
    """
    chosen = env.get("STATUSLINE_CONFIG")
    return Path(chosen) if chosen and not is_of_session(chosen, env) else Path(_standard("config", env)) / "config.json"


def _standard(kind: str, env: Mapping[str, str]) -> str:
    """Return the user's folder of a kind; HOME and the variables of XDG do not lead it into a session's project."""
    found = _platforms(kind)
    return (
        known_folder(kind, APP, {"HOME": system_home()})
        if is_of_session(found, env, home=env.get("HOME", ""))
        else found
    )


def _platforms(kind: str) -> str:
    try:
        import platformdirs  # noqa: PLC0415 - install.sh may run a checkout without its libraries
    except ModuleNotFoundError:
        return known_folder(kind, APP)
    asked = platformdirs.user_cache_dir if kind == "cache" else platformdirs.user_config_dir
    return asked(APP, appauthor=False)


def was_left(modified_at: float, now: float) -> bool:
    """Return whether a killed process left a temp file that was modified at this time, epoch seconds.

    One from the future counts too: the clock was set back, and may take hours to get there again.
    """
    return not -LEFTOVER_S < now - modified_at < LEFTOVER_S


def make_ours(directory: Path) -> None:
    """Create a directory (0700, with the marker) if there is none; raise Unwritable where that fails.

    One that we did not create is used if this user owns it; its permissions stay.
    """
    try:
        if not directory.is_dir():
            if is_borrowed():
                raise Unwritable(f"{directory} would belong to root in another user's home")
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (directory / MARKER).touch(mode=0o600)
        facts = directory.stat()
    except OSError as error:
        raise Unwritable(f"{directory}: {error.strerror}") from error
    if not owned(facts.st_uid):
        raise Unwritable(f"{directory} belongs to another user")


def is_ours(directory: Path) -> bool:
    """Return whether we made this directory: only there we set permissions, sweep and remove."""
    return not directory.is_symlink() and (directory / MARKER).is_file()


def write_whole(target: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Replace a file atomically, through the fixed temp name beside it; raise Unwritable.

    The caller holds the lock of the job, or is the only writer; a temp file that a killed one left is removed.
    """
    temporary = target.with_name(target.name + TEMPORARY_SUFFIX)
    try:
        fd = open_new(temporary, mode)
    except OSError as error:
        raise Unwritable(f"{temporary}: {error.strerror}") from error
    try:
        with os.fdopen(fd, "wb") as file:
            if mode & 0o077:  # readable for others, whatever the umask is
                set_mode(fd, mode)
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise Unwritable(f"{target}: {error.strerror}") from error


def set_mode(fd: int, mode: int) -> None:
    """Set the permissions of an open file, where its file system can: CIFS, and drives of Windows in WSL, cannot."""
    if hasattr(os, "fchmod"):
        with contextlib.suppress(OSError):
            os.fchmod(fd, mode)


def open_new(path: Path, mode: int = 0o600) -> int:
    """Create a temp file and return its descriptor; one that a killed process left is removed first.

    Raises FileExistsError where another process is writing it, OSError where it cannot be created.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, flags, mode)
    except FileExistsError:
        if not was_left(path.lstat().st_mtime, time.time()):
            raise
        path.unlink()
        return os.open(path, flags, mode)
