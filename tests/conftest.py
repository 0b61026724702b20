"""What many tests stand on: a real installation, homes to use it in, and folders that anybody may enter."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Return a folder that every user may enter: pytest's own are for one user, and some tests act as another."""
    folder = Path(tempfile.mkdtemp(prefix="hudline-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
