"""The state of a cache directory from outside: what is torn, locked or left over, and how to let time pass for it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from cache.model.files import read_file


def troubles_of(cache: Path) -> list[str]:
    """Return what is wrong: JSON that cannot be parsed, a damaged database, a lock that is still held."""
    found = []
    for path in sorted(each for each in cache.rglob("*") if each.is_file()):
        try:
            trouble = _trouble_of(path)
        except FileNotFoundError:  # replaced or removed just now
            continue
        except (ValueError, OSError, sqlite3.Error) as error:
            trouble = f"{type(error).__name__}: {error}"
        if trouble:
            found.append(f"{path.name}: {trouble}")
    return found


def _trouble_of(path: Path) -> str:
    if path.suffix in {".json", ".state"}:
        json.loads(path.read_text())
    elif path.suffix == ".lock":
        return "" if _can_lock(path) else "still locked"
    elif path.suffix == ".sqlite3" and path.stat().st_size:  # an empty one is a new one
        with contextlib.closing(sqlite3.connect(path, timeout=2)) as connection:
            return "" if connection.execute("PRAGMA integrity_check").fetchone() == ("ok",) else "damaged"
    return ""


def _can_lock(path: Path, patience_s: float = 2) -> bool:
    """Return whether a lock is free, or will be soon: a child that is just starting has its parent's files."""
    until = time.monotonic() + patience_s
    with path.open() as file:
        while time.monotonic() < until:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            time.sleep(0.01)
    return False


def leftovers(cache: Path) -> list[str]:
    """Return the temp files, which only a killed process leaves."""
    return sorted(each.name for each in cache.rglob("*.tmp"))


def grow_old(cache: Path, seconds: float = 120) -> None:
    """Let temp files and stamps be as old as if nothing had happened for some time."""
    old = time.time() - seconds
    for path in [*cache.rglob("*.tmp"), *cache.rglob("*.start")]:
        with contextlib.suppress(FileNotFoundError):
            os.utime(path, (old, old), follow_symlinks=False)


def make_due(cache: Path, age_s: int = 900) -> None:
    """Let every entry be due, and the endpoint's last answer and attempt so old that it is asked again."""
    for path in cache.rglob("*.json"):
        with contextlib.suppress(ValueError, KeyError, TypeError):  # a damaged one stays as it is
            fields = json.loads(read_file(str(path), ours=True) or b"")
            if isinstance(fields, dict) and _age(fields, age_s):
                path.write_text(json.dumps(fields))


def _age(fields: dict[str, Any], age_s: int) -> bool:
    """Change the fields of a file; return whether there were any to change."""
    answer = fields.get("answer")
    if isinstance(answer, dict):
        answer["at"] -= age_s
    if "due_at" in fields:
        fields["due_at"] = 1
    elif "next_at" in fields:
        fields |= {"next_at": 0, "attempted_at": 0, "attempts": [], "answered_at": 0}
    return bool(answer) or "due_at" in fields or "next_at" in fields
