"""What the jobs for the transcript and the person's commands last found, and which of them are due again."""

from cache.model.entry import has_changed, is_due, read_entry
from cache.model.jsonio import dump_json, mapping, number, words
from cache.model.layout import JOB_FOLDERS
from cache.model.osapi import decoded, is_absolute, system
from cache.readings.snapshot import fingerprint, plain_name
from statusline.attempt import attempt
from statusline.checkout import DueJob, is_fit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from statusline.config import Config
    from statusline.payload import Session

GIVEN_AT_MOST = 60_000  # bytes; a pipe holds 64 KiB


def read_background(
    needs: "set[str]", session: "Session", config: "Config", cache: "str", now: "float"
) -> "tuple[dict[str, object], list[DueJob]]":
    """Return what the transcript and the person's commands last said, by field of the snapshot, and the due jobs.

    ``needs`` are those of the segments shown.
    """
    values: "dict[str, object]" = {}
    due: "list[DueJob]" = []
    results = []
    if "activity" in needs:
        results.append(attempt(read_activity, session, config.every("activity"), cache, now))
    if "command" in needs:
        results.append(attempt(read_commands, session, config, cache, now))
    for result in results:
        if result is not None:
            values.update(result[0])
            due += result[1]
    return values, due


def read_activity(
    session: "Session", every_s: "int", cache: "str", now: "float"
) -> "tuple[dict[str, object], list[DueJob]]":
    """Return what the session's transcript said; due when it has grown."""
    session_id, path = session.words("session_id"), session.words("transcript_path")
    if session_id is None or path is None or not is_absolute(path):
        return {}, []
    name = plain_name(session_id)
    stem = f"{cache}/{JOB_FOLDERS['activity']}/{name}"
    entry = read_entry(stem + ".json")
    changed = path not in entry.watch or has_changed(entry)
    is_current = not changed or is_fit(entry, every_s, now)
    values: "dict[str, object]" = {"activity": mapping(entry.value)} if is_current else {}
    if not (changed or is_due(entry, now)):
        return values, []
    return values, [DueJob("activity", stem, every_s, ["--entry", name, "--transcript", path, "--cache", cache])]


def read_commands(
    session: "Session", config: "Config", cache: "str", now: "float"
) -> "tuple[dict[str, object], list[DueJob]]":
    """Return the last output of the person's commands on the line; each is due after its own interval."""
    texts: "dict[str, str]" = {}
    overdue: "list[tuple[float, int, DueJob]]" = []  # with their number, so that jobs are never compared
    directory, session_id = session.directory or "", session.words("session_id") or ""
    items = [item for row in config.rows for group in row.values() for item in group]
    on_the_line = [options.get("name") for segment, options in items if segment == "command"]
    for name, command in config.commands.items() if directory.startswith("/") else ():
        if name not in on_the_line:
            continue
        every_s = number(command.get("every")) or 60
        owner = "" if command.get("shared") else session_id  # a payload is one session's
        key = fingerprint(f"{command.get('command')}\n{directory}\n{owner}")
        entry_name = f"{plain_name(name)[:60]}-{key:016x}"
        stem = f"{cache}/{JOB_FOLDERS['command']}/{entry_name}"
        entry = read_entry(stem + ".json")
        if is_fit(entry, 10 * every_s, now):
            texts[name] = words(mapping(entry.value).get("text")) or ""
        if is_due(entry, now):
            options = ["--entry", entry_name, "--cache", cache]
            job = DueJob("command", stem, every_s / 2, options, input_of(command, directory, session))
            overdue.append((entry.due_at if entry.due_at <= now else 0, len(overdue), job))
    # There are slots for two at once: the longest overdue comes first, so that each has its turn.
    return {"commands": texts}, [job for _, _, job in sorted(overdue)]


def input_of(command: "dict[str, object]", directory: "str", session: "Session") -> "Callable[[], bytes]":
    """Return what makes the input of a command's job, once it may start."""
    return lambda: order_for(command, directory, session)


def order_for(command: "dict[str, object]", directory: "str", session: "Session") -> "bytes":
    """Return the input of a command's job: command, payload and environment; the job removes the secrets.

    A shared command gets no payload. Variables beyond the room of a pipe are left out, the longest first. Empty for a
    payload nested too deeply.
    """
    order: "dict[str, object]" = {**command, "directory": directory}
    if not command.get("shared"):
        order["payload"] = session.payload
    try:
        room = GIVEN_AT_MOST - len(dump_json(order))
    except RecursionError:
        return b""
    environment: "dict[str, object]" = {}
    for name, value in sorted(environment_texts().items(), key=_length):
        room -= len(dump_json(name)) + len(dump_json(value)) + 2
        if room < 20:
            break
        environment[name] = value
    return dump_json({**order, "environment": environment}).encode()


def environment_texts() -> "dict[str, str]":
    """Return the whole environment as text; `posix` keeps it as bytes."""
    return {decoded(name): decoded(value) for name, value in system.environ.items()}


def _length(item: "tuple[str, str]") -> "int":
    return len(item[1])
