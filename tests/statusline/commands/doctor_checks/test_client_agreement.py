"""The doctor agrees with Claude Code about which settings hide the status line.

`client_agreement.json` holds runs of the real client: the settings files, the environment and the flags that it was
started with, and what it showed: a row of ours, another one or none. ``<hudline>`` stands for our command. A dialog
about the settings was answered with "Continue".
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cache.refresh.storage import cache_directory, config_file
from statusline.commands.claude_settings.tick_command import tick_command
from statusline.commands.doctor_checks.claude import trust
from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.result import Finding
from statusline.commands.doctor_checks.settings import hooks, interval, settings
from tests.support.claude_files import account_state
from tests.support.paths import ROOT

RUNS: list[dict[str, Any]] = json.loads((ROOT / "tests" / "data" / "client_agreement.json").read_text())["runs"]
WITH_FLAGS = [run for run in RUNS if run["flags"]]
# The accepted values change with the client's version.
UNCHECKED = [run for run in RUNS if run["fault"] == "permissions.defaultMode unknown"]
CHECKED = [run for run in RUNS if run not in WITH_FLAGS and run not in UNCHECKED]
CHECKS = (settings, hooks, trust, interval)  # those that depend on Claude Code's own files


def start(run: dict[str, Any], home: Path, managed: Path) -> Context:
    """Write the files of a run; return what the doctor looks at."""
    project = home / "project"
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", **run["environment"]}
    paths = {
        "user": home / ".claude" / "settings.json",
        "project": project / ".claude" / "settings.json",
        "local": project / ".claude" / "settings.local.json",
        "managed": managed / "managed-settings.json",
    }
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    ours = json.dumps(tick_command(cache_directory(env), config_file(env)))
    for scope, content in run["files"].items():
        text = content if isinstance(content, str) else json.dumps(content)
        paths[scope].write_text(text.replace('"<hudline>"', ours), encoding="utf-8")
    state = account_state(None, projects={str(project): {"hasTrustDialogAccepted": True}})
    (home / ".claude.json").write_text(json.dumps(state))
    return Context(env=env, cwd=project, managed=managed)


def blanks(context: Context) -> list[Finding]:
    """Return the findings that say why the line is blank."""
    return [found for found in (check(context) for check in CHECKS) if found.blank]


def fault(run: dict[str, Any]) -> str:
    return str(run["fault"])


@pytest.mark.parametrize("run", CHECKED, ids=fault)
def test_the_doctor_says_blank_where_the_client_shows_no_row_of_ours(
    run: dict[str, Any], home: Path, tmp_path: Path
) -> None:
    found = blanks(start(run, home, tmp_path / "managed"))
    assert bool(found) == (run["row"] != "ours")
    assert all(each.verdict == "failed" and each.next_step for each in found)


@pytest.mark.parametrize("run", WITH_FLAGS, ids=fault)
def test_flags_that_the_doctor_cannot_see_are_named_and_not_judged(
    run: dict[str, Any], home: Path, tmp_path: Path
) -> None:
    """The client shows no row of ours, and nothing on disk tells."""
    assert run["row"] != "ours"
    context = start(run, home, tmp_path / "managed")
    assert blanks(context) == []
    found = hooks(context)
    assert found.verdict == "ok"
    assert f"{run['flags'].split()[0]}`" in found.said
    assert "cannot be seen from here" in found.said


@pytest.mark.parametrize("run", UNCHECKED, ids=fault)
def test_of_values_that_the_doctor_does_not_check_it_says_what_to_look_for(
    run: dict[str, Any], home: Path, tmp_path: Path
) -> None:
    assert run["row"] == "none"
    context = start(run, home, tmp_path / "managed")
    assert blanks(context) == []
    assert "any other invalid value in that file would hide it" in settings(context).said


@pytest.mark.parametrize("run", [run for run in CHECKED if run["dialog"].startswith("Settings Error: ")], ids=fault)
def test_the_doctor_names_what_the_client_names(run: dict[str, Any], home: Path, tmp_path: Path) -> None:
    key = re.match(r"Settings Error: ([\w.]+): ", run["dialog"])
    said = settings(start(run, home, tmp_path / "managed")).said
    assert f"{key[1]} " in said if key else "Claude Code skips all of" in said


def test_there_are_enough_runs_of_each_kind() -> None:
    rows = [run["row"] for run in CHECKED]
    assert len(RUNS) >= 25
    assert len(WITH_FLAGS) >= 3
    assert min(rows.count("ours"), rows.count("none"), rows.count("another")) >= 3
