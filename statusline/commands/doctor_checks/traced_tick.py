"""One tick with the readable files, and the tracebacks of its failures: run by ``doctor --trace``.

Takes ``--cache DIR --config FILE`` and a payload on standard input, as the line does; prints one JSON object:
``row`` and ``failures``, a list of tracebacks. Writes no file and starts nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.append(os.path.abspath(__file__).rpartition("/statusline/commands/")[0])


def main(argv: list[str]) -> None:
    """Run the tick with its isolated parts, and print the result."""
    failures: list[BaseException] = []
    row = ""
    try:
        from statusline import attempt as kept  # noqa: PLC0415 - any of our files may be torn

        failures = kept.FAILURES
        from statusline.tick import tick  # noqa: PLC0415

        row, starts = tick(argv, time.time())
        for start in starts:
            kept.attempt(start)
    except Exception as error:  # noqa: BLE001 - any failure is to be reported
        failures.append(error)
    print(json.dumps({"row": row, "failures": [text_of(each) for each in failures]}))


def text_of(error: BaseException) -> str:
    """Return the traceback as Python prints it."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def write_no_file() -> None:
    """Make every write to a file fail: the payload must not change the kept numbers."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    write_no_file()
    main(sys.argv[1:])
