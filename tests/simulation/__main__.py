"""``python -m tests.simulation``: run every event with fresh seeds and print the table.

Name scenarios to run only those; ``--seed`` repeats a run, ``--removed`` runs it without one of the rules.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time

from tests.simulation.removed import REMOVED
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.subjects import SUBJECTS
from tests.simulation.table import Job, lines, run_all


def main() -> int:
    """Return 1 where a number was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="default: all")
    parser.add_argument("--subject", choices=SUBJECTS, default="program")
    parser.add_argument("--seeds", type=int, default=20, help="how many of each scenario (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the first one; default: fresh ones")
    parser.add_argument("--removed", choices=REMOVED, default="", help="without this rule")
    parser.add_argument("--quick", action="store_true", help="six hours of each, as the tests run them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    options = parser.parse_args()
    unknown = set(options.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    first, began = secrets.randbelow(10**6) if options.seed is None else options.seed, time.monotonic()
    jobs = [
        Job(name, seed, options.subject, options.removed, options.quick)
        for name in options.scenarios or SCENARIOS
        for seed in range(first, first + options.seeds)
    ]
    rows = run_all(jobs, options.jobs)
    for line in lines(rows.values(), with_examples=True):
        print(line)
    print(f"{options.subject}, seeds from {first}, {time.monotonic() - began:.0f} s with {options.jobs} processes")
    return int(any(row.violations for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
