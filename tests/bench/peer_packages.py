"""Other status lines: their published packages, and how their documentation says to set them up."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from statusline import __version__
from tests.bench.process_cost import Times
from tests.support.installed_home import install_once

OURS = "hudline"
INSTALL_S = 600
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# The user's settings for package registries.
FOR_INSTALLING = (
    *("PIP_", "NPM_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
)


@dataclass(frozen=True)
class Peer:
    """Another status line: its package, what it is written in, and how it is set up after the installation.

    ``kind`` is ``npm``, ``pip``, or empty where its package is not to be had; then ``why`` says so. ``setup`` is its
    command that writes Claude Code's settings; without one, ``command`` is what its documentation puts there. In both
    ``~`` is the home, and a program is found in the package's own folder of programs.
    """

    name: str
    language: str
    package: str
    kind: str = ""
    setup: str = ""
    command: str = ""
    why: str = ""


PEERS = (
    Peer("ccstatusline", "Node", "ccstatusline", "npm", command="ccstatusline"),
    Peer("CCometixLine", "Rust", "@cometix/ccline", "npm", command="~/.claude/ccline/ccline"),
    Peer("claude-powerline", "Node", "@owloops/claude-powerline", "npm", command="claude-powerline --style=powerline"),
    Peer("ccusage", "Rust", "ccusage", "npm", command="ccusage statusline"),
    Peer("claude-statusbar", "Python", "claude-statusbar", "pip", setup="cs --setup"),
    Peer("claude-status", "Python", "claude-status", "pip", setup="claude-status --install"),
    Peer("agent-statusline", "Python", "agent-statusline", "pip", setup="agent-statusline install"),
    Peer("claude-hud", "Node", "claude-hud", why="a plugin of Claude Code's marketplace, in no package registry"),
    Peer("claudia-statusline", "Rust", "claudia-statusline", why="a crate; only packages of npm and pip are installed"),
)


class Missing(Exception):
    """A status line cannot be installed or run here; the message says why."""


@dataclass
class Installed:
    """A status line that is installed: its command, the folder of its programs, its home, and what its runs took."""

    name: str
    language: str
    version: str
    command: str
    programs: Path
    home: Path
    rows: dict[str, str] = field(default_factory=dict)  # this and the following by world
    taken: dict[str, list[Times]] = field(default_factory=dict)
    asks_git: dict[str, bool] = field(default_factory=dict)
    reads: dict[str, bool] = field(default_factory=dict)  # the transcript
    trouble: str = ""
    stays: bool = False  # in the background, as a daemon

    def environment(self) -> dict[str, str]:
        """Return all that it gets; the proxies lead nowhere, should there be a network."""
        proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), "http://127.0.0.1:9")
        terminal = {"LANG": "C.UTF-8", "COLUMNS": "160", "TERM": "xterm-256color"}
        return {"HOME": str(self.home), "PATH": f"{self.programs}:{SYSTEM_PATH}", **terminal, **proxies}


def install(peer: Peer, folder: Path) -> Installed:
    """Install a peer below a folder, unless that has been done; raise Missing."""
    if not peer.kind:
        raise Missing(peer.why)
    place, home = folder / peer.name, folder / "homes" / peer.name
    programs, done = place / "bin", place / "done"
    environment = clean_environment(home) | {"PATH": f"{programs}:{SYSTEM_PATH}"}
    if not done.exists():
        home.mkdir(parents=True, exist_ok=True)
        for words in steps_of(peer, place):
            must_run(words, environment, home)
    command = peer.command.replace("~", str(home))
    if peer.setup:
        if not done.exists():
            must_run(shlex.split(peer.setup), environment, home)
        settings = json.loads((home / ".claude" / "settings.json").read_text())
        command = settings["statusLine"]["command"]
    done.touch()
    return Installed(peer.name, peer.language, version_of(peer, place), command, programs, home)


def steps_of(peer: Peer, place: Path) -> list[list[str]]:
    """Return the commands that install a package of a peer."""
    if peer.kind == "npm":
        allowed = f"--allow-scripts={peer.package}"  # newer clients run none of a package's scripts without it
        return [
            ["npm", "install", "--global", allowed, "--no-fund", "--no-audit", "--prefix", str(place), peer.package]
        ]
    python = str(place / "bin" / "python")
    base = getattr(sys, "_base_executable", sys.executable)
    return [[base, "-m", "venv", str(place)], [python, "-m", "pip", "install", "--quiet", peer.package]]


def clean_environment(home: Path) -> dict[str, str]:
    """Return the environment for an installation: its own HOME, and the user's settings for package registries."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(FOR_INSTALLING)}
    for name, file in (("NPM_CONFIG_USERCONFIG", ".npmrc"), ("PIP_CONFIG_FILE", ".config/pip/pip.conf")):
        if (Path.home() / file).exists():
            kept.setdefault(name, str(Path.home() / file))
    return {"HOME": str(home), "LANG": "C.UTF-8", **kept}


