"""The variables of the environment that git gets, so that its counts are those of `git status` in the user's shell."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FILES = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")  # absolute paths; a relative one depends on where git is started
SWITCHES = ("GIT_CONFIG_NOSYSTEM",)
SETTINGS_AT_MOST = 100  # of those that GIT_CONFIG_COUNT counts

# The settings that are passed on. Others can hold secrets, and none of them changes what is counted.
_SETTINGS = ("core.excludesfile", "core.quotepath", "diff.ignoresubmodules", "diff.renames", "safe.directory")
_SECTION = "status."


def git_variables(read: "Callable[[str], str]") -> "dict[str, str]":
    """Return the variables for git; ``read`` returns a variable of the environment, empty where it is not set.

    The settings in ``GIT_CONFIG_KEY_0`` and so on are numbered from 0 again. ``GIT_CONFIG_PARAMETERS``, which holds
    settings of all kinds, is never passed on.
    """
    found = {name: read(name) for name in FILES if read(name)[:1] == "/"}
    found.update({name: read(name) for name in SWITCHES if read(name)})
    count = read("GIT_CONFIG_COUNT")
    passed = 0
    is_number = count.isascii() and count.isdecimal() and len(count) < 5
    for number in range(min(int(count), SETTINGS_AT_MOST) if is_number else 0):
        key = read(f"GIT_CONFIG_KEY_{number}")
        if key.lower() in _SETTINGS or key.lower().startswith(_SECTION):
            found[f"GIT_CONFIG_KEY_{passed}"] = key
            found[f"GIT_CONFIG_VALUE_{passed}"] = read(f"GIT_CONFIG_VALUE_{number}")
            passed += 1
    return {**found, "GIT_CONFIG_COUNT": str(passed)} if passed else found
