"""One line on a terminal while something takes long, gone when it is over."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def progress(doing: str) -> Iterator[None]:
    """Say ``refreshing usage ...`` meanwhile on standard error, if that is a terminal."""
    is_watched = sys.stderr.isatty()
    if is_watched:
        print(f"{doing} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if is_watched:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
