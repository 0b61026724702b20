"""Whether a tick takes longer where there is more of something: transcript, repository, sessions, history, and so on.

    python tests/bench/growth.py [--rounds 200] [--python PATH] [--quick] [--write]

Each of them grows alone while the others stay small; all ticks are measured in one interleaved run. Prints for each the
largest size against the smallest, and by how much a tick grows from the smallest to the largest: the slope of a line
through the medians of the sizes, evenly spaced, with its 95 % confidence interval (bootstrap over the rounds). With
``--write``, the numbers go into the file of the README's picture. It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cache.model.entry import Entry  # noqa: E402 - found through the line above
from cache.readings.reading import Reading  # noqa: E402
from cache.readings.store import directory_in, read_readings  # noqa: E402
from cache.readings.writer import write_readings  # noqa: E402
from tests.bench.large_world import SMALL, world  # noqa: E402
from tests.bench.process_cost import machine_class  # noqa: E402
from tests.bench.tick import Case, measure  # noqa: E402
from tests.support.package_layout import lay_out  # noqa: E402

KEPT = ROOT / "tests" / "data" / "growth.json"
RESAMPLES = 1000
BARE = "bare interpreter"
MIB = 1 << 20


@dataclass(frozen=True)
class Sweep:
    """What grows, in words for a person, and its sizes; the first is that of the small world.

    ``field`` is that of `Size`, or one of this file: ``settings`` and ``accounts``.
    """

    field: str
    unit: str
    sizes: tuple[int, ...]
    scale: int = 1

    def case(self, size: int) -> str:
        """Return the name of a case."""
        return f"{size} {self.unit}"


SWEEPS = (
    Sweep("megabytes", "MB of transcript", (0, 10, 100, 1000)),
    Sweep("files", "files in the repository", (30, 1000, 10_000, 100_000)),
    Sweep("sessions", "sessions", (1, 10, 100, 500)),
    Sweep("history", "MB of history", (0, 5, 50), MIB),
    Sweep("settings", "prices in the configuration", (0, 40, 400)),
    Sweep("accounts", "accounts", (1, 5, 20)),
)
QUICK = ((0, 5), (30, 200), (1, 4), (0, 1), (0, 20), (1, 3))


class Growth(NamedTuple):
    """What became of a tick in a sweep: medians in ms by size, largest against smallest, the slope and its bounds.

    The slope is the change from the smallest to the largest, in percent of the smallest.
    """

    medians: list[float]
    ratio: float
    slope: float
    low: float
    high: float


def make_case(sweep: Sweep, size: int, folder: Path, door: Path, python: str) -> Case:
    """Return the tick in a world that has so much of one thing, and little of everything else."""
    asked = replace(SMALL, **{sweep.field: size * sweep.scale}) if hasattr(SMALL, sweep.field) else SMALL
    cache, given = world(folder, asked, int(time.time()))
    settings = size if sweep.field == "settings" else 0
    if sweep.field == "accounts":
        know_accounts(cache, size - 1)
    config = folder / "config.json"
    config.write_text(json.dumps({"prices": {f"model-{number}": {"input": 1} for number in range(settings)}}))
    command = [python, "-I", "-S", str(door), "--cache", str(cache), "--config", str(config)]
    return Case(sweep.case(size), command, given, folder / "work", folder)


def know_accounts(cache: Path, more: int) -> None:
    """Let the cache know further accounts, each with a login in a config directory and an answer of the endpoint."""
    readings, now = read_readings(str(cache)), time.time()
    if readings is None:
        raise SystemExit("the world has no readings")
    (cache / "accounts").mkdir(exist_ok=True)
    for number in range(more):
        account = f"{number:032x}"
        directory = directory_in(readings, f"%2Fhome%2Fuser%2F{number}")
        directory.account, directory.state_mark = account, [0, 0]
        five, week = (float(number), int(now) + 7000 + number), (9.0, int(now) + 90_000)
        limits: dict[str, tuple[float, int | None]] = {"five_hour": five, "seven_day": week}
        directory.owner(account).add(Reading(now, now, "p1", limits, "oauth", dated=True))
        write_readings(str(cache), readings, directory.name, directory, now)
        (cache / "accounts" / f"{account}.json").write_text(Entry({}, int(now), int(now) + 3600).to_text())


def growth_of(columns: Sequence[Sequence[float]], resamples: int = RESAMPLES) -> Growth:
    """Return the growth over the seconds of each size; the n-th of every column are of one round."""
    rng = random.Random(1)
    rounds = list(zip(*columns, strict=True))
    slopes = sorted(slope_of(rng.choices(rounds, k=len(rounds))) for _ in range(resamples))
    medians = [statistics.median(column) for column in columns]
    edge = int(resamples * 0.025)
    return Growth(
        [median * 1e3 for median in medians],
        medians[-1] / medians[0],
        slope_of(rounds),
        slopes[edge],
        slopes[-1 - edge],
    )


def slope_of(rounds: Sequence[Sequence[float]]) -> float:
    """Return the slope of a line through the medians of evenly spaced sizes, over all of them, in percent."""
    medians: list[float] = [statistics.median(column) for column in zip(*rounds, strict=True)]
    places = [number / (len(medians) - 1) for number in range(len(medians))]
    return float(statistics.linear_regression(places, medians).slope) / medians[0] * 100


def run_sweeps(
    sweeps: Sequence[Sweep], rounds: int, folder: Path, door: Path, python: str
) -> tuple[float, dict[Sweep, Growth]]:
    """Measure all sizes in one interleaved run; return the median of the bare interpreter in ms, and each growth."""
    cases = {}
    for sweep in sweeps:
        for number, size in enumerate(sweep.sizes):
            print(f"making a world with {sweep.case(size)}", file=sys.stderr)
            cases[sweep, size] = make_case(sweep, size, folder / f"{sweep.field[:4]}{number}", door, python)
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "160", "LANG": "C.UTF-8"}
    environment["STATUSLINE_START"] = "off"  # no refresher runs beside what is measured
    bare = Case(BARE, [python, "-I", "-S", "-c", "pass"], b"", folder)
    taken = measure([bare, *cases.values()], rounds, environment)
    found = {sweep: growth_of([taken[cases[sweep, size].name] for size in sweep.sizes]) for sweep in sweeps}
    return statistics.median(taken[BARE]) * 1e3, found


def report(bare: float, found: dict[Sweep, Growth]) -> None:
    """Print a row per sweep, and the medians."""
    print(f"{BARE} {bare:.2f} ms")
    print(f"{'':30}{'largest/smallest':>17}{'growth':>9}  95 % interval")
    for sweep, growth in found.items():
        interval = f"{growth.low:+.1f} % to {growth.high:+.1f} %"
        print(f"{sweep.unit:30}{growth.ratio:17.3f}{growth.slope:+8.1f}%  {interval}")
        pairs = zip(sweep.sizes, growth.medians, strict=True)
        print("  " + ", ".join(f"{size:,}: {median:.2f} ms" for size, median in pairs))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it")
    parser.add_argument("--write", action="store_true", help=f"keep the numbers in {KEPT.relative_to(ROOT)}")
    args = parser.parse_args()
    sweeps = [replace(sweep, sizes=few) for sweep, few in zip(SWEEPS, QUICK, strict=True)] if args.quick else SWEEPS
    with tempfile.TemporaryDirectory() as scratch:
        door = lay_out(Path(scratch) / "package", args.python)
        bare, found = run_sweeps(sweeps, args.rounds, Path(scratch), door, args.python)
    report(bare, found)
    if args.write:
        rows = [{"unit": sweep.unit, "sizes": sweep.sizes, **growth._asdict()} for sweep, growth in found.items()]
        text = json.dumps({"measured": machine_class(), "rounds": args.rounds, "bare": bare, "sweeps": rows}, indent=1)
        KEPT.write_text(text + "\n")


if __name__ == "__main__":
    main()
