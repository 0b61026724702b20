"""``readings.json``: what all sessions reported, whose it is and how old; one file for all config directories.

The ticks and the refresher rewrite it whole, and the last writer wins: a lost update heals at that session's next tick.
"""

from cache.directory import Directory, Owners, owner_key
from cache.files import read_file
from cache.system import system
from cache.wire import dump_json, mapping, parse_json

SCHEMA_OF_READINGS = 1
DIRECTORIES_AT_MOST = 8
FILE_OF_READINGS = "readings.json"


class Readings:
    """``directories`` by the name of their folder (empty: the default one), as in the file, share the ``owners``."""

    __slots__ = ("directories", "owners")

    def __init__(self, fields: "dict[str, object] | None" = None) -> None:
        self.directories = mapping((fields or {}).get("directories"))
        self.owners = Owners(mapping((fields or {}).get("owners")))

    def directory(self, name: "str") -> "Directory":
        """Return what is known of a config directory."""
        return Directory(self.owners, mapping(self.directories.get(name)), name)

    def to_text(self, name: "str", directory: "Directory") -> "str":
        """Return the text of the file with this directory as the latest; owners that no directory knows leave."""
        others = [(key, value) for key, value in self.directories.items() if key != name]
        directories = {**dict(others[1 - DIRECTORIES_AT_MOST :]), name: directory.as_json()}
        known = {key for folder, fields in directories.items() for key in _owners_in(fields, folder)}
        return dump_json(
            {"schema": SCHEMA_OF_READINGS, "directories": directories, "owners": self.owners.as_json(known)}
        )


def _owners_in(value: "object", name: "str") -> "list[str]":
    """Return the keys of the owners that a directory of the file knows."""
    fields = mapping(value)
    named = [[fields.get("account")], fields.get("formers"), fields.get("others")]
    return [owner_key(str(each), name) for names in named if isinstance(names, list) for each in names]


def read_readings(cache: "str") -> "Readings | None":
    """Return what the file holds, None where it is missing, torn or of another schema."""
    data = read_file(f"{cache}/{FILE_OF_READINGS}", ours=True)
    if data is None:
        return None
    try:
        fields = mapping(parse_json(data.decode()))
    except ValueError:
        return None
    if fields.get("schema") != SCHEMA_OF_READINGS:
        return None
    return Readings(fields)


def write_readings(cache: "str", readings: "Readings", name: "str", directory: "Directory", now: "float") -> "bool":
    """Replace the file in one step; return whether that was done.

    Of two ticks that overlap the second finds the fixed temp name taken and leaves its news to the next tick. What a
    killed tick leaves behind, the refresher removes.
    """
    directory.written_at = now
    path = f"{cache}/{FILE_OF_READINGS}"
    temporary = path + ".tmp"
    flags = system.O_WRONLY | system.O_CREAT | system.O_EXCL | getattr(system, "O_NOFOLLOW", 0)
    try:
        fd = system.open(temporary, flags, 0o600)
    except OSError:
        return False
    try:
        data = readings.to_text(name, directory).encode()
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
