"""Takes away what hudline keeps: its cache and its configuration, as far as they are its own."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from cache.model.layout import ACCOUNTS_FOLDER, DIRECTORIES_FOLDER, JOB_FOLDERS, MARKER
from cache.refresh.storage import is_ours
from statusline.commands.claude_settings.settings import backup_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# The names that hudline gives to files: of the usage, and of what it keeps per checkout, session and command.
_USAGE = re.compile(
    r"(?:accounts|endpoint|history|keychain|observed|readings|transcripts|usage|watch)"
    r"\.(?:json|lock|start|state|sqlite3(?:-(?:wal|shm|journal)|\.broken)?)(?:\.tmp)?"
)
SUBFOLDERS = (*JOB_FOLDERS.values(), ACCOUNTS_FOLDER)
_ENTRY = re.compile(r"[A-Za-z0-9%-]{1,220}\.(?:json|lock|start|state)(?:\.tmp)?")


def purge(caches: Iterable[Path], configs: Iterable[Path], *, dry_run: bool = False) -> list[str]:
    """Remove what is ours in these cache directories, and these configuration files; say what went and what stays.

    A folder is ours if our marker is in it; there only files go that are named as ours are. A configuration goes from
    a folder that is named after hudline, where it is neither shared with others nor a link of a dotfile manager's.
    """
    cleared = {each: _clear(each, dry_run=dry_run) for each in dict.fromkeys(caches) if each.is_dir()}
    there = [each for each in dict.fromkeys(configs) if each.is_symlink() or each.is_file()]
    dropped = {each: _drop(each, dry_run=dry_run) for each in there}
    return [_render(path, left, dry_run=dry_run) for path, left in (cleared | dropped).items()]


def _render(path: Path, left: str | None, *, dry_run: bool) -> str:
    if left is None:
        return f"{path} {'would be' if dry_run else 'is'} removed."
    return f"{path} stays: {left}."


def _clear(cache: Path, *, dry_run: bool) -> str | None:
    """Empty a cache directory and remove it; return why it stays, if it does."""
    if not is_ours(cache):
        return f"it was not made by hudline (there is no {MARKER} in it)"
    ours, gone = set(_files(cache)), set()
    for folder in _folders(cache):
        gone |= {folder, folder / MARKER}
    foreign = [each for each in _everything(cache) if each not in ours | gone | {cache / DIRECTORIES_FOLDER}]
    if not dry_run:
        for each in ours:
            each.unlink(missing_ok=True)
        for folder in _folders(cache):
            _leave(folder)
    return f"{foreign[0]} in it is not hudline's" if foreign else None


def _folders(cache: Path) -> list[Path]:
    """Return the folders that we made, each behind those in it."""
    places = [*sorted((cache / DIRECTORIES_FOLDER).glob("*")), cache]
    found = [folder for place in places for folder in (*(place / name for name in SUBFOLDERS), place)]
    return [each for each in found if each.is_dir() and is_ours(each)]


def _files(cache: Path) -> Iterator[Path]:
    for folder in _folders(cache):
        pattern = _ENTRY if folder.name in SUBFOLDERS and folder != cache else _USAGE
        for each in folder.iterdir():
            if pattern.fullmatch(each.name) and each.is_file() and not each.is_symlink():
                yield each


def _everything(cache: Path) -> list[Path]:
    """Return what is in the folders that we know, and one level of `dirs`: nothing below what we do not know."""
    folders = [*_folders(cache), cache / DIRECTORIES_FOLDER]
    return [each for folder in folders if folder.is_dir() for each in sorted(folder.iterdir())]


def _leave(folder: Path) -> None:
    """Remove one of our folders if only the marker is left in it."""
    if [each.name for each in folder.iterdir()] in (
        [MARKER],
        [MARKER, DIRECTORIES_FOLDER],
        [DIRECTORIES_FOLDER, MARKER],
    ):
        with contextlib.suppress(OSError):
            (folder / DIRECTORIES_FOLDER).rmdir()
    if [each.name for each in folder.iterdir()] == [MARKER]:
        (folder / MARKER).unlink()
        folder.rmdir()


def _drop(config: Path, *, dry_run: bool) -> str | None:
    """Remove a configuration file, and its folder if nothing else is in it; return why it stays, if it does."""
    if config.is_symlink():
        return "it is a link to a file of your own"
    if config.name != "config.json" or config.parent.name != "hudline":
        return "it is a file of your own, which STATUSLINE_CONFIG named"
    if not dry_run:
        config.unlink()
        backup_of(config).unlink(missing_ok=True)  # what `configure` kept
        with contextlib.suppress(OSError):
            config.parent.rmdir()
    return None
