"""The refresher's door: a tick starts it detached, one job a process, and forgets it."""

import os
import stat
import sys

AT_MOST = 1 << 20  # bytes; a pipe holds 64 KiB

# Whatever the tick had open was handed down to us; a pipe that we held would keep its reader waiting.
os.closerange(3, 4096)
os.chdir("/")
os.umask(0o077)
# Our packages, before any of the same name that site-packages holds, and behind the standard library.
sys.path.insert(
    1 + max((at for at, path in enumerate(sys.path) if path == os.path.dirname(os.__file__)), default=-1),
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
)


def main(argv: list[str]) -> int:
    """Do the job named first; the rest are pairs such as ``--cache DIR``."""
    from pathlib import Path  # noqa: PLC0415 - the path to our packages is set just above

    options = {name.removeprefix("--"): value for name, value in zip(argv[1::2], argv[2::2], strict=False)}
    if argv[0] == "debug":
        from cache.refresh.log import note_failures  # noqa: PLC0415

        note_failures(options["file"], options["report"])
        return 0
    from cache.refresh import runner  # noqa: PLC0415
    from cache.work.request import Request  # noqa: PLC0415

    cache, config = Path(options.pop("cache")), Path(options.pop("config", ""))
    runner.limit(runner.limit_of(argv[0]))
    request = Request(argv[0], cache, config, options=options, stdin=read_stdin())
    outcome = runner.refresh(request)
    runner.follow_up(request, outcome)
    return outcome.exit_code


def read_stdin() -> bytes:
    """Return what the tick put into a pipe for us; all of it is there already, and its writer has gone."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return b""
    data = b""
    while len(data) < AT_MOST and (chunk := os.read(0, AT_MOST)):
        data += chunk
    return data


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # a request that was given up may still hang in a thread
