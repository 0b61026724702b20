"""Replaces a person's text file in one step: links are followed, somebody else's change is never lost."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cache.refresh.storage import open_new

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 5  # a file that changes under our hands this often is left to whoever writes it
AT_MOST = 16 << 20  # bytes


class EditRefused(Exception):
    """The file cannot be edited safely, so nothing was changed; the message ends in the next step."""


@dataclass(frozen=True)
class Change:
    """What an edit does, or would do: the file's text before and after; None is a file that is not there."""

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
    """Replace the text by what ``wanted`` makes of it; raise EditRefused, or OSError where it cannot be written.

    ``keep`` sees the old text once the new one is staged, before it takes its place. If somebody else changes the
    file meanwhile, it starts over with their text.
    """
    for _ in range(TRIES):
        before = read(path)
        change = Change(path, before, new_text(before))
        if dry_run or change.after == before or _replace(change, keep):
            return change
    raise EditRefused(f"{path} keeps changing. Close Claude Code and run this again.")


def read(path: Path) -> str | None:
    """Return the text of a file that we could edit, None if there is none; raise EditRefused otherwise."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > AT_MOST:
            raise EditRefused(f"{path} is not an ordinary file. Move it away, then run this again.")
        return path.read_bytes().decode()
    except FileNotFoundError:
        if path.is_symlink():
            raise EditRefused(
                f"{path} is a link to {os.readlink(path)}, which is not there. Bring that file back, or remove the "
                "link, then run this again."
            ) from None
        return None
    except UnicodeDecodeError as error:
        raise EditRefused(f"{path} is not UTF-8. Save it as UTF-8, then run this again.") from error
    except OSError as error:
        raise EditRefused(f"{path} cannot be read ({error.strerror}). Mend its rights, then run this again.") from error


def write_new(path: Path, text: str, like: Path, mode: int | None = None) -> None:
    """Write a new file down to the disk, with the owner and (unless ``mode`` is given) the mode of another one."""
    fd = _open(path)
    with os.fdopen(fd, "wb") as file:
        file.write(text.encode())
        file.flush()
        with contextlib.suppress(FileNotFoundError):
            facts = like.stat()
            mode = stat.S_IMODE(facts.st_mode) if mode is None else mode
            with contextlib.suppress(PermissionError):  # root may run this in a person's home
                os.fchown(fd, facts.st_uid, facts.st_gid)
        os.fchmod(fd, 0o600 if mode is None else mode)
        os.fsync(fd)


def _open(path: Path) -> int:
    try:
        return open_new(path)
    except FileExistsError as error:
        raise EditRefused(f"{path} is there: another one is at work. Wait a minute, then run this again.") from error


def _replace(change: Change, keep: Callable[[str | None], None] | None) -> bool:
    """Write beside the real file, look again whether it is still what we read, then take its place."""
    real = Path(os.path.realpath(change.path))
    staged = real.with_name(real.name + ".hudline-new")
    real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(staged, change.after or "", like=real)  # its name is also the lock among our own
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
