"""Measures the scan of 1 GB of transcripts in 300 files: slices, memory, bytes read afterwards, and the totals.

Run it as `python tests/bench/transcripts.py [--megabytes 1000] [--files 300]`. It needs twice the space for a moment in
the temp directory. Every slice is a process of its own, as in life, with the refresher's 2 s of work.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

BUDGET_S = 2.0
A_MEGABYTE = 1_000_000


class Slice(NamedTuple):
    """What one process did: bytes read, whether it got to the end, peak memory in KiB, seconds by the wall clock."""

    bytes_read: int
    finished: bool
    peak_kib: int
    seconds: float


def one_slice(index: Path, projects: Path, *, ticking: bool = False) -> Slice:
    """Scan in a process of its own; with ``ticking`` by a clock that goes 0.1 s with each look, not by the real one."""
    command = [sys.executable, __file__, "--slice", str(index), str(projects)] + (["--ticking"] if ticking else [])
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    result = json.loads(done.stdout)
    return Slice(result["bytes_read"], result["finished"], result["peak_kib"], time.perf_counter() - start)


def all_slices(index: Path, projects: Path, *, ticking: bool = False) -> list[Slice]:
    """Scan again and again until one finishes."""
    found = [one_slice(index, projects, ticking=ticking)]
    while not found[-1].finished and len(found) < 1000:
        found.append(one_slice(index, projects, ticking=ticking))
    return found


def _scan_here(index: Path, projects: Path, *, ticking: bool) -> None:
    from cache.sources.transcripts.index import open_index  # noqa: PLC0415 - the other process has no use for it, and is measured
    from cache.sources.transcripts.scan import scan  # noqa: PLC0415
    from tests.support.transcript_writer import NOW  # noqa: PLC0415

    ticks = count()
    clock = (lambda: next(ticks) / 10) if ticking else time.monotonic
    with open_index(index) as store:
        done = scan(store, [projects], now=NOW, budget_s=BUDGET_S, clock=clock)
    result = {"bytes_read": done.bytes_read, "finished": done.finished, "peak_kib": _peak_kib()}
    sys.stdout.write(json.dumps(result))


def _peak_kib() -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:  # macOS, which counts in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return int(next(each.split()[1] for each in lines if each.startswith("VmHWM")))


def append_lines(paths: list[Path], size: int, seed: int) -> int:
    """Append new answers and results, about ``size`` bytes and never more, evenly to these files; return how many."""
    from tests.support.transcript_writer import NOW, session_lines  # noqa: PLC0415

    written = 0
    for number, path in enumerate(paths):
        lines = session_lines(random.Random(seed + number), f"new{seed}x{number}", NOW - 7200, NOW - 5, "x " * 40_000)
        with path.open("ab") as file:
            room, passed = size // len(paths), 0
            while passed < 20:  # lines that did not fit any more
                each = next(lines)
                room, passed = (room - file.write(each), 0) if len(each) <= room else (room, passed + 1)
        written += size // len(paths) - room
    return written


def disturb(paths: list[Path]) -> None:
    """Cut one short within a line, rotate another, replace a third at the same size, half a line more to a fourth."""
    cut, rotated, replaced, half = paths[:4]
    with cut.open("r+b") as file:
        file.truncate(cut.stat().st_size * 2 // 3)
    fresh = rotated.read_bytes()
    rotated.rename(rotated.with_suffix(".jsonl.1"))
    rotated.write_bytes(fresh.replace(b"msg_", b"MSG_")[: len(fresh) // 2])
    content = replaced.read_bytes().replace(b"req_", b"REQ_").replace(b"T0", b"T1")
    replaced.write_bytes(content)
    with half.open("ab") as file:
        file.write(half.read_bytes().splitlines(keepends=True)[-1].replace(b"msg_", b"Msg_")[:-30])


def totals_agree(index: Path, projects: Path) -> tuple[bool, str]:
    """Compare the index with a naive full reading of what is on disk."""
    from cache.sources.transcripts.index import open_index  # noqa: PLC0415
    from cache.sources.transcripts.totals import totals_between  # noqa: PLC0415
    from tests.support.transcript_writer import lines_of, naive_totals  # noqa: PLC0415

    with open_index(index) as store:
        ours = totals_between(store, 0, 1e12)
    naive = naive_totals(lines_of(path) for path in sorted(projects.rglob("*.jsonl")))
    same = ours[:2] == naive[:2] and abs(ours.dollars - naive.dollars) <= 1e-6 * naive.dollars
    return same, f"index {ours.answers} answers, {ours.tokens} tokens, ${ours.dollars:.4f}; naive {naive}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _bench(files: int, megabytes: int) -> int:
    from tests.support.transcript_writer import write_transcripts  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        index, projects = Path(folder) / "transcripts.sqlite3", Path(folder) / "projects"
        paths = write_transcripts(projects, files, megabytes * A_MEGABYTE)
        size = sum(path.stat().st_size for path in paths)
        _say(f"{size / 1e6:.0f} MB in {len(paths)} files, slices of {BUDGET_S:g} s of work")
        slices = all_slices(index, projects)
        _say(f"first scan: {len(slices)} slices, {sum(each.bytes_read for each in slices) / 1e6:.1f} MB read")
        _say(f"  longest slice {max(each.seconds for each in slices):.2f} s with its start")
        peak = max(each.peak_kib for each in slices) / 1024
        _say(f"  peak memory {peak:.1f} MiB, index {index.stat().st_size / 1e6:.1f} MB")
        agree = [totals_agree(index, projects)]
        for where, some in (("one file", paths[:1]), ("every file", paths)):
            added = append_lines(some, A_MEGABYTE, len(some))
            last = all_slices(index, projects)
            read = sum(each.bytes_read for each in last)
            _say(f"{added} new bytes in {where}: {read} bytes read, {last[-1].seconds:.2f} s with its start")
            agree.append(totals_agree(index, projects))
        _say(f"nothing new: {one_slice(index, projects)}")
        disturb(paths)
        last = all_slices(index, projects)
        _say(f"cut, rotated, replaced, half a line: {sum(each.bytes_read for each in last) / 1e6:.1f} MB read")
        agree.append(totals_agree(index, projects))
        for same, text in agree:
            _say(f"totals {'agree' if same else 'DIFFER'}: {text}")
        return 0 if all(same for same, _ in agree) else 1


def main() -> int:
    """Run the benchmark, or one slice of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--slice", nargs=2, type=Path, metavar=("INDEX", "PROJECTS"), help=argparse.SUPPRESS)
    parser.add_argument("--ticking", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.slice:
        _scan_here(*options.slice, ticking=options.ticking)
        return 0
    return _bench(options.files, options.megabytes)


if __name__ == "__main__":
    sys.exit(main())