def must_run(words: Sequence[str], environment: dict[str, str], cwd: Path) -> None:
    """Run a command; raise Missing with what it complained about."""
    program = shutil.which(words[0], path=environment["PATH"])
    if program is None:
        raise Missing(f"there is no {words[0]} here")
    try:
        done = subprocess.run(
            [program, *words[1:]],
            env=environment,
            cwd=cwd,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{words[0]}: {type(error).__name__}") from error
    if done.returncode:
        raise Missing(complaint(f"{words[0]} {words[1]}", done.stderr or done.stdout))


def complaint(what: str, text: str) -> str:
    """Return the first sentence of a program's errors, without addresses."""
    if "E404" in text:
        return "npm did not find it"
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    first = re.sub(r"\S*(?://|/tmp/)\S*", "…", lines[0] if lines else "no output")
    return f"{what}: {first.partition('. ')[0]}"[:120]


def version_of(peer: Peer, place: Path) -> str:
    """Return the installed version of a package."""
    if peer.kind == "npm":
        return str(json.loads((place / "lib" / "node_modules" / peer.package / "package.json").read_text())["version"])
    name = peer.package.replace("-", "_")
    found = re.search(
        f"/{name}-([^/]+)[.]dist-info", " ".join(str(each) for each in place.glob("lib/*/site-packages/*"))
    )
    return found[1] if found else "?"


def install_ours(folder: Path) -> Installed:
    """Install hudline as a person does; its language has a version if install.sh chose a quicker Python than this."""
    home = install_once(folder / OURS, choosing=True)
    tell = "import platform; print(platform.python_version(), end='')"
    version = subprocess.run([home.python, "-I", "-c", tell], check=True, stdout=subprocess.PIPE, text=True)
    language = "Python" if version.stdout == platform.python_version() else f"Python {version.stdout}"
    return Installed(OURS, language, __version__, home.command, home.venv / "bin", home.home)


def install_all(folder: Path, peers: Sequence[Peer]) -> tuple[list[Installed], dict[str, str]]:
    """Install all that can be had; return these, and why others are missing."""
    found, missing = [], {}
    for peer in peers:
        print(f"installing {peer.name}", file=sys.stderr)
        try:
            found.append(install(peer, folder))
        except Missing as why:
            missing[peer.name] = str(why)
    stop_leftovers(folder)
    return found, missing


def leftovers(homes: Path) -> Iterator[int]:
    """Yield the processes whose home is this folder or in it; none where the system has no /proc."""
    ours = f"HOME={homes}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            variables = (entry / "environ").read_bytes().split(b"\0")
            if any(each == ours or each.startswith(ours + b"/") for each in variables):
                yield int(entry.name)


def stop_leftovers(folder: Path) -> None:
    """End what they have left running, such as a daemon."""
    for pid in leftovers(folder / "homes"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
