"""Writes ``readings.json`` atomically.

The ticks and the refresher write it, and the last writer wins: the next tick of a session restores a lost update.
"""

from cache.model.jsonio import dump_json, mapping
from cache.model.layout import READINGS_FILE, TEMPORARY_SUFFIX
from cache.model.osapi import system
from cache.readings.directory import SAVED, owner_key
from cache.readings.store import SCHEMA_OF_READINGS, read_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.directory import Directory
    from cache.readings.owner import Owner
    from cache.readings.reading import Reading
    from cache.readings.store import Readings

DIRECTORIES_AT_MOST = 8


def write_readings(cache: "str", readings: "Readings", name: "str", directory: "Directory", now: "float") -> "bool":
    """Replace the file; return whether that was done.

    A file that could not be read, and can be now, stays: the next tick reads it first. Of two overlapping ticks the
    second finds the fixed temp name in use and leaves its change to the next tick. The refresher removes the temp file
    of a killed tick.
    """
    if readings.is_new and read_readings(cache) is not None:
        return False  # a moment ago too many files were open, say: what is in it must not be lost
    directory.written_at = now
    return replace_whole(f"{cache}/{READINGS_FILE}", readings_text(readings, name, directory).encode())


def replace_whole(path: "str", data: "bytes") -> "bool":
    """Replace a file of ours in one step; return whether that was done, as it is not where another tick is at it."""
    temporary = path + TEMPORARY_SUFFIX
    flags = system.O_WRONLY | system.O_CREAT | system.O_EXCL | getattr(system, "O_NOFOLLOW", 0)
    try:
        fd = system.open(temporary, flags, 0o600)
    except OSError:
        return False
    try:
        is_whole = system.write(fd, data) == len(data)
    except OSError:
        is_whole = False
    system.close(fd)
    try:
        if is_whole:
            system.replace(temporary, path)
        else:
            system.unlink(temporary)
    except OSError:
        return False
    return is_whole


def readings_text(readings: "Readings", name: "str", directory: "Directory") -> "str":
    """Return the text of the file with this directory as the latest one, without owners that no directory refers to."""
    others = [(key, value) for key, value in readings.directories.items() if key != name]
    directories = {**dict(others[1 - DIRECTORIES_AT_MOST :]), name: directory_json(directory)}
    known = {key for folder, fields in directories.items() for key in _owners_in(fields, folder)}
    owners = {**readings.owners.rows, **{key: owner_json(owner) for key, owner in readings.owners.known.items()}}
    kept = {key: row for key, row in owners.items() if key in known}
    return dump_json({"schema": SCHEMA_OF_READINGS, "directories": directories, "owners": kept})


def _owners_in(value: "object", name: "str") -> "list[str]":
    """Return the keys of the owners that a directory in the file refers to."""
    fields = mapping(value)
    named = [[fields.get("account")], fields.get("formers"), fields.get("others")]
    return [owner_key(str(each), name) for names in named if isinstance(names, list) for each in names]


def directory_json(directory: "Directory") -> "dict[str, object]":
    """Return a directory in the shape of the file."""
    number_of = {id(each): number for number, each in enumerate(directory.contents)}
    fields: "dict[str, object]" = {name: getattr(directory, name) for name in SAVED}
    fields["contents"] = [
        [each.first_seen_at, each.by, each.owner, each.dated, each.limits] for each in directory.contents
    ]
    fields["processes"] = [[each.key, each.owner, number_of.get(id(each.content))] for each in directory.processes]
    fields["waiting"] = [[number_of[id(content)], each.key] for content, each in directory.waiting]
    return fields


def owner_json(owner: "Owner") -> "dict[str, object]":
    """Return an owner in the shape of the file."""
    return {
        "resets": owner.resets,
        "peaks": owner.peaks,
        "answered_at": owner.answered_at,
        "models": owner.models,
        "readings": [reading_row(each) for each in owner.readings],
    }


def reading_row(reading: "Reading") -> "list[object]":
    """Return a reading as a list for the file."""
    return [reading.made_at, reading.seen_at, reading.by, reading.limits, reading.source, reading.dated]
