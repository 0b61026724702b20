"""A small disk at a folder: a file system in memory that only some processes see, which can be full or read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

IS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class SmallDisk:
    """``prefix`` starts a command that sees the disk at ``folder``; for us it is at ``inside``."""

    folder: Path
    prefix: list[str]
    inside: Path

    def remount(self, options: str) -> None:
        """Change the options of the mount: ``ro``, ``rw``, ``size=...`` or ``nr_inodes=...``."""
        subprocess.run([*self.prefix, "mount", "-o", f"remount,{options}", str(self.folder)], check=True)

    def used(self) -> tuple[int, int]:
        """Return the bytes and the inodes in use."""
        facts = os.statvfs(self.inside)
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize, facts.f_files - facts.f_ffree


@contextmanager
def small_disk(folder: Path, options: str = "size=4m,mode=700") -> Iterator[SmallDisk]:
    """Mount a disk at a folder within a namespace of its own; skip the test where that is not allowed."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("needs unshare and nsenter of util-linux")
    own = ["unshare", "--mount", "--propagation", "private", *([] if IS_ROOT else ["--map-root-user"])]
    script = f'mount -t tmpfs -o {options} none "$0" && echo ready && exec cat'
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*own, "sh", "-c", script, str(folder)], text=True, **pipes) as holder:  # type: ignore[call-overload]
        try:
            if holder.stdout.readline() != "ready\n":
                pytest.skip(f"may not mount: {holder.stderr.read().strip()}")
            enter = ["nsenter", f"--target={holder.pid}", "--mount"]
            enter += [] if IS_ROOT else ["--user", "--preserve-credentials"]
            yield SmallDisk(folder, enter, Path(f"/proc/{holder.pid}/root{folder}"))
        finally:
            holder.stdin.close()
            holder.wait(60)
