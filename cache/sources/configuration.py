"""The user's configuration file, as far as the background jobs need it."""

from __future__ import annotations

from cache.model.files import read_file
from cache.model.jsonio import mapping, parse_json


def read_configuration(path: str) -> dict[str, object]:
    """Return the object in a configuration file, an empty one where there is none that can be read."""
    data = read_file(path) if path else None
    try:
        return mapping(parse_json((data or b"null").decode()))
    except ValueError:
        return {}
