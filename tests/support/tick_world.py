"""A person's machine in a folder: a home, a cache, a login, and ticks as Claude Code runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.claude_files import account_state, login_text
from tests.support.paths import PAYLOADS
from tests.support.warm_command import run_command

TOKEN = "sk-ant-oat01-CANARY-7hQ2vX9mZk4RtY8wLp3N"
ACCOUNT = "11111111-2222-3333-4444-555555555555"


def payload(name: str, *, now: float | None = None, **changes: Any) -> dict[str, Any]:
    """Return a recorded payload; with ``now`` its windows end 2 h and 4 days later than that."""
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    limits = found.get("rate_limits", {})
    for id_, ahead in (("five_hour", 7200), ("seven_day", 345600)):
        if now is not None and id_ in limits:
            limits[id_]["resets_at"] = int(now) + ahead
    return {**found, **changes}


# Bars, the pace, the size of the context and its tokens.
SPARE = re.compile(r"[━╾─┴┷]+ | [▲▼][0-9]+|(?<=[0-9]) 1M\b| [0-9.]+[kM]?/[0-9]+[kM]\b")


@dataclass
class World:
    """``door`` is the file that Claude Code's command starts; ``extra`` is put into the environment."""

    home: Path
    door: Path
    python: str = sys.executable
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.home / ".cache" / "hudline"

    @property
    def env(self) -> dict[str, str]:
        fixed = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1"}
        return {**fixed, **self.extra}

    @property
    def command(self) -> list[str]:
        config = self.home / ".config" / "hudline" / "config.json"
        return [self.python, "-I", "-S", str(self.door), "--cache", str(self.cache), "--config", str(config)]

    def tick(self, given: object = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a tick on a payload, or on bytes as they are."""
        data = given if isinstance(given, bytes) else json.dumps(given).encode() + b"\n"
        options.setdefault("cwd", self.home)
        return subprocess.run(self.command, input=data, capture_output=True, env=self.env, check=False, **options)

    def traced(self, code: str, given: object, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run code that runs a tick; its arguments are the entry point and what is given to that."""
        python, *rest = self.command
        return subprocess.run(
            [python, "-I", "-S", "-c", code, *rest[2:]],
            input=json.dumps(given).encode(),
            capture_output=True,
            env=self.env,
            cwd=cwd or self.home,
            check=True,
        )

    def line(self, given: object = b"", **options: Any) -> str:
        """Return the one row of a tick, having seen that it is one, on a silent and successful run."""
        done = self.tick(given, **options)
        assert (done.returncode, done.stderr) == (0, b"")
        rows = done.stdout.decode().splitlines()
        assert len(rows) == 1
        assert rows[0].strip()
        return rows[0]

    def plain(self, given: object = b"", **options: Any) -> str:
        """Return the rows of a tick without what comes only as far as there is room: bars, pace and small details."""
        return SPARE.sub("", self.line(given, **options))

    def sign_in(self, token: str = TOKEN, account: str = ACCOUNT, **changes: Any) -> Path:
        """Write a login as Claude Code does; return its file."""
        folder = Path(self.extra.get("CLAUDE_CONFIG_DIR") or self.home / ".claude")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / ".credentials.json"
        changes = {"rateLimitTier": "default_claude_max_20x", **changes}
        file.write_text(login_text(token, expires_at=time.time() + 8 * 3600, **changes))
        file.chmod(0o600)
        state = folder / ".claude.json" if self.extra.get("CLAUDE_CONFIG_DIR") else self.home / ".claude.json"
        state.write_text(json.dumps(account_state(account)))
        self.install_claude()
        return file

    def install_claude(self, version: str = "2.1.330") -> None:
        """Lay out Claude Code as its installer does: the link's target tells the version."""
        program = self.home / ".local" / "share" / "claude" / "versions" / version
        link = self.home / ".local" / "bin" / "claude"
        for path in (program, link):
            path.parent.mkdir(parents=True, exist_ok=True)
        program.touch(mode=0o755)
        link.unlink(missing_ok=True)
        link.symlink_to(program)

    def kept(self) -> dict[str, Any]:
        """Return the usage entry on disk, an empty one where there is none."""
        try:
            found: dict[str, Any] = json.loads((self.cache / "usage.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def windows(self) -> dict[str, Any]:
        """Return the kept windows by id."""
        return {each["id"]: each for each in (self.kept().get("value") or {}).get("windows", [])}

    def refresh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``statusline refresh`` in the foreground."""
        return run_command(
            "refresh", *words, env=self.env, cwd=self.home, python=self.python, packages=self.door.parents[1]
        )


def until(condition: Callable[[], Any], seconds: float = 60, seen: Callable[[], object] | None = None) -> Any:
    """Wait for a condition and return what it gave; fail when it never comes true, and say what was ``seen`` then.

    A job that is lost on a busy machine (killed by its time limit, say) starts again half a minute later.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, ("it never came true", seen and seen())
        time.sleep(0.02)
    return found
