"""``python -m tests.simulation``: run every event with fresh seeds and print the table.

Name scenarios to run only those. ``--seed`` repeats a run; ``--removed`` runs it without one of the rules, and
``--each-removed`` runs, for each rule, the scenario that is wrong without it.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tests.simulation.removed import REMOVED
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.subjects import SUBJECTS
from tests.simulation.table import Job, lines, lines_without, run_all


def main() -> int:
    """Return 1 where a number was wrong, or with ``--each-removed`` where none was."""
    options = _options()
    first = secrets.randbelow(10**6) if options.seed is None else options.seed
    options.seeds_of_all = range(first, first + options.seeds)
    began = time.monotonic()
    failed = _print_removed(options) if options.each_removed else _print_table(options)
    print(f"{options.subject}, seeds from {first}, {time.monotonic() - began:.0f} s with {options.jobs} processes")
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="default: all")
    parser.add_argument("--subject", choices=SUBJECTS, default="program")
    parser.add_argument("--compare", action="store_true", help="tell what the reference shows in gaps, too")
    parser.add_argument("--seeds", type=int, default=20, help="how many of each scenario (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the first one (default: fresh ones)")
    parser.add_argument("--removed", choices=REMOVED, default="", metavar="RULE", help="without this rule")
    parser.add_argument("--each-removed", action="store_true", help="without each of the rules in turn")
    parser.add_argument("--quick", action="store_true", help="six hours of each, as the tests run them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    options = parser.parse_args()
    unknown = set(options.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return options


def _print_table(options: argparse.Namespace) -> bool:
    jobs = [
        Job(name, seed, options.subject, options.removed, options.quick)
        for name in options.scenarios or SCENARIOS
        for seed in options.seeds_of_all
    ]
    others = [replace(job, subject="reference") for job in jobs] if options.compare else []
    rows = run_all([*jobs, *others], options.jobs)
    shown = [rows[name, options.subject, options.removed] for name in dict.fromkeys(job.scenario for job in jobs)]
    _print(lines(shown, {job.scenario: rows[job.key] for job in others}))
    return any(row.violations for row in shown)


def _print_removed(options: argparse.Namespace) -> bool:
    jobs = [
        Job(removed.scenario, seed, options.subject, rule, options.quick)
        for rule, removed in REMOVED.items()
        for seed in options.seeds_of_all
    ]
    rows = run_all(jobs, options.jobs)
    shown = {rule: rows[removed.scenario, options.subject, rule] for rule, removed in REMOVED.items()}
    _print(lines_without(shown))
    return not all(row.violations[REMOVED[rule].kind] for rule, row in shown.items())


def _print(text: Iterable[str] | Iterator[str]) -> None:
    for line in text:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
