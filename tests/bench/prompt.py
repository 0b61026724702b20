"""How long the text for a prompt takes, as whole processes in interleaved rounds, against a tick of the same program.

    python tests/bench/prompt.py [--rounds 200] [--python PATH]

Prints median and p95, and their ratios to the tick. It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.tick import Case, checkout, filled_cache, measure, payload, report  # noqa: E402 - see the line above
from tests.support.package_layout import lay_out  # noqa: E402

SHELLS = ("plain", "zsh", "tmux")  # without colors, with them, and with them in other words


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--python", default=sys.executable)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, now = Path(scratch), int(time.time())
        start = [args.python, "-I", "-S", str(lay_out(folder / "package", args.python))]
        work, cache = checkout(folder / "work"), filled_cache(folder / "cache", now)
        paths = ["--cache", str(cache), "--config", str(folder / "config.json")]
        said = payload(now, limits=True, cwd=work)
        cases = [Case("tick", [*start, *paths], said, work)]
        cases += [Case(f"prompt for {each}", [*start, "prompt", "--shell", each, *paths], b"", work) for each in SHELLS]
        environment = {"HOME": scratch, "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        report(measure(cases, args.rounds, environment))


if __name__ == "__main__":
    main()
