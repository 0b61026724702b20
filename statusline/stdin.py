"""Reading Claude Code's payload from standard input, without waiting for an end that may not come."""

from cache.model.jsonio import parse_json
from cache.model.osapi import system

WAIT_S = 0.3  # seconds in total; Claude Code writes its object before we start
PAYLOAD_AT_MOST = 1 << 20  # bytes; Claude Code sends a few kilobytes

WAITED_FOR: "list[int]" = []  # where standard input is once the time is up

_CHUNK = 1 << 16


def read_payload() -> "object":
    """Return the JSON value on standard input, None where there is none that can be read."""
    try:
        facts = system.fstat(0)
        kind = facts.st_mode & 0o170000
        if kind == 0o100000:
            return _value_in(system.read(0, min(facts.st_size, PAYLOAD_AT_MOST) + 1))
        return None if kind == 0o020000 and system.isatty(0) else _read_stream()
    except OSError:
        return None


def _read_stream() -> "object":
    """Read until the end, a whole object, the limit or the timeout; the descriptor's flags stay as they are.

    An alarm ends the wait: its module is part of the interpreter, while importing `select` takes a sixtieth of a
    start. Windows has no alarms; there a whole object ends the wait.
    """
    import _signal as signals  # type: ignore[import-not-found]  # noqa: PLC0415 - `signal` brings `enum`

    data, value, can_ring = b"", None, hasattr(signals, "setitimer")
    try:
        if can_ring:
            signals.signal(signals.SIGALRM, _ring)
            signals.pthread_sigmask(signals.SIG_UNBLOCK, [signals.SIGALRM])
            signals.setitimer(signals.ITIMER_REAL, WAIT_S)
        while value is None and len(data) <= PAYLOAD_AT_MOST:
            chunk = _read_chunk()
            data += chunk
            # Parse only when a chunk ends like an object: end-of-file may never come.
            if not chunk or chunk.rstrip().endswith(b"}"):
                value = _value_in(data)
            if not chunk:
                break
    finally:
        if can_ring:
            signals.setitimer(signals.ITIMER_REAL, 0)
    return _value_in(_with_the_rest(data)) if value is None and WAITED_FOR else value


def _ring(_signal: "int", _frame: "object") -> "None":
    """End the wait: from now on standard input is empty. To raise would lose what had been read just before."""
    WAITED_FOR.append(system.dup(0))
    system.dup2(system.open("/dev/null", system.O_RDONLY), 0)


def _with_the_rest(data: "bytes") -> "bytes":
    """Return the data with what else has arrived: a busy machine can delay even the first read beyond the alarm."""
    from select import select  # noqa: PLC0415 - rarely needed

    while len(data) <= PAYLOAD_AT_MOST and select(WAITED_FOR, [], [], 0)[0]:
        chunk = system.read(WAITED_FOR[0], _CHUNK)
        data += chunk
        if not chunk:
            break
    return data


def _read_chunk() -> "bytes":
    """Return what has arrived, as soon as there is some; a descriptor that others set non-blocking works, too."""
    while True:
        try:
            return system.read(0, _CHUNK)
        except BlockingIOError:
            from select import select  # noqa: PLC0415 - rarely needed

            select([0], [], [], WAIT_S)


def _value_in(data: "bytes") -> "object":
    """Return the JSON value in the data, None where it is incomplete or too large."""
    if not data or len(data) > PAYLOAD_AT_MOST:
        return None
    try:
        return parse_json(data.decode("utf-8", "replace"))
    except ValueError:
        return None
