"""What the environment may not decide: it can come from a repository's settings, or from the user that `sudo` left."""

from cache.model.files import real_path
from cache.model.osapi import setting, system


def may_be_within(path: "str", folder: "str") -> "bool":
    """Return whether a path may lead into a folder, after links; also where that cannot be known."""
    if path[:1] != "/" or ".." in path.split("/"):
        return True
    real, top = real_path(path), real_path(folder)
    return real is None or top is None or f"{real}/".lower().startswith(f"{top}/".lower())


def is_borrowed() -> "bool":
    """Return whether root works in another user's home, as by `sudo`: that user could not change what it creates."""
    who = getattr(system, "geteuid", None)
    if who is None or who() != 0 or not (setting("SUDO_UID") or setting("DOAS_USER")):
        return False
    try:
        return system.stat(setting("HOME") or "/").st_uid != 0
    except (OSError, ValueError):
        return False
