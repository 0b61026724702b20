"""Claude Code's payload as a value: every field is optional, and an odd one is as good as missing.

Clients differ in how they send a value: a number may come as text, and a text in place of the object that holds it.
"""

from cache.model.billing import is_true
from cache.model.jsonio import mapping, words
from cache.model.lenient import parse_number, parse_percent, parse_reset
from cache.model.osapi import is_absolute, no_setting
from statusline.segments.segment import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Session:
    """One payload of Claude Code's status line contract; an empty one where there was none.

    ``setting`` gives an environment variable, empty where it is not set: by default none is set.
    """

    __slots__ = ("payload", "setting")

    def __init__(self, payload: "object", setting: "Callable[[str], str]" = no_setting) -> None:
        self.payload = mapping(payload)
        self.setting = setting

    def part(self, *path: "str") -> "object":
        """Return the value at a path of keys, None if any step is missing."""
        value: "object" = self.payload
        for key in path:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    def words(self, *path: "str") -> "str | None":
        """Return a text at a path, None where there is none, or none but blanks."""
        found = words(self.part(*path))
        return found if found is None or not found.isspace() else None

    def name(self, *path: "str") -> "str | None":
        """Return the text at a path, or the text in place of the object that should hold it; else None."""
        return self.words(*path) or self.words(*path[:-1])

    def number(self, *path: "str") -> "float | None":
        """Return a finite number at a path, sent as one or as text, else None."""
        return parse_number(self.part(*path))

    def percent(self, *path: "str") -> "float | None":
        """Return a percentage at a path, 0-100 and in excess up to 1000, else None."""
        return parse_percent(self.part(*path))

    def moment(self, *path: "str") -> "int | None":
        """Return the epoch seconds of a time at a path, in any form that `parse_reset` reads, else None."""
        return parse_reset(self.part(*path))

    def count(self, *path: "str") -> "int":
        """Return how many there are of something at a path, 0 where that is no believable count."""
        return count_of(self.number(*path))

    def is_set(self, name: "str") -> "bool":
        """Return whether an environment variable is switched on."""
        return is_true(self.setting(name))

    @property
    def directory(self) -> "str | None":
        """The directory that the session works in: an absolute path by the contract, which nothing here checks."""
        found = self.words("workspace", "current_dir") or self.words("cwd")
        return found if found and "\0" not in found else None

    @property
    def checkout(self) -> "str | None":
        """The directory whose branch matters: Claude Code names a worktree that it entered before it moves there."""
        worktree, directory = self.words("worktree", "path"), self.directory
        if worktree is None or not is_absolute(worktree) or f"{directory}/".startswith(worktree.rstrip("/") + "/"):
            return directory
        return worktree

    @property
    def project(self) -> "str":
        """The folder that Claude Code was started in, whose settings hold for the session; empty where that is odd."""
        found = self.words("workspace", "project_dir") or ""
        return found if is_absolute(found) and len(found) < 1024 else ""

    @property
    def model(self) -> "str | None":
        """The model by its display name, else by its id."""
        return self.name("model", "display_name") or self.words("model", "id")

    @property
    def context_percent(self) -> "float | None":
        """How full the context window is, percent 0-100: Claude Code's own number."""
        return self.percent("context_window", "used_percentage")
