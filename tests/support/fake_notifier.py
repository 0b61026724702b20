"""A program that notes the notifications that it is to show, and the environment in which it counts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT


@dataclass
class FakeNotifier:
    """``folder`` is for the program and what it notes; ``name`` is ``notify-send`` or ``osascript``."""

    folder: Path
    name: str = "notify-send"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "fakes" / "notifier", self.program)

    @property
    def program(self) -> Path:
        return self.folder / self.name

    @property
    def env(self) -> dict[str, Any]:
        """What makes it count: see `cache.work.testing`."""
        return {"STATUSLINE_NOTIFY_BIN": str(self.program), "STATUSLINE_API_BASE": "http://127.0.0.1:9"}

    @property
    def calls(self) -> list[str]:
        """The arguments of each call, such as ``[--][TITLE][BODY]``."""
        return self.noted("calls").splitlines()

    @property
    def texts(self) -> list[str]:
        """The last argument of each call."""
        return [call.rpartition("[")[2].removesuffix("]") for call in self.calls]

    def noted(self, name: str) -> str:
        file = self.folder / name
        return file.read_text() if file.exists() else ""
