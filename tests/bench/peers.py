"""How long other status lines take, next to hudline: the same message, repository and transcripts for all.

    python tests/bench/peers.py [--rounds 60] [--folder DIR] [--files 100000] [--megabytes 60] [--write-readme]

Installs each from its published package into a folder, as its documentation says, with its own HOME there, and
hudline with its `install.sh`, which may choose a quicker Python than the one of the others. Then it runs them without a
network, as Claude Code does (by a shell, with the message on standard input): first until each has had time to fill its
caches, then in interleaved rounds. Small is a repository of 30 files and a transcript of 200 KB. Large has the sizes
above.

Shows the row of each, then median, p95 and CPU (with that of the programs it waits for) and the median relative to
hudline. What cannot be installed is listed with the reason. With ``--write-readme`` the table replaces the one in the
README. A ``--folder`` is kept: a second run installs nothing. It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.large_world import repository  # noqa: E402 - found through the line above
from tests.bench.peer_packages import (  # noqa: E402
    PEERS,
    Installed,
    Peer,
    complaint,
    install,
    install_all,
    install_ours,
    leftovers,
    stop_leftovers,
)
from tests.bench.process_cost import Times, machine_class, percentile, run_timed  # noqa: E402
from tests.bench.tick import payload  # noqa: E402
from tests.bench.working_sessions import fill_transcript  # noqa: E402

README = ROOT / "README.md"
BEGIN, END = "<!-- tests/bench/peers.py -->\n", "<!-- end -->\n"
SESSION = "0b9c1f9e-3c1c-4f5e-9a53-0e3c4d3c2b1a"
WARM_S, WARM_RUNS = 6, 5  # the least time and number of runs before the first round
AT_MOST_S = 20
SHORT_S = 4  # after this, what still runs is a daemon
COLORS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b\a]*(?:\x1b\\|\a)")


@dataclass
class World:
    """A repository and a transcript, the message about them, and a git that notes that it was called."""

    name: str
    work: Path
    log: Path
    given: bytes
    noting: Path

    def show_to(self, line: Installed) -> None:
        """Put the transcript where a status line looks for it, and nothing else."""
        projects = line.home / ".claude" / "projects"
        shutil.rmtree(projects, ignore_errors=True)
        place = projects / re.sub("[^A-Za-z0-9]", "-", str(self.work))
        place.mkdir(parents=True)
        (place / self.log.name).hardlink_to(self.log)


def make_world(folder: Path, name: str, files: int, size: int) -> World:
    """Make a repository with so many files and a transcript of so many bytes."""
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    (place / "git").mkdir(parents=True)
    work, log = repository(place / "work", files), place / f"{SESSION}.jsonl"
    fill_transcript(log, SESSION, size, time.time())
    given = json.loads(payload(int(time.time()), limits=True, cwd=work))
    given |= {"session_id": SESSION, "transcript_path": str(log)}
    given["workspace"]["project_dir"] = str(work)
    noting = place / "git" / "git"
    called, git = shlex.quote(str(place / "called")), shlex.quote(shutil.which("git") or "git")
    noting.write_text(f'#!/bin/sh\necho "$HOME" >> {called}\nexec {git} "$@"\n')
    noting.chmod(0o755)
    return World(name, work, log, json.dumps(given).encode() + b"\n", noting)


def run_once(line: Installed, world: World, output: int | None = None, *, noted: bool = False) -> Times:
    """Run a status line as Claude Code does."""
    environment = line.environment()
    if noted:
        environment["PATH"] = f"{world.noting.parent}:{environment['PATH']}"
    return run_timed(["/bin/sh", "-c", line.command], environment, world.work, world.given, output)


def warm_up(lines: Sequence[Installed], world: World) -> list[Installed]:
    """Run each until its caches are full, and keep its row and what it does; return those that print none."""
    until, number = time.monotonic() + WARM_S, 0
    for line in lines:
        world.show_to(line)
        os.utime(world.log, (0, world.log.stat().st_mtime))  # a read then changes the time of the last access
        for _ in range(2):
            run_once(line, world, noted=True)
        line.reads[world.name] = world.log.stat().st_atime > 0
    while number < WARM_RUNS or time.monotonic() < until:
        for line in lines:
            run_once(line, world, noted=True)
        number += 1
        time.sleep(0.3)
    called = (world.log.parent / "called").read_text().split() if (world.log.parent / "called").exists() else []
    for line in lines:
        line.asks_git[world.name] = str(line.home) in called
        with tempfile.TemporaryFile() as output:
            times = run_once(line, world, output.fileno())
            output.seek(0)
            line.rows[world.name] = output.read().decode("utf-8", "replace").rstrip()
        if times.code or not COLORS.sub("", line.rows[world.name]).strip():
            line.trouble = trouble_of(line, world)
    return [line for line in lines if line.trouble]


def trouble_of(line: Installed, world: World) -> str:
    """Return why a status line prints nothing, in its own words."""
    words = ["/bin/sh", "-c", line.command]
    done = subprocess.run(
        words,
        input=world.given,
        env=line.environment(),
        cwd=world.work,
        capture_output=True,
        timeout=AT_MOST_S,
        check=False,
    )
    return complaint(f"exits with {done.returncode}", done.stderr.decode("utf-8", "replace"))


def measure(lines: Sequence[Installed], world: World, rounds: int) -> None:
    """Measure in interleaved rounds."""
    for _ in range(rounds):
        for line in lines:
            line.taken.setdefault(world.name, []).append(run_once(line, world))


class Numbers(NamedTuple):
    """Milliseconds of one status line in one world, and its median against hudline's."""

    median: float
    p95: float
    cpu: float
    ratio: float


