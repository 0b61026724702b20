"""A person's machine on which every job has run once, so that every file that ticks and refreshers use is there."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cache.model.files import read_file
from cache.readings.snapshot import fingerprint, plain_name
from tests.support.faults.kept_files import make_due
from tests.support.fork_server import ForkServer, Ran
from tests.support.git_checkouts import checkout
from tests.support.loopback_server import Answer, Loopback
from tests.support.tick_world import SPARE, World, payload
from tests.support.transcript_writer import answer_line, user_line
from tests.support.usage_desk import FIVE_RESET, body

SESSION = "05cdc939-3ef8-48e2-b254-7a3c37f2c300"
VERSION = "2.1.330"
COMMAND = "echo today"
CONFIG = {
    "preset": "full",
    "fill": False,
    "rows": [
        ["model", "branch", "git_changes", "context", "five_hour", "seven_day", "model_week", "spend"],
        ["last_tool", "todos", "mcp", {"segment": "command", "name": "date"}],
    ],
    "commands": {"date": {"command": COMMAND, "every": 60}},
    "watch": [{"at": [1], "command": "true"}],
    "refresh": {"usage": 300},
}
JOBS = ("usage", "transcripts", "git", "activity", "command")


def plain(ran: Ran) -> str:
    """Return the line of a tick without what fills the room that is left, such as bars."""
    return SPARE.sub("", ran.out.decode())


@dataclass
class BusyHome:
    """``ticks`` and ``refreshers`` are servers with the modules of each; ``kept`` is where the first state is saved."""

    world: World
    server: Loopback
    ticks: ForkServer
    refreshers: ForkServer
    kept: Path

    def __post_init__(self) -> None:
        world, self.began = self.world, time.time()
        self.server.answers[:] = [Answer(body=json.dumps(self.answer()))]
        world.extra |= {"STATUSLINE_START": "off", "STATUSLINE_API_BASE": self.server.base}
        world.extra["STATUSLINE_LOG"] = str(self.log_file)
        world.sign_in()
        (world.home / ".claude" / "settings.json").write_text(json.dumps({"model": "opus"}))
        self.config.parent.mkdir(parents=True)
        self.config.write_text(json.dumps(CONFIG))
        checkout(self.work, one="1\n")
        (self.work / "one").write_text("2\n")
        shutil.rmtree(self.work / ".git" / "hooks", ignore_errors=True)  # samples, which need not be copied each time
        now = self.began
        self.transcript.parent.mkdir(parents=True)
        lines = [user_line(now - 600, "Go on."), *(answer_line(f"m{n}", f"r{n}", now - 500 + n) for n in range(20))]
        self.transcript.write_bytes(b"".join(lines))
        world.cache.mkdir(parents=True, mode=0o700)
        (world.cache / ".hudline").touch(mode=0o600)
        for _ in range(2):
            first = self.tick()
            assert (first.code, first.err) == (0, b""), first
            for job in JOBS:
                ran = self.refresh(job)
                assert (ran.code, ran.err) == (0, b""), (job, ran, self.log)
            make_due(world.cache)
        shutil.copytree(world.home, self.kept, symlinks=True)

    @property
    def config(self) -> Path:
        return self.world.home / ".config" / "hudline" / "config.json"

    @property
    def work(self) -> Path:
        return self.world.home / "work"

    @property
    def transcript(self) -> Path:
        return self.world.home / ".claude" / "projects" / "-work" / f"{SESSION}.jsonl"

    @property
    def log(self) -> str:
        """What the refreshers have logged."""
        return (read_file(str(self.log_file), ours=True) or b"").decode()

    @property
    def log_file(self) -> Path:
        return self.world.cache / "hudline.log"

    def restore(self) -> None:
        """Put everything back as it was when all jobs had run and were due again."""
        for each in self.world.home.iterdir():
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
        shutil.copytree(self.kept, self.world.home, symlinks=True, dirs_exist_ok=True)

    def answer(self, five: float = 24, week: float = 83, model: float = 36) -> dict[str, Any]:
        """Return an answer of the endpoint, for the windows that messages report."""
        limits = self.payload()["rate_limits"]
        shift_s = int(limits["five_hour"]["resets_at"]) - FIVE_RESET
        found = body(five, week, model, shift_s=shift_s)
        week_at = datetime.fromtimestamp(limits["seven_day"]["resets_at"], timezone.utc).isoformat()
        found["seven_day"]["resets_at"] = found["limits"][0]["resets_at"] = week_at
        return found

    def payload(self, **changes: Any) -> dict[str, Any]:
        """Return a message of Claude Code in the checkout; it reports less than the endpoint."""
        given = payload("oauth-02-after-message-rate-limits", now=self.began, session_id=SESSION)
        for id_, percent in (("five_hour", 20.5), ("seven_day", 80.5)):
            given["rate_limits"][id_]["used_percentage"] = percent
        given["cwd"] = given["workspace"]["current_dir"] = given["workspace"]["project_dir"] = str(self.work)
        return {**given, "transcript_path": str(self.transcript), **changes}

    def tick(self, given: bytes | None = None, **options: Any) -> Ran:
        """Draw the line for a message, or for bytes as they are."""
        data = json.dumps(self.payload()).encode() if given is None else given
        world = self.world
        return self.ticks.run(world.door, world.command[4:], world.env, stdins=[data], cwd=world.home, **options)

    def refresh(self, job: str, **options: Any) -> Ran:
        """Run a job as a tick starts it."""
        return self.refresh_at_once(job, 1, **options)[0]

    def refresh_at_once(self, job: str, times: int, **options: Any) -> list[Ran]:
        """Run a job several times at the same time."""
        door = self.world.door.parents[1] / "cache" / "__main__.py"
        stdins = [json.dumps(self._order).encode()] * times if job == "command" else []
        env = {name: value for name, value in self.world.env.items() if name != "STATUSLINE_START"}
        return self.refreshers.many(door, [[job, *self._options(job)]] * times, env, stdins=stdins, **options)

    @property
    def _order(self) -> dict[str, Any]:
        order = {"directory": str(self.work), "payload": {}, "environment": {"PATH": "/usr/bin:/bin"}}
        return {"command": COMMAND, "every": 60, **order}

    def _options(self, job: str) -> list[str]:
        cache = ["--cache", str(self.world.cache)]
        work = str(self.work)
        key = fingerprint(f"{COMMAND}\n{work}\n{SESSION}")
        own = {
            "git": [
                "--entry",
                plain_name(str(self.work)),
                "--root",
                str(self.work),
                "--session",
                SESSION,
                "--lines",
                "0",
            ],
            "activity": ["--entry", plain_name(SESSION), "--transcript", str(self.transcript)],
            "command": ["--entry", f"date-{key:016x}"],
        }
        common = ["--config", str(self.config), "--oauth", "auto", "--billing", "", "--every", "300", "--proved", ""]
        return [*own[job], *cache] if job in own else [*cache, *common, "--project", "", "--claude-version", VERSION]

    def percents(self) -> dict[str, float]:
        """Return the kept percentages by window, empty where nothing can be read."""
        try:
            return {id_: each["percent"] for id_, each in self.world.windows().items()}
        except (ValueError, OSError, KeyError, TypeError):
            return {}
