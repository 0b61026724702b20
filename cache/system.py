"""The operating system as the tick sees it: ``posix``, because ``os`` alone costs a tenth of a start."""

try:
    import posix as system
except ImportError:  # Windows has no posix module
    import os as system  # type: ignore[no-redef]

__all__ = ["setting", "system"]


def setting(name: "str") -> "str":
    """Return an environment variable, empty if it is not set; ``posix`` keeps them as bytes."""
    environ: "dict[object, object]" = system.environ  # type: ignore[assignment]
    value = environ.get(name.encode("utf-8", "surrogateescape"), environ.get(name, ""))
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
