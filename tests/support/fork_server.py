"""Runs a program many times as forks of a process that has imported its modules, which spares most of a cold start.

In a test: ``with ForkServer(root, modules) as server: ran = server.run(door, argv, env)``. Each run is a process with
its own arguments, environment and standard streams. It can be killed after some time, and its calls that change files
can be counted, made to fail, or be its last (`FileFaults`). This file is also the server's program.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import mmap
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Self

AT_MOST_S = 60.0
FOLDER_AT_MOST = 1024
HEAD = struct.Struct("@7l")  # `struct page` in system_calls.c

# The kinds of calls, as in system_calls.c.
READ_OPEN, OPEN, WRITE, RENAME, UNLINK, MAKE, SYNC, TRUNCATE, LOCK, MODE = (1 << bit for bit in range(10))
CHANGES = OPEN | WRITE | RENAME | UNLINK | MAKE | SYNC | TRUNCATE | MODE


@dataclass(frozen=True)
class FileFaults:
    """Which calls of a run are counted: those of some ``kinds`` on files in ``folder``.

    The ``nth`` of them (from 1) fails with ``error``, or is never made because the process is killed (0).
    """

    folder: str
    kinds: int = CHANGES
    nth: int = 0
    error: int = 0


@dataclass(frozen=True)
class Ran:
    """How a run ended: ``code`` is negative for a signal; ``peak_kib`` is the most memory it had.

    ``seen`` counts the calls of `FileFaults`, and ``fired`` says whether one was made to fail. ``outside`` counts the
    calls that changed files elsewhere, of which ``other`` is the first.
    """

    code: int
    out: bytes
    err: bytes
    took_s: float
    peak_kib: int
    overdue: bool = False
    seen: int = 0
    fired: bool = False
    outside: int = 0
    other: str = ""


@dataclass
class ForkServer:
    """``root`` is the folder of the packages, ``modules`` are imported before the first run.

    ``library`` is that of `system_calls`, without which no calls are counted. ``bare`` leaves out site-packages, as a
    tick does. ``prefix`` is a command that starts the server, such as one that enters a namespace. ``python`` is the
    interpreter of all runs.
    """

    root: Path
    modules: Sequence[str]
    library: Path | None = None
    bare: bool = False
    prefix: Sequence[str] = ()
    python: str = sys.executable
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __enter__(self) -> Self:
        words = [
            self.python,
            "-I",
            *(["-S"] if self.bare else []),
            __file__,
            str(self.root),
            str(self.library or ""),
        ]
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        if self.library is not None:
            env["LD_PRELOAD"] = str(self.library)
        self._process = subprocess.Popen(
            [*self.prefix, *words, *self.modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd="/"
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def run(self, program: Path | str, argv: Iterable[str], env: Mapping[str, str], **options: Any) -> Ran:
        """Run a program once; the options are those of `many`."""
        return self.many(program, [list(argv)], env, **options)[0]

    def many(
        self,
        program: Path | str,
        argvs: Sequence[Sequence[str]],
        env: Mapping[str, str],
        *,
        stdins: Sequence[bytes] = (),
        cwd: Path | str = "/",
        kill_after_s: float | None = None,
        faults: FileFaults | None = None,
        patches: Mapping[str, float | str] | None = None,
        opened: Path | None = None,
        bytes_at_most: int | None = None,
        user: int | None = None,
        ahead_s: int = 0,
    ) -> list[Ran]:
        """Run a program with each of these arguments, all at the same time; return how each run ended.

        ``program`` is a door, or ``module:function``. ``stdins`` are what the runs read from a pipe; without one it is
        the null device. ``patches`` sets attributes of modules. ``opened`` is a file that gets the path of every file
        that Python opens. ``bytes_at_most`` limits the address space. ``user`` is the id of another user, for root.
        ``ahead_s`` sets the clock of the runs.
        """
        order = {
            "program": str(program),
            "argvs": [list(each) for each in argvs],
            "env": dict(env),
            "stdins": [each.decode("latin-1") for each in stdins],
            "cwd": str(cwd),
            "kill_after_s": kill_after_s,
            "faults": None if faults is None else asdict(faults),
            "patches": dict(patches or {}),
            "opened": None if opened is None else str(opened),
            "bytes_at_most": bytes_at_most,
            "user": user,
            "ahead_s": ahead_s,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        assert answer, "the server has ended"
        return [_ran(each) for each in json.loads(answer)]


def _ran(fields: dict[str, Any]) -> Ran:
    streams = {name: fields.pop(name).encode("latin-1") for name in ("out", "err")}
    return Ran(**fields, **streams)


# --- the server's half ---


class _Run:
    """One child, from its fork to its end."""

    def __init__(self, order: dict[str, Any], number: int) -> None:
        self.order = order
        self.streams = [tempfile.TemporaryFile() for _ in ("out", "err")]  # noqa: SIM115 - `_content` closes them
        self.began = time.monotonic()
        stdin = _pipe_with(order["stdins"][number].encode("latin-1")) if order["stdins"] else None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _become(order, order["argvs"][number], stdin, self.streams)
            except SystemExit as left:
                code = 0 if left.code is None else left.code if isinstance(left.code, int) else 1
                _leave(code)
            except BaseException:  # noqa: BLE001 - as the interpreter does it
                traceback.print_exc()
                _leave(1)
            _leave(0)
        if stdin is not None:
            os.close(stdin)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(self.pid, signal.SIGKILL)

    def end(self, page: mmap.mmap) -> dict[str, Any]:
        """Wait for the end, or bring it about; return the fields of `Ran`."""
        limit_s = self.order["kill_after_s"] or AT_MOST_S
        signal.signal(signal.SIGALRM, lambda *_: self._kill())
        signal.setitimer(signal.ITIMER_REAL, max(limit_s - (time.monotonic() - self.began), 1e-6))
        _, status, used = os.wait4(self.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        took_s = time.monotonic() - self.began
        peak = used.ru_maxrss // 1024 if sys.platform == "darwin" else used.ru_maxrss
        out, err = map(_content, self.streams)
        *_, seen, fired, outside = HEAD.unpack_from(page)
        other = page[HEAD.size + FOLDER_AT_MOST :].split(b"\0")[0].decode("utf-8", "replace")
        code = os.waitstatus_to_exitcode(status)
        ended = {"code": code, "out": out, "err": err, "took_s": took_s, "peak_kib": peak}
        files = {"seen": seen, "fired": bool(fired), "outside": outside, "other": other}
        return {**ended, **files, "overdue": took_s > AT_MOST_S}


def _pipe_with(data: bytes) -> int:
    """Return the end to read from of a pipe with this data in it; what is too large for one is in a file."""
    if len(data) < 60_000:
        source, into = os.pipe()
        os.write(into, data)
        os.close(into)
        return source
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        return os.dup(file.fileno())


def _content(file: BinaryIO) -> str:
    with file:
        file.seek(0)
        return file.read().decode("latin-1")


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _become(order: dict[str, Any], argv: list[str], stdin: int | None, streams: list[Any]) -> None:
    """Turn this child into the program."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if stdin is None:
        stdin = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((stdin, 0), (streams[0].fileno(), 1), (streams[1].fileno(), 2)):
        os.dup2(source, target)
    os.closerange(3, 4096)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    _hot_environment(order["env"])
    time.tzset()
    for path, value in order["patches"].items():
        module, _, name = path.rpartition(".")
        setattr(importlib.import_module(module), name, value)
    if order["opened"]:
        sys.addaudithook(_writer_of(order["opened"]))
    if order["bytes_at_most"]:
        resource.setrlimit(resource.RLIMIT_AS, (order["bytes_at_most"],) * 2)
    if order["user"] is not None:
        os.setgroups([])
        os.setgid(order["user"])
        os.setuid(order["user"])
    program = order["program"]
    sys.argv = [program, *argv]
    module, _, function = program.partition(":")
    if function:
        sys.exit(getattr(importlib.import_module(module), function)())
    _run_door(program)


