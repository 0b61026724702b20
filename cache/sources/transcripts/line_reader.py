"""Reads each line of a growing file once: from the position where reading stopped before, whole lines only."""

from __future__ import annotations

import os
import stat
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20  # bytes read at a time, between two checks of the time
LONGEST = 4 << 20  # bytes; an answer of 128k tokens takes about 1 MiB, so longer lines are skipped
EDGE = 64  # bytes at both ends of what was read; their fingerprint shows whether the file is still the same

_PLAIN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_INODES = (1 << 63) - 1  # some file systems use all 64 bits; SQLite has 63 for positive numbers


class Position(NamedTuple):
    """Where reading stopped: after ``offset`` bytes, at the end of a line or within one that is too long.

    ``size`` and ``mtime_ns`` are the file's once all of it was read, -1 while there is more. ``edges`` is a fingerprint
    of the first and the last bytes that were read.
    """

    inode: int = 0
    offset: int = 0
    skipping: bool = False
    edges: bytes = b""
    size: int = -1
    mtime_ns: int = -1


START = Position()


def identity(facts: os.stat_result) -> tuple[int, int, int]:
    """Return ``(inode, size, mtime_ns)``: while these are the same, a file has nothing new."""
    return facts.st_ino & _INODES, facts.st_size, facts.st_mtime_ns


class LineFile:
    """A regular file of lines, open for reading; raises OSError for any other kind of file.

    ``bytes_read`` counts all bytes that were read, those for the fingerprint included.
    """

    def __init__(self, path: str) -> None:
        fd = os.open(path, _PLAIN)  # a blocking open of a FIFO without a writer would hang
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

    def continues(self, position: Position) -> bool:
        """Return whether this is still the file of ``position``, neither truncated nor replaced.

        Compares inode, size and fingerprint. A change of the same length in the middle is not detected.
        """
        if self.inode != position.inode or self.size < position.offset:
            return False
        return self._edges(position.offset) == position.edges

    def blocks(self, position: Position) -> Iterator[bytes]:
        """Yield blocks of whole lines after ``position``; a block is empty where no line has ended yet.

        The caller may stop at any block; `here` returns where to continue. The file is read up to its size at opening.
        """
        self._position = self.offset = position.offset
        self._skipping = position.skipping
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
        """Return the position after the last block."""
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
