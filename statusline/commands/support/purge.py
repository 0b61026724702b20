"""Removes hudline's cache and configuration."""

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

# File names of hudline: usage, and what it keeps per checkout, session and command.
_USAGE = re.compile(
    r"(?:accounts|context|endpoint|hint|history|keychain|merge|observed|readings|sessions|transcripts|usage|watch)"
    r"\.(?:json|lock|start|state|sqlite3(?:-(?:wal|shm|journal)|\.broken)?)(?:\.tmp)?"
    r"|report\.html(?:\.\w+\.tmp)?|slot-\d(?:\.tmp)?"
)
SUBFOLDERS = (*JOB_FOLDERS.values(), ACCOUNTS_FOLDER)
_ENTRY = re.compile(r"[A-Za-z0-9%-]{1,220}\.(?:json|lock|start|state)(?:\.tmp)?")


def purge(caches: Iterable[Path], configs: Iterable[Path], *, dry_run: bool = False) -> list[str]:
    """Remove our files in these cache directories, and these configuration files; return what went and what stays.

    A folder is ours if it has our marker; only files with our names are removed from it. A configuration is removed
    only from a folder named hudline, and not if it is a link (as dotfile managers make).
    """
    cleared = {each: _clear(each, dry_run=dry_run) for each in dict.fromkeys(caches) if each.is_dir()}
    there = [each for each in dict.fromkeys(configs) if each.is_symlink() or each.is_file()]
    dropped = {each: _drop(each, dry_run=dry_run) for each in there}
    return [_render(path, left, dry_run=dry_run) for path, left in (cleared | dropped).items()]


def _render(path: Path, left: str | None, *, dry_run: bool) -> str:
    if left is None:
        return f"{path} {'would be' if dry_run else 'was'} removed."
    return f"{path} was not removed: {left}."


def _clear(cache: Path, *, dry_run: bool) -> str | None:
    """Empty a cache directory and remove it; return the reason if it stays."""
    if not is_ours(cache):
        return f"hudline did not create it (it has no {MARKER})"
    ours, gone = set(_files(cache)), set()
    for folder in _folders(cache):
        gone |= {folder, folder / MARKER}
    foreign = [each for each in _everything(cache) if each not in ours | gone | {cache / DIRECTORIES_FOLDER}]
    if not dry_run:
        for each in ours:
            each.unlink(missing_ok=True)
        for folder in _folders(cache):
            _leave(folder)
    return f"{foreign[0]} is not hudline's" if foreign else None


def _folders(cache: Path) -> list[Path]:
    """Return the folders that we created, subfolders first."""
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
    """Return the contents of our folders, and one level of `dirs`."""
    folders = [*_folders(cache), cache / DIRECTORIES_FOLDER]
    return [each for folder in folders if folder.is_dir() for each in sorted(folder.iterdir())]


def _leave(folder: Path) -> None:
    """Remove one of our folders if it has only the marker."""
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
    """Remove a configuration file, and its folder if it is empty; return the reason if the file stays."""
    if config.is_symlink():
        return "it is a link to another file"
    if config.name != "config.json" or config.parent.name != "hudline":
        return "STATUSLINE_CONFIG points to it"
    if not dry_run:
        config.unlink()
        backup_of(config).unlink(missing_ok=True)  # the backup of `configure`
        with contextlib.suppress(OSError):
            config.parent.rmdir()
    return None
