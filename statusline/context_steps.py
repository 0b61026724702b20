"""How full the context of each session is, in steps, for `statusline hint`: kept only where that is turned on."""

from cache.model.files import read_file
from cache.model.jsonio import dump_json, mapping, parse_json, whole
from cache.model.layout import CONTEXT_FILE
from cache.model.lazy import further_module
from cache.model.windows import reaches
from cache.readings.snapshot import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.payload import Session

CONTEXT_STEPS = (70, 80, 90)  # percent
SESSIONS_AT_MOST = 64
SESSION_ID_AT_MOST = 200  # characters that count
SCHEMA_OF_CONTEXT = 1


def context_step(percent: "float") -> "int":
    """Return the highest step that a percentage has reached, 0 below the first one."""
    return max([step for step in CONTEXT_STEPS if reaches(percent, step)], default=0)


def session_key(session_id: "str") -> "str":
    """Return what stands for a session in our files: a hash of its id."""
    return f"{fingerprint(session_id[:SESSION_ID_AT_MOST]):016x}"


def read_context_steps(place: "str") -> "dict[str, tuple[int, int]]":
    """Return step and size of the window in tokens by `session_key`, the latest session last; empty if damaged.

    ``place`` is the folder of a config directory's files.
    """
    try:
        fields = mapping(parse_json((read_file(f"{place}/{CONTEXT_FILE}", ours=True) or b"").decode()))
    except ValueError:
        return {}
    rows = mapping(fields.get("sessions")) if fields.get("schema") == SCHEMA_OF_CONTEXT else {}
    found = {}
    for key, row in list(rows.items())[-SESSIONS_AT_MOST:]:
        step, size = map(whole, row) if isinstance(row, list) and len(row) == 2 else (None, None)
        if step is not None and size is not None:
            found[key[:16]] = (step, size)
    return found


def keep_context(session: "Session", place: "str") -> "None":
    """Write down the step that a session's context is at, if it is another than before; below the first one, forget it.

    A larger model or a compaction can empty the context while the transcript still ends with the answer before it.
    Of two overlapping ticks the second may lose its step; the next tick of that session writes it.
    """
    session_id, percent = session.words("session_id"), session.context_percent
    if session_id is None or percent is None:
        return
    key, step, rows = session_key(session_id), context_step(percent), read_context_steps(place)
    own = {key: (step, session.count("context_window", "context_window_size"))} if step else {}
    if rows.pop(key, None) != own.get(key):
        kept = {**dict(list(rows.items())[1 - SESSIONS_AT_MOST :]), **own}
        data = dump_json({"schema": SCHEMA_OF_CONTEXT, "sessions": kept}).encode()
        further_module("cache.readings.writer").replace_whole(f"{place}/{CONTEXT_FILE}", data)
