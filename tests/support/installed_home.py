"""A person's home with hudline in it, installed by the real install.sh, and what can be done there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.warm_command import run_command, starts_cold

PARTS = ("install.sh", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".build", "statusline", "cache")
PYTHON = getattr(sys, "_base_executable", sys.executable)  # not a venv's link to it
WITHIN_S = 300  # a cold network fills it, nothing else comes near

# What pip needs of the surroundings to reach its index: only its own settings, certificates and proxies.
FOR_PIP = ("PIP_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY")


def clean_env(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with nothing of the person who runs the tests in it."""
    env = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    if "TMPDIR" in os.environ:
        env["TMPDIR"] = os.environ["TMPDIR"]
    return env | more


def pip_env(scratch: Path, *, compiled: bool = False) -> dict[str, str]:
    """Return what an installation needs besides.

    To be quick, installations share pip's cache, and all but the one of ``install_once`` leave compiling what they
    import to Python.
    """
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(FOR_PIP)}
    return kept | {"PIP_CACHE_DIR": str(scratch / "pip-cache")} | ({} if compiled else {"PIP_NO_COMPILE": "1"})


def copy_checkout(target: Path) -> Path:
    """Copy what an installation is made from, as a fresh clone has it."""
    target.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, target / part)
    return target


@dataclass(frozen=True)
class Home:
    """A scratch home; ``env`` is the whole environment of what runs there.

    ``warm``: commands are forks of a process that has imported the program, so nothing may change in ``venv``.
    """

    home: Path
    env: dict[str, str]
    venv: Path
    warm: bool = False
    settings: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", self.home / ".claude" / "settings.json")

    @property
    def python(self) -> Path:
        """The interpreter that the line is drawn by."""
        return self.venv / "bin" / "python"

    @property
    def program(self) -> Path:
        """The `statusline` command."""
        return self.venv / "bin" / "statusline"

    @property
    def main(self) -> Path:
        """The tick's door in the installed package."""
        return self.venv / "packages" / "statusline" / "__main__.py"

    @property
    def command(self) -> str:
        """The shell string that stands in Claude Code's settings."""
        command = json.loads(self.settings.read_text(encoding="utf-8-sig"))["statusLine"]["command"]
        assert isinstance(command, str)
        return command

    @property
    def cache(self) -> Path:
        """The cache directory that the command names."""
        return self.home / ".cache" / "hudline"

    def run(
        self, *words: str, stdin: str = "", cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `statusline WORDS...`; the exit code is for the caller to judge."""
        if not self.warm or starts_cold(env):
            return self.started([str(self.program), *words], stdin, cwd, env)
        python, packages = str(self.python), self.venv / "packages"
        env, cwd = self.env | env, cwd or self.home
        return run_command(*words, env=env, cwd=cwd, stdin=stdin, python=python, packages=packages)

    def tick(self, stdin: str = "", cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the configured command as Claude Code does: by a shell, the payload on stdin."""
        return self.started(["/bin/sh", "-c", self.command], stdin, cwd, env)

    def started(
        self, argv: list[str], stdin: str, cwd: Path | None, env: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run any program in this home."""
        return subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd or self.home,
            env=self.env | env,
            timeout=WITHIN_S,
        )


def install_sh(
    checkout: Path, env: dict[str, str], *words: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the real install.sh of a checkout."""
    return subprocess.run(
        ["/bin/sh", str(checkout / "install.sh"), *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=cwd or env["HOME"],
        env=env,
        timeout=WITHIN_S,
    )


def install_once(scratch: Path, *, choosing: bool = False) -> Home:
    """Install from a copy of the checkout into a home below ``scratch``, unless that has been done already.

    With this Python, or with the one that install.sh chooses where this one is the first on the PATH.
    """
    home = scratch / "home"
    found = Home(home, clean_env(home), home / ".local" / "share" / "hudline" / "venv")
    if not (scratch / "done").exists():
        shutil.rmtree(scratch, ignore_errors=True)
        home.mkdir(parents=True)
        checkout = copy_checkout(scratch / "checkout")
        env = clean_env(home) | pip_env(scratch, compiled=True)
        env["PATH"] = f"{os.path.dirname(sys.executable)}:{env['PATH']}" if choosing else env["PATH"]
        ran = install_sh(checkout, env, *([] if choosing else ["--python", sys.executable]))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        (scratch / "said").write_text(ran.stdout)
        (scratch / "done").touch()
    return found


def files_below(folder: Path) -> dict[str, bytes | str]:
    """Return every file and link below a folder with its content."""
    found: dict[str, bytes | str] = {}
    for each in sorted(folder.rglob("*")):
        if each.is_symlink():
            found[str(each.relative_to(folder))] = os.readlink(each)
        elif each.is_file():
            found[str(each.relative_to(folder))] = each.read_bytes()
    return found


def without_cache(files: dict[str, bytes | str]) -> dict[str, bytes | str]:
    """Leave out what the lines drawn meanwhile wrote down."""
    return {name: content for name, content in files.items() if not name.startswith(".cache/")}
