"""The operating system as the tick sees it: ``posix``, because ``os`` alone costs a tenth of a start."""

try:
    import posix as system
except ImportError:  # Windows has no posix module
    import os as system  # type: ignore[no-redef]

__all__ = ["system"]
