"""What Claude Code hands over: read without waiting for an end that may not come."""

from cache.system import system
from cache.wire import parse_json

WAIT_S = 0.3  # seconds in all; Claude Code's object is there before we are
PAYLOAD_AT_MOST = 1 << 20  # bytes; a larger one is not Claude Code's

_CHUNK = 1 << 16


def read_payload() -> "object":
    """Return the JSON value on standard input, None where there is none that can be read."""
    try:
        mode = system.fstat(0).st_mode & 0o170000
        if mode == 0o020000 and system.isatty(0):
            return None
        data = _read_regular() if mode == 0o100000 else _read_stream()
    except OSError:
        return None
    if not data or len(data) > PAYLOAD_AT_MOST:
        return None
    try:
        return parse_json(data.decode("utf-8", "replace"))
    except ValueError:
        return None


def _read_regular() -> "bytes":
    return system.read(0, PAYLOAD_AT_MOST + 1)


def _read_stream() -> "bytes":
    """Read until the end, a whole object, too much, or the time is up; the descriptor's flags stay as they are.

    An alarm ends the wait: its module is part of the interpreter, while `select` is a file, whose import takes a
    sixtieth of a start. Windows has no alarms; there a whole object is what ends it.
    """
    import _signal as signals  # type: ignore[import-not-found]  # noqa: PLC0415 - `signal` brings `enum`

    data, can_ring = b"", hasattr(signals, "setitimer")
    try:
        if can_ring:
            signals.signal(signals.SIGALRM, _ring)
            signals.pthread_sigmask(signals.SIG_UNBLOCK, [signals.SIGALRM])
            signals.setitimer(signals.ITIMER_REAL, WAIT_S)
        while len(data) <= PAYLOAD_AT_MOST:
            chunk = system.read(0, _CHUNK)
            data += chunk
            if not chunk or _is_whole(data, chunk):
                break
    except TimeoutError:
        pass  # what has come may be of use
    finally:
        if can_ring:
            signals.setitimer(signals.ITIMER_REAL, 0)
    return data


def _ring(_signal: "int", _frame: "object") -> "None":
    raise TimeoutError


def _is_whole(data: "bytes", chunk: "bytes") -> "bool":
    """Say whether an object has ended; only looked at where a chunk ends like one (on Windows no end-of-file comes)."""
    if not chunk.rstrip().endswith(b"}"):
        return False
    try:
        parse_json(data.decode("utf-8", "replace"))
    except ValueError:
        return False
    return True