def _hot_environment(env: dict[str, str]) -> None:
    """Set what hot files read: the copy of the environment that ``posix`` made at the start."""
    import posix  # noqa: PLC0415 - not on Windows

    posix.environ.clear()
    posix.environ.update({os.fsencode(name): os.fsencode(value) for name, value in env.items()})


def _writer_of(log: str) -> Any:
    """Return an audit hook that writes down what is opened."""
    busy: list[bool] = []

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in {"open", "sqlite3.connect", "os.listdir", "os.scandir"} and isinstance(args[0], str) and not busy:
            busy.append(True)
            try:
                fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.write(fd, os.fsencode(args[0]) + b"\n")
                os.close(fd)
            finally:
                busy.clear()

    return hook


def _run_door(path: str) -> None:
    """Run a file as the interpreter does, with a loader, which the door of the tick uses."""
    from importlib.machinery import SourceFileLoader  # noqa: PLC0415 - loaded already

    loader = SourceFileLoader("__main__", path)
    module = sys.modules["__main__"] = ModuleType("__main__")
    module.__file__, module.__loader__ = path, loader
    code = loader.get_code("__main__")
    assert code is not None
    exec(code, vars(module))  # noqa: S102 - the program under test


def _serve(root: str, library: str, modules: list[str]) -> None:
    page = mmap.mmap(-1, HEAD.size + 2 * FOLDER_AT_MOST)
    if library:
        import ctypes  # noqa: PLC0415 - only where it is needed

        ctypes.CDLL(library).system_calls_use(ctypes.byref(ctypes.c_char.from_buffer(page)))
    behind = max((at for at, path in enumerate(sys.path) if path == os.path.dirname(os.__file__)), default=-1)
    sys.path.insert(1 + behind, root)
    for name in modules:
        importlib.import_module(name)
    for line in sys.stdin.buffer:
        order = json.loads(line)
        faults = order["faults"] or {"kinds": 0, "nth": 0, "error": 0, "folder": "/"}
        HEAD.pack_into(page, 0, faults["kinds"], faults["nth"], faults["error"], order["ahead_s"], 0, 0, 0)
        page[HEAD.size :] = os.fsencode(faults["folder"]).ljust(2 * FOLDER_AT_MOST, b"\0")
        running = [_Run(order, number) for number in range(len(order["argvs"]))]
        sys.stdout.write(json.dumps([each.end(page) for each in running]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2], sys.argv[3:])
