"""Starting background jobs: rate-limited, detached, and before the line is written."""

import sys

from cache.model.files import is_there
from cache.model.git_variables import git_variables
from cache.model.layout import START_SUFFIX
from cache.model.osapi import setting, slashed, system
from statusline.attempt import NOTICES, attempt
from statusline.claims import claim, give_back, is_claimed, take_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statusline.checkout import DueJob

SPACING_S = {"usage": 30, "transcripts": 10, "sessions": 5}  # seconds between two starts of a job
CHANGED_SPACING_S = 2  # a changed file is not held back, only kept from starting a storm
OPEN_AT_MOST = 4096  # descriptors; closing them is one call where the system has one, else a millisecond of the child's

_PLAIN_IN_PATHS = {ord(char): None for char in "/._-"}

# What a refresher needs. Nothing else is passed on: Claude Code's environment can hold secrets.
HANDED_ON = [
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_SECURESTORAGE_CONFIG_DIR",
    "STATUSLINE_CACHE_DIR",
    "STATUSLINE_CONFIG",
    "STATUSLINE_OAUTH",
    "STATUSLINE_API_BASE",
    "STATUSLINE_SECURITY_BIN",
    "STATUSLINE_CLAUDE_BIN",
    "STATUSLINE_NOTIFY_BIN",
    "STATUSLINE_LOG",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
]
# Only the usage job gets these: the address of a proxy can hold a password.
FOR_REQUESTS = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "CLAUDE_CODE_CERT_STORE",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
]


def start_job(job: "str", place: "str", now: "float", options: "Sequence[str]", *, changed: "bool" = False) -> "bool":
    """Start the refresher for a job of which there is one; return whether it was started."""
    return start_spaced(job, f"{place}/{job}", now, CHANGED_SPACING_S if changed else SPACING_S[job], options)


def start_spaced(
    job: "str",
    stem: "str",
    now: "float",
    spacing_s: "float",
    options: "Sequence[str]",
    given: "Callable[[], bytes] | None" = None,
) -> "bool":
    """Start the refresher for one job; return False if it was started just before, or enough of them are running.

    ``stem`` is the path of its entry without the suffix; ``given`` makes what it finds on its standard input, or
    nothing where it cannot be started.
    """
    if setting("STATUSLINE_START") == "off":  # the doctor runs the line, which must not start requests
        return False
    root = slashed(__file__).rpartition("/statusline/")[0]
    if not is_for_this_python(root):
        NOTICES.append(python_has_changed(root.rpartition("/")[0]))
        return False
    stamp, cache = stem + START_SUFFIX, options[options.index("--cache") + 1]
    slot = "" if is_claimed(stamp, now, spacing_s) else take_slot(job, cache, now)
    if not slot:
        return False
    started = False
    try:
        command = [sys.executable, "-I", f"{root}/cache/__main__.py", job, *options, "--slot", slot]
        data = given() if given else b""
        is_ready = bool(data or not given)
        started = is_ready and claim(stamp, now, spacing_s) and detach(command, environment_for(job), data)
    finally:
        if not started:
            give_back(slot, cache)
    return started


def is_for_this_python(root: "str") -> "bool":
    """Return whether the folder of our packages belongs to this version of Python, as far as its path says that.

    After an upgrade of Python an environment's link leads to the new one, for which it has no libraries.
    """
    try:
        real = system.readlink(root)  # `packages` in the environment that install.sh makes
    except (OSError, ValueError):
        real = root
    version = f"/{real}".rpartition("/lib/python")[2].removesuffix("/site-packages")
    is_version = version[:2] == "3." and version[2:].rstrip("t").isdigit()  # `t`: the build without a global lock
    return not is_version or version.rstrip("t") == f"3.{sys.version_info[1]}"


