"""What a repository may not decide, nor the environment: its variables can come from a repository or through `sudo`."""

from cache.model.files import read_file, real_path
from cache.model.jsonio import mapping, parse_json, words
from cache.model.osapi import setting, system

# Those that tell the background; not `auto` and `custom:NAME`. Source: Claude Code 2.1.332, `/theme`.
HOST_THEMES = ("dark", "light", "dark-daltonized", "light-daltonized", "dark-ansi", "light-ansi")


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


def chosen_theme(path: "str", config_dir: "str", home: "str", project: "str") -> "str | None":
    """Return the theme in the user's own settings: empty if it tells nothing, None where they have none.

    ``config_dir`` is CLAUDE_CONFIG_DIR. Where that leads into the project its settings are a repository's; a session in
    the home directory or above is in no repository.
    """
    if config_dir and project and may_be_within(path, project) and not may_be_within(home, project):
        return None
    try:
        theme = words(mapping(parse_json((read_file(path) or b"").decode())).get("theme"))
    except ValueError:
        return None
    return theme if theme is None or theme in HOST_THEMES else ""
