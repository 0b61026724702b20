"""The `statusline` command as forks of a process that has imported it, which spares most of a cold start.

A fork has its own arguments, environment, folder and standard streams; its output is a file, and it ends without
`atexit`. Where the start itself matters (what it imports, how Python is configured), a test runs the program instead.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from statusline.commands.cli import COMMANDS
from tests.support.coverage_door import ON
from tests.support.fork_server import ForkServer
from tests.support.paths import ROOT

WITHIN_S = 300.0
# A measured run follows processes from their start, and Apple's frameworks may end a fork that uses them.
FORKS_NEVER = ON or sys.platform == "darwin"
MODULES = (
    *COMMANDS.values(),
    "cache.jobs.usage",
    "cache.sources.endpoint.client",
    "httpcore",
    "anyio",
    "encodings.idna",
    "platformdirs.unix",
)
# Our packages come before what site-packages hold: there the checkout may be installed.
COLD = "import sys; sys.path.insert(0, sys.argv.pop(1)); from statusline.commands.cli import main; sys.exit(main())"


def run_command(
    *words: str,
    env: Mapping[str, str],
    cwd: Path,
    stdin: str | bytes = "",
    python: str = sys.executable,
    packages: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run ``statusline WORDS...`` of these packages; the exit code is for the caller to judge."""
    given = stdin if isinstance(stdin, bytes) else stdin.encode()
    if starts_cold(env):
        alone = [] if ON or any(name.startswith("PYTHON") for name in env) else ["-I"]
        argv = [python, *alone, "-c", COLD, str(packages), *words]
        done = subprocess.run(
            argv, input=given, capture_output=True, env=dict(env), cwd=cwd, check=False, timeout=WITHIN_S
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    else:
        ran = _server(python, packages).run(
            "statusline.commands.cli:main", words, env, stdins=[given], cwd=cwd, kill_after_s=WITHIN_S
        )
        code, out, err = ran.code, ran.out, ran.err
    return subprocess.CompletedProcess([*words], code, _text(out), _text(err))


def starts_cold(env: Mapping[str, str]) -> bool:
    """Return whether a command must be started: it sets variables of Python, or forks are not possible here."""
    return FORKS_NEVER or any(name.startswith("PYTHON") for name in env)


def _text(data: bytes) -> str:
    return data.decode().replace("\r\n", "\n").replace("\r", "\n")


@cache
def _server(python: str, packages: Path) -> ForkServer:
    opened = ExitStack()
    atexit.register(opened.close)
    return opened.enter_context(ForkServer(packages, MODULES, python=python))
