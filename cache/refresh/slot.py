"""The slot that a tick has taken for this refresher: a file that holds who has it, for 15 seconds at a time."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from cache.model.files import read_file
from cache.model.layout import SLOT_FILES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from typing_extensions import Self

LONGEST = 200  # bytes; the content of a slot is far shorter


class Slot:
    """The slot of one refresher, given back at the end of a ``with``.

    ``text`` is what `take_slot` of `statusline.claims` returned: the file, and what it holds as long as it is ours.
    Empty, there is no slot: the refresher was not started by a tick.
    """

    def __init__(self, cache: Path, text: str) -> None:
        name, _, holder = text.partition(":")
        self._path = cache / name if name in SLOT_FILES and holder else None
        self._holder = holder.encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> Literal[False]:
        if self._path is not None and self._content() == self._holder:
            with contextlib.suppress(OSError):
                self._path.unlink()
        return False

    def renew(self) -> bool:
        """Let its time begin again; return False if it has run out and another refresher has the slot."""
        content = self._content()
        if self._path is not None and content == self._holder:
            with contextlib.suppress(OSError):
                os.utime(self._path, follow_symlinks=False)
        return content is None or content == self._holder

    def _content(self) -> bytes | None:
        """Return what the file holds, None where there is none that is ours to read."""
        return None if self._path is None else read_file(str(self._path), LONGEST, ours=True)
