"""Whether a tick costs more in a large world than in a small one, both measured in one interleaved run.

    python tests/bench/large_world.py [--rounds 100] [--python PATH] [--files 100000] [--megabytes 500] [--sessions 500]

Large: a repository of 100,000 files, a transcript of 500 MB, 500 sessions in the cache, a history of 5 MB. Prints each
case against the bare interpreter, then large against small. It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cache.model.stdin_limits import reported_limits  # noqa: E402 - found through the line above
from cache.readings.snapshot import plain_name  # noqa: E402
from cache.refresh.runner import refresh  # noqa: E402
from cache.work.request import Request  # noqa: E402
from tests.bench.tick import Case, filled_cache, measure, payload, report  # noqa: E402
from tests.support.kept_readings import hear_limits  # noqa: E402
from tests.support.package_layout import lay_out  # noqa: E402

SESSION = "0b9c1f9e-3c1c-4f5e-9a53-0e3c4d3c2b1a"
PRESETS = ("default", "full")
HISTORY = 5 << 20  # bytes
LONG_AGO = 86_400 * 20_000  # epoch seconds


@dataclass
class Size:
    """How much there is of everything."""

    files: int
    megabytes: int
    sessions: int
    history: int


SMALL = Size(files=30, megabytes=0, sessions=1, history=0)


def repository(folder: Path, files: int) -> Path:
    """Return a real repository with so many tracked files, a few of them changed."""
    folder.mkdir()
    for number in range(files):
        place = folder / f"{number // 500:04}"
        if number % 500 == 0:
            place.mkdir()
        (place / f"file-{number}.txt").write_text(f"{number}\n")
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "gc.auto=0", "commit", "-q", "-m", "all"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    for number in range(3):
        (folder / "0000" / f"file-{number}.txt").write_text("changed\n")
    return folder


def transcript(path: Path, megabytes: int) -> Path:
    """Return a transcript of some turns, with a long hole between the first and the last where it is to be large."""
    said = {"type": "user", "message": {"content": "go on"}}
    did = {"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t", "name": "Edit", "input": {}}]}}
    turn = b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in (said, did))
    with path.open("wb") as file:
        file.write(turn * 50)
        file.truncate(megabytes << 20 or file.tell())
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + turn * 50)
    os.utime(path, (LONG_AGO, LONG_AGO))  # a tick reads those again that have grown
    return path


def world(folder: Path, size: Size, now: int) -> tuple[Path, bytes]:
    """Make a world of a size; return its cache, in which nothing is due, and the payload of its session."""
    folder.mkdir()
    work, log = repository(folder / "work", size.files), transcript(folder / f"{SESSION}.jsonl", size.megabytes)
    cache = filled_cache(folder / "cache", now)
    given = json.loads(payload(now, limits=True, cwd=work)) | {"session_id": SESSION, "transcript_path": str(log)}
    given["rate_limits"]["seven_day"]["resets_at"] = now + 86400  # the window that the cache has
    lines = given["cost"]["total_lines_added"] + given["cost"]["total_lines_removed"]
    looked_at = {"root": str(work), "session": SESSION, "lines": str(lines)}
    look(cache, "git", plain_name(str(work)), looked_at)
    look(cache, "activity", plain_name(SESSION), {"transcript": str(log)})
    for kind, name in (("git", plain_name(str(work))), ("sessions", plain_name(SESSION))):
        for number in range(size.sessions - 1):
            for suffix in ("json", "start", "lock"):
                shutil.copy(cache / kind / f"{name}.json", cache / kind / f"other{number}.{suffix}")
    for number in range(size.sessions):
        limits = reported_limits(given["rate_limits"], now)
        limits["five_hour"] = (float(number % 40), limits["five_hour"][1])
        hear_limits(cache, limits, now - 60, process=f"p{number}", home=str(folder))
    for history in (cache / "history.sqlite3", folder / "history.jsonl"):
        history.write_bytes(b"x" * size.history)
    return cache, json.dumps(given).encode() + b"\n"


def look(cache: Path, job: str, name: str, options: dict[str, str]) -> None:
    """Run a job until it has nothing more to find, and put its next appointment off."""
    request = Request(job, cache, Path(), os.environ, {"entry": name, **options}, force=True)
    while not (outcome := refresh(request)).entry.value:
        if outcome.problem:
            raise SystemExit(f"{job}: {outcome.sentence}")
    kept = json.loads(request.entry_file.read_text())
    print(f"{request.entry_file.parent.name}: {kept['value']}", file=sys.stderr)
    request.entry_file.write_text(json.dumps(kept | {"due_at": kept["fetched_at"] + 7000}))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--sessions", type=int, default=500)
    args = parser.parse_args()
    large = Size(args.files, args.megabytes, args.sessions, HISTORY)
    with tempfile.TemporaryDirectory() as scratch:
        folder, now = Path(scratch), int(time.time())
        door = lay_out(folder / "package", args.python)
        cases = [Case("bare interpreter", [args.python, "-I", "-S", "-c", "pass"], b"", folder)]
        worlds = {name: world(folder / name, size, now) for name, size in (("small", SMALL), ("large", large))}
        for preset in PRESETS:
            config = folder / f"{preset}.json"
            config.write_text(json.dumps({"preset": preset}))
            for name, (cache, given) in worlds.items():
                command = [args.python, "-I", "-S", str(door), "--cache", str(cache), "--config", str(config)]
                cases.append(Case(f"{preset}, {name}", command, given, folder / name / "work", folder / name))
        environment = {"HOME": scratch, "PATH": "/usr/bin:/bin", "COLUMNS": "200", "LANG": "C.UTF-8"}
        for case in cases[1:]:
            env = environment | {"HOME": str(case.home)}
            row = subprocess.run(case.command, input=case.payload, stdout=subprocess.PIPE, env=env, check=True)
            print(row.stdout.decode(), file=sys.stderr)
        taken = measure(cases, args.rounds, environment)
        report(taken)
        for preset in PRESETS:
            large_s, small_s = (statistics.quantiles(taken[f"{preset}, {name}"]) for name in ("large", "small"))
            print(f"{preset}: large against small {large_s[1] / small_s[1]:.3f}", end=" ")
            print(f"(lower quartile, which a busy machine disturbs less: {large_s[0] / small_s[0]:.3f})")


if __name__ == "__main__":
    main()
