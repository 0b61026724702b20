"""A home in which hudline is well, until a test makes something fail: what the doctor looks at."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.claude_files import account_state
from tests.support.installed_home import Home
from tests.support.tick_world import World

ACCOUNT = "11111111-2222-3333-4444-555555555555"


@dataclass
class Patient:
    """A home in which all is well, until a test makes something fail."""

    person: Home
    project: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return World(self.person.home, self.person.main)

    def ran(self, *words: str) -> subprocess.CompletedProcess[str]:
        given = {"TERM": "xterm-256color", "PATH": "/usr/bin:/bin", **self.env}
        return self.person.run("doctor", *words, cwd=self.project, **given)

    def report(self, *words: str) -> dict[str, Any]:
        """Return what `--json` says, with the checks by name; nothing may be on stderr."""
        ran = self.ran("--json", *words)
        assert ran.stderr == ""
        found: dict[str, Any] = json.loads(ran.stdout)
        found["checks"] = {each["name"]: each for each in found["checks"]}
        assert (ran.returncode == 1) == any(each["verdict"] == "failed" for each in found["checks"].values())
        return found

    def troubles(self, *words: str) -> dict[str, tuple[str, str]]:
        """Return verdict and next step of each check that complains."""
        checks = self.report(*words)["checks"].values()
        return {
            each["name"]: (each["verdict"], each["next_step"])
            for each in checks
            if each["verdict"] in {"warning", "failed"}
        }

    def edit(self, **keys: object) -> None:
        """Set keys of the person's settings; None takes one out."""
        path = self.person.settings
        path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))

    def edit_line(self, **keys: object) -> None:
        whole = json.loads(self.person.settings.read_text())
        self.edit(statusLine={**whole["statusLine"], **keys})

    def swap(self, old: str, new: str) -> None:
        """Put something else into the configured command."""
        assert old in self.person.command
        self.edit_line(command=self.person.command.replace(old, new))

    def keep(self, name: str, **fields: object) -> None:
        (self.person.cache / name).write_text(json.dumps(fields))

    def claude(self, version: str) -> None:
        """Install a Claude Code as its installer does: a link to a file that is named by its version."""
        program = self.person.home / ".local" / "share" / "claude" / "versions" / version
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        link = self.person.home / ".local" / "bin" / "claude"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(program)

    def trust(self, answers: dict[Path, bool]) -> None:
        projects = {str(path): {"hasTrustDialogAccepted": answer} for path, answer in answers.items()}
        state = account_state(ACCOUNT, projects=projects)
        (self.person.home / ".claude.json").write_text(json.dumps(state))


def well(person: Home) -> Patient:
    """Return a home with a project, a login, a Claude Code and numbers."""
    project = person.home / "project"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    made = Patient(person, project)
    made.world.sign_in()
    made.claude("2.1.330")
    made.trust({project: True})
    now = int(time.time())
    value = {"account": "unknown", "account_since": 0, "plan": "Max 20x", "windows": [], "spend": None}
    made.keep("usage.json", schema=1, fetched_at=now - 60, due_at=now + 240, problem=None, watch={}, value=value)
    made.keep("endpoint.json", attempted_at=now - 60, next_at=now + 250, answered_at=now - 60)
    return made
