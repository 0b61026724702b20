"""How long a tick takes, as whole processes in interleaved rounds, against the bare start of the same interpreter.

    python tests/bench/tick.py [--rounds 200] [--python PATH]

Prints median, p95 and their ratios to ``python -I -S -c pass``, and the peak memory that the child reads of
itself: what a Python parent is told of a child is its own. It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cache.model.entry import Entry  # noqa: E402 - found through the line above
from cache.model.windows import Window  # noqa: E402
from cache.readings.endpoint_answer import answer_json  # noqa: E402
from cache.readings.login import account_id  # noqa: E402
from tests.bench.process_cost import percentile, run_timed  # noqa: E402
from tests.support.package_layout import lay_out  # noqa: E402

PAYLOAD = ROOT / "tests" / "data" / "payloads" / "oauth-02-after-message-rate-limits.json"

FULL = '{"preset": "full"}'


@dataclass
class Case:
    """One command to time: its words, what it reads, where it runs, and whose home it has, None being that of all."""

    name: str
    command: list[str]
    payload: bytes
    cwd: Path
    home: Path | None = None


def signed_in(home: Path) -> str:
    """Write Claude Code's state file, of a usual size; return the id of the account that it names."""
    named = {"accountUuid": "aaaaaaaa-0000-4000-8000-000000000001", "organizationUuid": "cccccccc-0000-4000-8000"}
    projects = {f"/home/user/project-{number}": {"history": ["x" * 900]} for number in range(120)}
    home.mkdir(exist_ok=True)
    (home / ".claude.json").write_text(json.dumps({"numStartups": 7, "oauthAccount": named, "projects": projects}))
    return account_id(named["accountUuid"], named["organizationUuid"])


def filled_cache(folder: Path, now: int) -> Path:
    """Return a cache directory with fresh numbers that are not due, so that no refresher is started.

    Its home is the folder around it.
    """
    folder.mkdir(mode=0o700)
    account = signed_in(folder.parent)
    windows = [
        Window("five_hour", "5h", 41.0, now + 7200, "oauth", now),
        Window("seven_day", "7d", 60.0, now + 300000, "oauth", now),
        Window("seven_day:fable", "Fable", 36.0, now + 300000, "oauth", now),
    ]
    value: dict[str, object] = {
        "account": account,
        "account_since": now - 86400,
        "plan": "Max 20x",
        "windows": [each.as_json() for each in windows],
        "spend": {"used": 40.01, "limit": 40.0, "currency": "EUR", "percent": 100},
        "runs_out_at": None,
    }
    entry = Entry(value, now, now + 3600)
    entry.answer = answer_json(account, now, windows)
    entry.parts["sessions"] = Entry({"waiting": []}, now, now + 3600).as_json()
    entry.parts["money"] = Entry({}, now, now + 3600).as_json()
    (folder / "usage.json").write_text(entry.to_text())
    (folder / "usage.json").chmod(0o600)
    return folder


def checkout(folder: Path) -> Path:
    """Return a small real repository."""
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    return folder


def payload(now: int, *, limits: bool, cwd: Path) -> bytes:
    """Return the recorded payload, moved to now and to this folder."""
    found = json.loads(PAYLOAD.read_text())
    found["cwd"] = found["workspace"]["current_dir"] = str(cwd)
    if limits:
        found["rate_limits"]["five_hour"]["resets_at"] = now + 7200
        found["rate_limits"]["seven_day"]["resets_at"] = now + 300000
    else:
        del found["rate_limits"]
    return json.dumps(found).encode() + b"\n"


def run(case: Case, environment: dict[str, str]) -> float:
    """Run once, as Claude Code does; return seconds."""
    if case.home:
        environment = environment | {"HOME": str(case.home)}
    times = run_timed(case.command, environment, case.cwd, case.payload)
    if times.code:
        raise SystemExit(f"{case.name}: ended with {times.code}")
    return times.wall_s


