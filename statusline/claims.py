"""Claims of ticks: that a job was started just now, and the slots that bound how many refreshers run at once.

Each is a file whose time is that of the claim. None is waited for, and a claim of a killed process runs out by itself.
"""

from cache.model.files import owned
from cache.model.layout import DIRECTORIES_FOLDER, JOB_FOLDERS, MARKER, SLOT_FILES, TEMPORARY_SUFFIX
from cache.model.lazy import further_module
from cache.model.osapi import system

# The two slots that each job may use, the first free one in this order. There are four: so no more than two refreshers
# of a kind and four in total run at once, in all sessions together. The first slot is for usage alone.
SLOTS_OF = {
    "usage": (0, 1),
    "transcripts": (2, 3),
    "git": (3, 2),
    "activity": (1, 3),
    "command": (2, 1),
    "sessions": (1, 2),
}
SLOT_S = 15  # then a slot is free, whoever holds it; every job ends sooner, and renews it first


def is_claimed(path: "str", now: "float", for_s: "float") -> "bool":
    """Return whether a claim of so many seconds holds; also where a file is not ours, or cannot be read."""
    try:
        facts = system.lstat(path)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return not owned(facts.st_uid) or -for_s < now - facts.st_mtime < for_s


def claim(path: "str", now: "float", for_s: "float", content: "bytes" = b"") -> "bool":
    """Claim a file for so many seconds: of several ticks at once one gets it, and none waits.

    An old claim is replaced in one step by a new file, whose fixed name only one process can create. To unlink the old
    one would let a process that saw it before unlink the new one of another.
    """
    if is_claimed(path, now, for_s):
        return False
    try:
        _create(path, content)
    except FileExistsError:
        return _replace(path, now, for_s, content)
    except OSError:
        return False
    return True


def _replace(path: "str", now: "float", for_s: "float", content: "bytes") -> "bool":
    """Replace an old claim; return whether it was done."""
    new = path + TEMPORARY_SUFFIX
    try:
        _create(new, content)
    except FileExistsError:  # another process is at it, or was killed in between: then the next tick finds the way free
        if not is_claimed(new, now, SLOT_S):
            _remove(new)
        return False
    except OSError:
        return False
    try:
        if not is_claimed(path, now, for_s):  # it may have changed before `new` was ours
            system.replace(new, path)
            return True
    except OSError:  # such as a folder in its place
        pass
    _remove(new)
    return False


def _create(path: "str", content: "bytes") -> "None":
    """Create a file, and its folder where there is none; raise OSError, such as FileExistsError."""
    flags = system.O_WRONLY | system.O_CREAT | system.O_EXCL
    try:
        fd = system.open(path, flags, 0o600)
    except FileNotFoundError:
        _make_place(path.rpartition("/")[0])
        fd = system.open(path, flags, 0o600)
    try:
        if content:
            system.write(fd, content)
    except OSError:  # the disk is full
        _remove(path)
        raise
    finally:
        system.close(fd)


def _remove(path: "str") -> "None":
    try:
        system.unlink(path)
    except OSError:
        pass


def take_slot(job: "str", cache: "str", now: "float") -> "str":
    """Take a slot for a job; return ``slot-1:git-4711-1795320000``, its file and what that holds, or nothing.

    The refresher renews the slot and gives it back: see `cache.refresh.slot`.
    """
    holder = f"{job}-{system.getpid()}-{int(now * 1e6)}"
    for number in SLOTS_OF[job]:
        if claim(f"{cache}/{SLOT_FILES[number]}", now, SLOT_S, holder.encode()):
            return f"{SLOT_FILES[number]}:{holder}"
    return ""


def give_back(slot: "str", cache: "str") -> "None":
    """Free a slot that we have just taken and do not use."""
    _remove(f"{cache}/{slot.partition(':')[0]}")


def _make_place(folder: "str") -> "None":
    """Create our folder with its marker where there is none and it is ours; a failure shows when the stamp is opened.

    A cache directory created on the way is ours, too; folders further up are not marked.
    """
    for made in [] if further_module("cache.model.trust").is_borrowed() else _make_folders(folder):
        within = folder[len(made) :]
        if not within or within.startswith(f"/{DIRECTORIES_FOLDER}/") or within[1:] in JOB_FOLDERS.values():
            try:
                system.close(system.open(f"{made}/{MARKER}", system.O_WRONLY | system.O_CREAT | system.O_EXCL, 0o600))
            except OSError:
                continue


def _make_folders(folder: "str", levels: "int" = 4) -> "list[str]":
    """Create a folder and its missing parents; return the folders that were created."""
    try:
        system.mkdir(folder, 0o700)
    except FileNotFoundError:
        above = folder.rpartition("/")[0]
        made = _make_folders(above, levels - 1) if levels > 0 and above else []
        return made + _make_folders(folder, 0) if made else []
    except OSError:
        return []
    return [folder]