def python_has_changed(environment: "str", *, is_planned: "bool" = False) -> "str":
    """Return what to do if the Python of an environment is gone or has another version, as one row.

    ``is_planned``: install.sh has yet to make the environment.
    """
    script = environment + "/install.sh"
    if not is_planned and not is_there(script):
        return "hudline: install it again (its Python has changed)"
    home, shown = setting("HOME"), f'"{script}"' if script.isprintable() else "install.sh"
    if script.isascii() and script.translate(_PLAIN_IN_PATHS).isalnum():
        shown = "~" + script[len(home) :] if home and script.startswith(home + "/") else script
    return f"hudline: run sh {shown} (its Python has changed)"


def start_all(due: "list[DueJob]", now: "float", session: "Sequence[str]" = ()) -> "None":
    """Start the jobs that are due for the segments of a line; ``session`` are options that all of them get."""
    for each in due:
        attempt(start_spaced, each.job, each.stem, now, each.spacing_s, [*each.options, *session], each.given)


def environment_for(job: "str") -> "dict[str, str]":
    """Return what the refresher for a job gets of our environment."""
    names = [*HANDED_ON, *FOR_REQUESTS] if job == "usage" else HANDED_ON
    handed_on = {name: setting(name) for name in names if setting(name)}
    return {**handed_on, **git_variables(setting)} if job == "git" else handed_on


def detach(command: "list[str]", environment: "dict[str, str]", given: "bytes" = b"") -> "bool":
    """Start a command in its own session, with the null device as 0, 1 and 2, and without us as its parent.

    ``given`` reaches it through a pipe on its 0, which keeps it out of argv, environment and disk.

    Claude Code cancels a run by signals to its group *and* to every descendant by parent pid, in any session. So
    the process in between must have exited before the line is written: waiting for it takes under a millisecond.
    `posix_spawn` takes a third of that, but its child is ours until we exit, and a canceller that reacts to the first
    byte finds it: the second of fifty tries was lost.
    """
    if not hasattr(system, "fork"):
        return not given and _detach_on_windows(command, environment)
    try:
        source = _pipe_with(given) if given else -1
        between = system.fork()
    except OSError:
        return False
    if between == 0:
        _fork_again(command, environment, source)
    try:
        return system.waitpid(between, 0)[1] == 0
    except ChildProcessError:  # SIGCHLD is ignored: the system reaps the child and reports nothing
        return True


def _pipe_with(given: "bytes") -> "int":
    """Return the end to read from of a pipe that holds all of ``given``; raise OSError where it does not fit."""
    source, into = system.pipe()
    system.set_blocking(into, False)
    written = system.write(into, given)
    system.close(into)
    if written != len(given):
        raise OSError("no pipe holds that much")
    return source


def _fork_again(command: "list[str]", environment: "dict[str, str]", source: "int") -> "None":
    """Fork the grandchild that becomes the command; never returns."""
    failed = 1
    try:
        import _signal as signals  # type: ignore[import-not-found]  # noqa: PLC0415 - typeshed has no such module

        signals.signal(signals.SIGCHLD, signals.SIG_DFL)  # ignored, it would hide from the refresher how git ended
        system.setsid()
        if system.fork() == 0:
            null = system.open("/dev/null", system.O_RDWR)
            system.dup2(null if source < 0 else source, 0)
            for fd in (1, 2):
                system.dup2(null, fd)
            for fd in (0, 1, 2):  # the null device may have got one of these numbers, without being inheritable
                system.set_inheritable(fd, True)
            # Close inherited descriptors: a reader of such a pipe would wait for the refresher, too.
            system.closerange(3, OPEN_AT_MOST)
            system.execve(command[0], command, environment)
        failed = 0
    finally:
        system._exit(failed)  # noqa: SLF001 - even after an error this must not go on as a second tick


def _detach_on_windows(command: "list[str]", environment: "dict[str, str]") -> "bool":
    """Start a detached process on Windows, the one system where ``subprocess`` is worth its import."""
    import subprocess  # noqa: PLC0415 - 20 ms that no other system pays

    flags = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    null = subprocess.DEVNULL
    try:
        subprocess.Popen(command, env=environment, stdin=null, stdout=null, stderr=null, creationflags=flags)
    except (OSError, ValueError):
        return False
    return True