def measure(cases: list[Case], rounds: int, environment: dict[str, str]) -> dict[str, list[float]]:
    """Return the seconds of each case; every round runs each of them once."""
    taken: dict[str, list[float]] = {case.name: [] for case in cases if "-I" in case.command}
    for number in range(rounds + 3):
        for case in cases:
            seconds = run(case, environment)
            if number >= 3:
                taken[case.name].append(seconds)
    return taken


def report(taken: dict[str, list[float]]) -> None:
    """Print a row per case; the first is what the others are compared with."""
    base = next(iter(taken.values()))
    print(f"{'':28}{'median':>10}{'p95':>10}{'ratio':>9}{'p95 ratio':>11}")
    for name, seconds in taken.items():
        median, late = statistics.median(seconds), percentile(seconds)
        against = median / statistics.median(base), late / percentile(base)
        print(f"{name:28}{median * 1e3:8.2f}ms{late * 1e3:8.2f}ms{against[0]:9.3f}{against[1]:11.3f}")


PEAK = """
import posix, sys
def told(code, leave=posix._exit):
    with open("/proc/self/status") as status:
        posix.write(2, [line for line in status if line.startswith("VmHWM")][0].encode())
    leave(code)
posix._exit = told
"""


def peak_kib(case: Case, environment: dict[str, str]) -> int:
    """Return the peak memory in KiB that a run reads of itself when it is about to leave."""
    python, *rest = case.command
    if rest[2:3] == ["-c"]:
        body = "told(0)"
    else:
        start = "exec(compile(open(__file__).read(), __file__, 'exec'))"
        loader = "sys.modules['_frozen_importlib_external'].SourceFileLoader('__main__', __file__)"
        body = f"sys.argv[:] = {rest[2:]!r}\n__file__ = {rest[2]!r}\n__loader__ = {loader}\n{start}"
    peak = subprocess.run(
        [python, "-I", "-S", "-c", PEAK + body],
        input=case.payload,
        capture_output=True,
        env=environment,
        cwd=case.cwd,
        check=True,
    )
    return int(peak.stderr.split()[1])


def door_with(config: str, folder: Path, python: str, door: Path) -> list[str]:
    """Return the words that draw the line by a configuration."""
    file = folder / "chosen.json"
    file.write_text(config)
    return [python, "-I", "-S", str(door), "--config", str(file)]


def named(words: str) -> tuple[str, str]:
    """Return the name and the command line of what is to be timed besides."""
    name, _, command = words.partition("=")
    return name, command


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--against", metavar="NAME=COMMAND", action="append", default=[], help="time this, too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, now = Path(scratch), int(time.time())
        door, work = lay_out(folder / "package", args.python), checkout(folder / "work")
        full = filled_cache(folder / "cache", now)
        cold = [args.python, "-I", "-S", str(door), "--config", str(folder / "config.json")]
        both, bare = payload(now, limits=True, cwd=work), payload(now, limits=False, cwd=work)
        cases = [
            Case("bare interpreter", [args.python, "-I", "-S", "-c", "pass"], both, work),
            Case("tick", [*cold, "--cache", str(full)], both, work),
            Case("numbers only in the cache", [*cold, "--cache", str(full)], bare, work),
            Case("numbers only on stdin", cold, both, work),
            Case("preset full", [*door_with(FULL, folder, args.python, door), "--cache", str(full)], both, work),
            *(Case(name, shlex.split(words), both, work) for name, words in map(named, args.against)),
        ]
        environment = {"HOME": scratch, "PATH": "/usr/bin:/bin", "COLUMNS": "120", "LANG": "C.UTF-8"}
        report(measure(cases, args.rounds, environment))
        if Path("/proc/self/status").exists():
            peaks = {case.name: peak_kib(case, environment) for case in cases if "-I" in case.command}
            for name, kib in peaks.items():
                more = kib - peaks["bare interpreter"]
                print(f"{name:28}{kib / 1024:8.2f} MiB peak{more / 1024:+8.2f}")


if __name__ == "__main__":
    main()
