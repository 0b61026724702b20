"""Replaces a text file of the user atomically: follows links and never loses a concurrent change."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cache.refresh.storage import open_new, set_mode

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 5  # a file that keeps changing is left to its other writer
AT_MOST = 16 << 20  # bytes
NOTHING_IN_IT = "{}\n"  # the files edited here hold a JSON object


class EditRefused(Exception):
    """The file cannot be edited safely and was not changed; the message ends with the next step."""


@dataclass(frozen=True)
class Change:
    """What an edit does, or would do: the text of the file before and after; None: no file."""

    path: Path
    before: str | None
    after: str | None


def edit(
    path: Path,
    new_text: Callable[[str | None], str | None],
    keep: Callable[[str | None], None] | None = None,
    *,
    dry_run: bool = False,
) -> Change:
    """Replace the text by what ``new_text`` returns for it; raise EditRefused, or OSError if it cannot be written.

    ``keep`` gets the old text after the new one is staged and before it takes its place. If another program changes
    the file meanwhile, the edit starts over with the changed text. Where ``new_text`` returns None the file is removed;
    behind a link it is emptied instead: it may be in a repository of dotfiles, and the link would lead nowhere.
    """
    for _ in range(TRIES):
        before = read(path)
        after = new_text(before)
        change = Change(path, before, NOTHING_IN_IT if after is None and path.is_symlink() else after)
        if dry_run or change.after == before or _replace(change, keep):
            return change
    raise EditRefused(f"{path} keeps changing. Close Claude Code, then try again.")


def read(path: Path) -> str | None:
    """Return the text of an editable file, None if there is none; raise EditRefused otherwise."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > AT_MOST:
            raise EditRefused(f"{path} is not a regular file. Move it away, then try again.")
        return path.read_bytes().decode()
    except FileNotFoundError:
        if path.is_symlink():
            raise EditRefused(
                f"{path} is a link to {os.readlink(path)}, which does not exist. Restore that file or remove the "
                "link, then try again."
            ) from None
        return None
    except UnicodeDecodeError as error:
        raise EditRefused(f"{path} is not UTF-8. Save it as UTF-8, then try again.") from error
    except OSError as error:
        raise EditRefused(f"{path} cannot be read ({error.strerror}). Fix its permissions, then try again.") from error


def write_new(path: Path, text: str, like: Path, mode: int | None = None) -> None:
    """Write a new file and sync it to disk, with the owner and (without ``mode``) the mode of ``like``.

    Where the file system allows neither, such as CIFS, the file keeps those that it gets there. If it cannot be
    written, no file is left.
    """
    fd = _open(path)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(text.encode())
            file.flush()
            with contextlib.suppress(FileNotFoundError):
                facts = like.stat()
                mode = stat.S_IMODE(facts.st_mode) if mode is None else mode
                with contextlib.suppress(OSError):  # root may run this in a user's home
                    os.fchown(fd, facts.st_uid, facts.st_gid)
            set_mode(fd, 0o600 if mode is None else mode)
            os.fsync(fd)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _open(path: Path) -> int:
    try:
        return open_new(path)
    except FileExistsError as error:
        raise EditRefused(f"{path} exists: another edit is in progress. Wait a minute, then try again.") from error


def _replace(change: Change, keep: Callable[[str | None], None] | None) -> bool:
    """Write a file beside the real one and replace it, if that still has the text that we read."""
    real = Path(os.path.realpath(change.path))
    staged = real.with_name(real.name + ".hudline-new")
    real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(staged, change.after or "", like=real)  # its name is also the lock between our processes
    moved = False
    try:
        if keep:
            keep(change.before)
        if read(change.path) != change.before:
            return False
        if change.after is None:
            real.unlink()
        else:
            os.replace(staged, real)
            moved = True
        return True
    finally:
        if not moved:
            staged.unlink(missing_ok=True)
