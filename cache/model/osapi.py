"""The operating system for the tick: ``posix``, because importing ``os`` takes a tenth of a start."""

try:
    import posix as system
except ImportError:  # Windows has no posix module
    import os as system  # type: ignore[no-redef]

__all__ = ["decoded", "is_absolute", "no_setting", "setting", "slashed", "system"]


def setting(name: "str") -> "str":
    """Return an environment variable, empty if it is not set; ``posix`` keeps them as bytes."""
    environ: "dict[object, object]" = system.environ  # type: ignore[assignment]
    return decoded(environ.get(name.encode("utf-8", "surrogateescape"), environ.get(name, "")))


def decoded(value: "object") -> "str":
    """Return a name or a value of the environment as text."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def slashed(path: "str") -> "str":
    """Return a path with slashes as separators, which Windows accepts too.

    In paths that begin with ``/`` or ``~`` a backslash is an ordinary character and stays.
    """
    return path if path[:1] in {"/", "~"} else path.replace("\\", "/")


def no_setting(_name: "str") -> "str":
    """Return nothing for any variable, in place of `setting`: an environment without variables."""
    return ""


def is_absolute(path: "str") -> "bool":
    """Return whether a path starts at a root or a drive, and can be passed to the system."""
    return (path[:1] == "/" or path[1:2] == ":") and "\0" not in path
