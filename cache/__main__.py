"""The entry point of the refresher: a tick starts it as a detached process, one for each job."""

import contextlib
import gc
import os
import stat
import sys

AT_MOST = 1 << 20  # bytes; a pipe holds 64 KiB
BUSY = 3  # exit code
# They are less urgent than what else starts with a session: the first numbers come sooner without them in the way.
LESS_URGENT = {"transcripts": 5, "sessions": 5}  # niceness

# Python looks for cycles after every 700 new objects, which takes 5 % of a process as short as this.
gc.set_threshold(100_000)
# We inherit all open files of the tick; a pipe kept open would keep its reader waiting.
os.closerange(3, 4096)
os.chdir("/")
os.umask(0o077)
# Our packages come after the standard library and before packages of the same name in site-packages.
sys.path.insert(
    1 + max((at for at, path in enumerate(sys.path) if path == os.path.dirname(os.__file__)), default=-1),
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
)


def main(argv: list[str]) -> int:
    """Run the job named first; the rest are pairs such as ``--cache DIR``."""
    from pathlib import Path  # noqa: PLC0415 - the path to our packages is set just above

    options = {name.removeprefix("--"): value for name, value in zip(argv[1::2], argv[2::2], strict=False)}
    if argv[0] == "debug":
        from cache.refresh.log import note_failures  # noqa: PLC0415

        note_failures(options["file"], options["report"])
        return 0
    from cache.refresh import runner  # noqa: PLC0415
    from cache.refresh.slot import Slot  # noqa: PLC0415
    from cache.work.request import Request  # noqa: PLC0415
    from cache.work.session_environment import ignore_project  # noqa: PLC0415

    with contextlib.suppress(AttributeError, OSError):  # not on Windows; a sandbox may refuse it
        os.nice(LESS_URGENT.get(argv[0], 0))
    ignore_project(os.environ, options.get("project", ""), options.get("directory", ""))
    cache, config = Path(options.pop("cache")), Path(options.pop("config", ""))
    with Slot(cache, options.pop("slot", "")) as slot:
        if not slot.renew():  # we took so long to start that another refresher has it
            return BUSY
        runner.limit(runner.limit_of(argv[0]))
        request = Request(argv[0], cache, config, options=options, stdin=read_stdin())
        outcome = runner.refresh(request)
        slot.renew()  # what follows has its own time limit
        runner.follow_up(request, outcome)
    return outcome.exit_code


def read_stdin() -> bytes:
    """Return what the tick has put into the pipe on standard input; its writer has closed it already."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return b""
    data = b""
    while len(data) < AT_MOST and (chunk := os.read(0, AT_MOST)):
        data += chunk
    return data


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # an abandoned request may still hang in a thread