def numbers_of(line: Installed, ours: Installed, world: str) -> Numbers:
    """Return what a status line took in a world."""
    walls, cpus = zip(*((times.wall_s * 1e3, times.cpu_s * 1e3) for times in line.taken[world]), strict=True)
    base = statistics.median(times.wall_s * 1e3 for times in ours.taken[world])
    median = statistics.median(walls)
    return Numbers(median, percentile(walls), statistics.median(cpus), median / base)


def report(lines: Sequence[Installed], worlds: Sequence[str], missing: dict[str, str]) -> None:
    """Print the rows, the numbers, and what is missing."""
    ours = lines[0]
    for world in worlds:
        print(f"\n{world}")
        for line in lines:
            for row in line.rows[world].splitlines():
                print(f"  {line.name:18}{COLORS.sub('', row)}")
        print(f"{'':20}{'version':>10}{'median':>10}{'p95':>10}{'CPU':>10}{'ratio':>8}  in the foreground")
        for line in lines:
            median, p95, cpu, ratio = numbers_of(line, ours, world)
            does = [*["git"] * line.asks_git[world], *["transcript"] * line.reads[world]] if line is not ours else []
            times = "".join(f"{value:8.1f}ms" for value in (median, p95, cpu))
            daemon = "a daemon in the background" if line.stays else ""
            print(f"{line.name:20}{line.version:>10}{times}{ratio:8.2f}  {', '.join(filter(None, [*does, daemon]))}")
        others = [numbers_of(line, ours, world).ratio for line in lines[1:]]
        at_work = [line for line in lines[1:] if line.asks_git[world] or line.reads[world]]
        working = [numbers_of(line, ours, world).ratio for line in at_work]
        if others:
            print(f"the quickest other one takes {min(others):.2f} times as long as hudline", end="")
            print(f", of those that run git or read the transcript {min(working):.2f} times" if working else "")
    for name, why in missing.items():
        print(f"{name}: not measured, {why}")


