"""Reads ``readings.json``: what all sessions reported, for which account and when; one file for all directories.

`cache.readings.writer` writes it.
"""

from cache.model.files import read_file
from cache.model.jsonio import mapping, parse_json
from cache.model.layout import READINGS_FILE
from cache.readings.directory import Directory, Owners

SCHEMA_OF_READINGS = 1


class Readings:
    """``directories`` by the name of their folder (empty: the default one), as in the file, share the ``owners``.

    ``is_new`` is whether no file could be read.
    """

    __slots__ = ("directories", "is_new", "owners")

    def __init__(self, fields: "dict[str, object] | None" = None) -> None:
        self.is_new = fields is None
        self.directories = mapping((fields or {}).get("directories"))
        self.owners = Owners(mapping((fields or {}).get("owners")))


def directory_in(readings: "Readings", name: "str") -> "Directory":
    """Return a config directory by its name."""
    return Directory(readings.owners, mapping(readings.directories.get(name)), name)


def read_readings(cache: "str") -> "Readings | None":
    """Return the content of the file, None where it is missing, torn or of another schema."""
    data = read_file(f"{cache}/{READINGS_FILE}", ours=True)
    if data is None:
        return None
    try:
        fields = mapping(parse_json(data.decode()))
    except ValueError:
        return None
    if fields.get("schema") != SCHEMA_OF_READINGS:
        return None
    return Readings(fields)
