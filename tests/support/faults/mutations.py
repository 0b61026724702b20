"""Damages bytes as a torn write, a bad disk, another program or an attacker could."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

from tests.support.hypothesis_values import NASTY, NUMBERS, OTHERS, paths_in, put

ODD: list[Any] = [*NASTY, *NUMBERS, *OTHERS, "sk-ant-oat01-CANARY-mutated", {"a": [{"b": [0] * 50}] * 50}, "9" * 400]
PIECES = [
    *(b"", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b]0;x\x07", b"\n", b"{", b"}", b'"', b"\\u0000", b"1e999"),
    *(b"[" * 3000, b"9" * 5000, b'{"":' * 900, b"\xef\xbb\xbf", b"-", b"NaN", b"SQLite format 3\0", b" " * 70_000),
]


def mutate(data: bytes, chance: Random) -> bytes:
    """Return the data with one to four changes: within its JSON, if it is some, or anywhere in its bytes."""
    if chance.random() < 0.5:
        try:
            value = json.loads(data)
        except ValueError:
            pass
        else:
            return _mutate_json(value, chance)
    for _ in range(chance.randint(1, 4)):
        data = _mutate_bytes(data, chance)
    return data


def _mutate_json(value: Any, chance: Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        value = put(value, chance.choice(paths_in(value)), deepcopy(chance.choice(ODD)))
    return json.dumps(value).encode()


def _mutate_bytes(data: bytes, chance: Random) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice([0, 1, 4, 100, 5000]))
    kind = chance.randrange(5)
    if kind == 0:
        return data[:start]
    if kind == 1:
        return data[:start] + chance.choice(PIECES) + data[end:]
    if kind == 2:
        return data[:start] + chance.randbytes(end - start) + data[end:]
    if kind == 3:
        return data[:end] + data[start:]
    flipped = bytearray(data)
    if start < len(data):
        flipped[start] ^= 1 << chance.randrange(8)
    return bytes(flipped)