def table(lines: Sequence[Installed], sizes: dict[str, str], missing: dict[str, str], command: str) -> str:
    """Return the table for the README, with what it was measured on."""
    ours = lines[0]
    heads = [head for text in sizes.values() for head in (text, "relative", "CPU")]
    rows = [f"| status line | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    first = next(iter(sizes))
    for line in sorted(lines, key=lambda each: numbers_of(each, ours, first).median):
        cells = []
        for world in sizes:
            median, _, cpu, ratio = numbers_of(line, ours, world)
            cells += [f"{median:.0f} ms" if median >= 100 else f"{median:.1f} ms", f"{ratio:.2f}", f"{cpu:.0f} ms"]
        name = f"{line.name} {line.version} ({line.language}{', with a daemon' if line.stays else ''})"
        bold = "**" if line is ours else ""
        rows.append("| " + " | ".join(f"{bold}{cell}{bold}" for cell in (name, *cells)) + " |")
    said = f"Medians of whole processes in interleaved runs, from `{command}` ({machine_class()})."
    if " " in ours.language:  # with its version, where it differs
        said += f" hudline's `install.sh` chose {ours.language}, which starts quicker."
    if missing:
        said += " Not measured: " + "; ".join(f"{name} ({why})" for name, why in missing.items()) + "."
    return "\n".join([*rows, "", textwrap.fill(said, 120, break_long_words=False)]) + "\n"


def write_readme(text: str, readme: Path = README) -> None:
    """Replace what is between the markers."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{readme.name} has no {BEGIN.strip()} ... {END.strip()}")
    readme.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


def without_network() -> list[str]:
    """Return the words before a command that give it no network, none where that is impossible."""
    for words in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        program = shutil.which(words[0])
        if program and subprocess.run([program, *words[1:], "true"], check=False, capture_output=True).returncode == 0:
            return [program, *words[1:]]
    return []


def compare(lines: list[Installed], worlds: Sequence[World], rounds: int) -> dict[str, str]:
    """Measure in all worlds; take those that print nothing off the list, and return why."""
    trouble: dict[str, str] = {}
    for world in worlds:
        for line in warm_up(lines, world):
            trouble[line.name] = line.trouble
            lines.remove(line)
        measure(lines, world, rounds)
    time.sleep(SHORT_S)
    for line in lines:
        line.stays = any(leftovers(line.home))
    return trouble


def measure_all(args: argparse.Namespace, folder: Path, peers: Sequence[Peer] = PEERS) -> None:
    """Measure what is installed in a folder, and print."""
    missing = json.loads((folder / "missing.json").read_text())
    lines = [install_ours(folder), *(install(peer, folder) for peer in peers if peer.name not in missing)]
    large = int(args.megabytes * 1e6)
    sizes = {
        "small": ("small", 30, 200_000),
        "large": (f"{args.files:,} files, {args.megabytes:g} MB", args.files, large),
    }
    worlds = [make_world(folder, name, files, size) for name, (_, files, size) in sizes.items()]
    try:
        missing |= compare(lines, worlds, args.rounds)
    finally:
        stop_leftovers(folder)
    report(lines, list(sizes), missing)
    if args.write_readme:
        heads = {name: head for name, (head, *_) in sizes.items()}
        write_readme(table(lines, heads, missing, "python tests/bench/peers.py"))


def run(args: argparse.Namespace, folder: Path) -> None:
    """Install, then measure in a process without a network."""
    folder.mkdir(parents=True, exist_ok=True)
    install_ours(folder)
    _, missing = install_all(folder, PEERS)
    (folder / "missing.json").write_text(json.dumps(missing))
    words = [*without_network(), sys.executable, __file__, *sys.argv[1:], "--folder", str(folder), "--installed"]
    subprocess.run(words, check=True)


def main() -> None:
    """Install, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="where to install; it is kept")
    parser.add_argument("--files", type=int, default=100_000, help="in the large repository")
    parser.add_argument("--megabytes", type=float, default=60, help="of the large transcript")
    parser.add_argument("--write-readme", action="store_true")
    parser.add_argument("--installed", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.installed:
        measure_all(args, args.folder)
    elif args.folder:
        run(args, args.folder.absolute())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            run(args, Path(scratch))


if __name__ == "__main__":
    main()
