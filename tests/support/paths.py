"""Where the checkout is, and the recorded data of the tests."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
FAKES = ROOT / "tests" / "fakes"
PAYLOADS = DATA / "payloads"
ANSWERS = DATA / "answers"
