"""Claude Code's payload as a value: every field is optional, and an odd one is as good as missing."""

from cache.wire import mapping, number, words


class Session:
    """One payload of Claude Code's statusline contract; an empty one where there was none."""

    __slots__ = ("payload",)

    def __init__(self, payload: "object") -> None:
        self.payload = mapping(payload)

    def part(self, *path: "str") -> "object":
        """Return what stands at a path of keys, None if any step is missing."""
        value: "object" = self.payload
        for key in path:
            value = mapping(value).get(key)
        return value

    def words(self, *path: "str") -> "str | None":
        """Return a text at a path, None where there is none or an empty one."""
        return words(self.part(*path))

    def number(self, *path: "str") -> "float | None":
        """Return a finite number at a path, else None."""
        return number(self.part(*path))

    @property
    def directory(self) -> "str | None":
        """The directory that the session works in: an absolute path."""
        found = self.words("workspace", "current_dir") or self.words("cwd")
        return found if found and "\0" not in found else None

    @property
    def context_percent(self) -> "float | None":
        """How full the context window is, percent 0-100: Claude Code's own number, never computed anew."""
        percent = self.number("context_window", "used_percentage")
        return percent if percent is not None and 0 <= percent <= 1000 else None
