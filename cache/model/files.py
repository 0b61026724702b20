"""Reading a file without ever waiting for it: a FIFO, a directory or a giant is no file to us."""

from cache.model.osapi import system

AT_MOST = 1 << 20  # bytes; everything that a tick reads is far smaller
LINKS_AT_MOST = 8  # in one path

# Windows lacks these flags; there is nothing to wait for in its files either.
_PLAIN = getattr(system, "O_NONBLOCK", 0) | getattr(system, "O_CLOEXEC", 0) | getattr(system, "O_BINARY", 0)
_NO_LINK = getattr(system, "O_NOFOLLOW", 0)
_REGULAR, _KIND = 0o100000, 0o170000


def read_file(path: "str", at_most: "int" = AT_MOST, *, ours: "bool" = False) -> "bytes | None":
    """Return the content of a regular file of up to ``at_most`` bytes, else None.

    With ``ours`` a symlink or another user's file is None too: we wrote everything in our cache.
    """
    try:
        fd = system.open(path, system.O_RDONLY | _PLAIN | (_NO_LINK if ours else 0))
    except (OSError, ValueError):
        return None
    try:
        facts = system.fstat(fd)
        if facts.st_mode & _KIND != _REGULAR or facts.st_size > at_most:
            return None
        if ours and not owned(facts.st_uid):
            return None
        # Room is made for all that is asked for: 23 microseconds for a whole mebibyte.
        data = system.read(fd, facts.st_size + 1)
        if len(data) > facts.st_size:  # it has grown, or is one of the kernel's, which have no size
            data += system.read(fd, at_most + 1 - len(data))
        return data if len(data) <= at_most else None
    except OSError:
        return None
    finally:
        system.close(fd)


def is_there(path: "str") -> "bool":
    """Return whether a path exists, even as a broken link; true where that cannot be checked."""
    try:
        system.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        pass
    return True


def owned(uid: "int") -> "bool":
    """Return whether this user id is the one we run as; true where there are no user ids."""
    who = getattr(system, "geteuid", None)
    return who is None or uid == who()


def times_of(path: "str") -> "list[int]":
    """Return ``[mtime_ns, size]`` of a path, ``[0, 0]`` for one that is not there: what `watch` compares."""
    try:
        facts = system.stat(path)
    except (OSError, ValueError):
        return [0, 0]
    return [facts.st_mtime_ns, facts.st_size]


def real_path(path: "str") -> "str | None":
    """Return an absolute path without links, None where it cannot be followed, or leads elsewhere in each process."""
    parts, real, links = [each for each in path.split("/") if each not in {"", "."}], "", 0
    while parts and links < LINKS_AT_MOST:
        part = parts.pop(0)
        step = real.rpartition("/")[0] if part == ".." else f"{real}/{part}"
        if step == "/proc" and parts:  # what is there depends on the process that looks
            return None
        if part == "..":
            real = step
            continue
        try:
            target = system.readlink(step)
        except (OSError, ValueError):  # no link
            real = step
            continue
        links += 1
        parts = [each for each in target.split("/") if each not in {"", "."}] + parts
        real = "" if target[:1] == "/" else real
    return real if links < LINKS_AT_MOST else None
