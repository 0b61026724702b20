"""What a person can set, its defaults, and a reader that lets one bad value fall back alone."""

from cache.files import read_file
from cache.wire import mapping, parse_json

DEFAULTS: "dict[str, object]" = {
    "oauth": "auto",
    "rows": [["model", "effort", "directory", "branch", "context", "five_hour", "seven_day", "cost"]],
}


class Config:
    """The effective configuration: what the file says where it makes sense, else the defaults."""

    __slots__ = ("values",)

    def __init__(self, values: "dict[str, object] | None" = None) -> None:
        self.values = DEFAULTS if values is None else values

    @property
    def oauth(self) -> "str":
        """``auto``, or ``off``: no credential is read and no request is made."""
        return "off" if self.values.get("oauth") == "off" else "auto"

    @property
    def rows(self) -> "list[list[str]]":
        """The names of the segments of each row."""
        return [["model", "effort", "directory", "branch", "context", "five_hour", "seven_day", "cost"]]


def read_config(path: "str") -> "Config":
    """Return the configuration in a file, the defaults where there is none that can be read."""
    data = read_file(path) if path else None
    if data is None:
        return Config()
    try:
        return Config({**DEFAULTS, **mapping(parse_json(data.decode()))})
    except ValueError:
        return Config()
