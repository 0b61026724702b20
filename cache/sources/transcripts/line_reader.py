"""Every line of a growing file handed out once: where reading stopped, and the whole new lines from there."""

from __future__ import annotations

import os
import stat
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20  # bytes read at a time: what one look at the clock may cost
LONGEST = 4 << 20  # bytes; an answer of 128k tokens takes about one MiB, so a longer line is no answer
EDGE = 64  # bytes at either end of what was read, whose fingerprint shows that a file is still the same

_PLAIN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_INODES = (1 << 63) - 1  # some file systems use all 64 bits, sqlite has 63 for what is not negative


class Position(NamedTuple):
    """Where reading stopped: ``offset`` bytes are done with, up to a newline or within a line that is too long.

    ``size`` and ``mtime_ns`` are the file's when all of it had been seen, -1 while there is more to read. ``edges`` is
    a fingerprint of the first and the last bytes that are done with.
    """

    inode: int = 0
    offset: int = 0
    skipping: bool = False
    edges: bytes = b""
    size: int = -1
    mtime_ns: int = -1


START = Position()


def identity(facts: os.stat_result) -> tuple[int, int, int]:
    """Return ``(inode, size, mtime_ns)``: a file in which these are the same has nothing new."""
    return facts.st_ino & _INODES, facts.st_size, facts.st_mtime_ns


class LineFile:
    """A regular file of lines, open for reading on; raises OSError for anything that is no such file.

    ``bytes_read`` counts every byte taken from the file, those for its fingerprint included.
    """

    def __init__(self, path: str) -> None:
        fd = os.open(path, _PLAIN)  # a FIFO without a writer would hold up a blocking open
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            os.close(fd)
            raise OSError(f"{path} is no regular file")
        self._file = os.fdopen(fd, "rb", buffering=0)
        self.inode, self.size, self.mtime_ns = identity(facts)
        self.bytes_read = 0
        self._position = self.offset = 0
        self._skipping = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def continues(self, place: Position) -> bool:
        """Return whether this is still the file that ``place`` lies in, not one cut short or put in its stead.

        Detected by inode, size and the fingerprint. A change of the same length in the middle of it stays unseen.
        """
        if self.inode != place.inode or self.size < place.offset:
            return False
        return self._edges(place.offset) == place.edges

    def blocks(self, place: Position) -> Iterator[bytes]:
        """Yield the whole lines behind ``place``, many at a time, or nothing where there was no end of a line yet.

        May be left at any block; `here` says where to go on. The end of the file is where it was when it was opened.
        """
        self._position = self.offset = place.offset
        self._skipping = place.skipping
        pending = b""
        while chunk := self._read(self._position, min(CHUNK, self.size - self._position)):
            self._position += len(chunk)
            pending += chunk
            if self._skipping:
                pending = self._behind_newline(pending)
            end = pending.rfind(b"\n") + 1
            block, pending = pending[:end], pending[end:]
            if len(pending) > LONGEST:
                pending, self._skipping = b"", True
            self.offset = self._position - len(pending)
            yield block

    @property
    def seen_all(self) -> bool:
        """Return whether the last block reached the end of the file."""
        return self._position >= self.size

    def here(self) -> Position:
        """Return the place behind the last block."""
        size, mtime_ns = (self.size, self.mtime_ns) if self.seen_all else (-1, -1)
        return Position(self.inode, self.offset, self._skipping, self._edges(self.offset), size, mtime_ns)

    def _behind_newline(self, data: bytes) -> bytes:
        _, newline, rest = data.partition(b"\n")
        self._skipping = not newline
        return rest

    def _edges(self, offset: int) -> bytes:
        first, last = self._read(0, min(EDGE, offset)), self._read(max(offset - EDGE, 0), min(EDGE, offset))
        return blake2b(first + last, digest_size=8).digest()

    def _read(self, offset: int, count: int) -> bytes:
        if count <= 0:
            return b""
        self._file.seek(offset)
        data = self._file.read(count)
        self.bytes_read += len(data)
        return data
