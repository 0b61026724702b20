"""A process that has had a secret leaves no core file, and lets no other process read its memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

LOOK = """
import ctypes, resource, sys
sys.path.insert(0, sys.argv[1])
from cache.work.redact import Secret
def state():
    return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)
print(state())
Secret("x")
print(state())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_secret_closes_the_memory_of_its_process() -> None:
    words = [sys.executable, "-I", "-c", LOOK, str(ROOT)]
    before, after = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert before.startswith("(1, "), "the test can fail"
    assert after == "(0, (0, 0))"
