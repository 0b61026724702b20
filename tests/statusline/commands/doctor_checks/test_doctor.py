"""`statusline doctor`: a sound installation gets no complaint, each seeded fault its name and the right next step."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cache.model.layout import MARKER
from cache.sources.transcripts.prices import PRICED_ON
from statusline.commands.claude_settings.tick_command import GONE
from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.login import credentials
from statusline.commands.doctor_checks.prices import prices
from statusline.commands.doctor_checks.result import Finding
from statusline.commands.doctor_checks.settings import hooks, settings
from tests.support.doctor_patient import Patient
from tests.support.installed_home import PYTHON, Home
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.tick_world import TOKEN, payload, until
from tests.support.unprivileged import DROP

WEEK = {
    "id": "seven_day",
    "label": "7d",
    "percent": 5.0,
    "resets_at": 4_000_000_000,
    "source": "oauth",
    "observed_at": 1,
}

# --- a sound installation --------------------------------------------------------------------------------------------


def test_a_sound_installation_has_no_problems_and_the_report_begins_with_the_line(patient: Patient) -> None:
    ran = patient.ran()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0] == "The line works:"
    assert ran.stdout.splitlines()[1].startswith("  Claude │ ")
    assert {row.split()[0] for row in ran.stdout.splitlines()[3:] if not row.startswith(" ")} <= {"ok", "skipped"}


def test_a_sound_installation_has_no_problems_without_login_or_claude(person: Home) -> None:
    assert Patient(person, person.home).troubles() == {}


def test_the_brief_report_has_only_problems(patient: Patient) -> None:
    assert len(patient.ran("--brief").stdout.splitlines()) == 2
    patient.env["STATUSLINE_API_BASE"] = "http://127.0.0.1:9"
    assert [row.split()[0] for row in patient.ran("--brief").stdout.splitlines()[3:]] == ["warning", "->"]


def test_the_report_for_scripts_has_the_row_its_time_and_every_check(patient: Patient) -> None:
    found = patient.report()
    assert set(found) == {"blank", "row", "row_ms", "fixed", "checks"}
    assert (found["blank"], found["fixed"]) == ([], [])
    assert found["row"].startswith("Claude │ ")
    assert "main" in found["row"]
    assert 0 < found["row_ms"] < 5000
    names = "settings hooks trust claude interpreter files bytecode line segments interval numbers login credentials"
    others = "keychain endpoint proxy base cache jobs lock leftovers prices configuration log terminal clock processes"
    assert set(found["checks"]) == set(f"{names} {others}".split())
    assert found["checks"]["files"]["verdict"] == "ok"
    assert found["checks"]["bytecode"]["verdict"] == "ok"
    assert "Max 20x, from Claude Code's credentials file, expires in 7h59m" in found["checks"]["login"]["said"]
    assert "ok; last request 1m ago" in found["checks"]["endpoint"]["said"]


def test_without_options_nothing_is_changed_or_requested(patient: Patient) -> None:
    """Even where a refresh is due: the line that is tried starts none."""
    patient.keep("usage.json", schema=1, fetched_at=0, due_at=0, value=None)
    (patient.person.cache / "endpoint.json").unlink()
    with Loopback() as server:
        patient.env["STATUSLINE_API_BASE"] = server.base
        before = sorted(patient.person.cache.rglob("*"))
        patient.ran()
        assert server.requests == []
        after = [each for each in sorted(patient.person.cache.rglob("*")) if each.name != "usage.lock"]
        assert after == [each for each in before if each.name != "usage.lock"]


def test_online_makes_a_request(patient: Patient) -> None:
    body = (ROOT / "tests" / "data" / "answers" / "captured.json").read_text()
    with Loopback(Answer(body=body), Answer(status=500)) as server:
        patient.env["STATUSLINE_API_BASE"] = server.base
        checks = patient.report("--online")["checks"]
        assert checks["endpoint"]["verdict"] == "ok"
        assert len(server.requests) == 1
        checks = patient.report("--online")["checks"]
        assert (checks["endpoint"]["verdict"], checks["endpoint"]["said"][:12]) == ("failed", "server error")


@pytest.mark.parametrize(("status", "verdict"), [(500, "failed"), (200, "ok")])
def test_the_endpoints_answer_is_kept_after_a_fix(patient: Patient, status: int, verdict: str) -> None:
    """It is asked once, and its failure is one of the whole."""
    body = (ROOT / "tests" / "data" / "answers" / "captured.json").read_text()
    (patient.person.cache / "endpoint.json").unlink()
    patient.person.cache.chmod(0o755)
    with Loopback(Answer(status=status, body=body)) as server:
        patient.env["STATUSLINE_API_BASE"] = server.base
        found = patient.report("--online", "--fix")
        assert found["fixed"] == ["cache"]
        assert found["checks"]["cache"]["verdict"] == "ok"
        assert found["checks"]["endpoint"]["verdict"] == verdict
        assert len(server.requests) == 1


def test_no_token_and_nothing_else_of_the_settings_is_shown(patient: Patient) -> None:
    patient.edit(env={"SECRET": "hunter2"}, statusLine={"type": "command", "command": f"KEY={TOKEN} mine"})
    patient.env["HTTPS_PROXY"] = "http://me:hunter2@127.0.0.1:9"
    for words in ([], ["--json"]):
        said = patient.ran(*words).stdout
        assert "127.0.0.1:9" in said
        assert "hunter2" not in said
        assert "CANARY" not in said


# --- why the status line is blank ------------------------------------------------------------------------------------


def blank(patient: Patient, name: str, next_step: str, verdict: str = "failed") -> str:
    """Say that this check complains, with this next step, and that the first lines tell it; return what it says."""
    found = patient.report()["checks"][name]
    assert found["verdict"] == verdict
    assert next_step in found["next_step"]
    said: str = found["said"]
    first = patient.ran().stdout.split("\n\n")[0].splitlines()
    heading = "The status line is blank, or is not hudline's:"
    assert first[0] in {heading, "The line works here. If the status line is blank anyway:"}
    assert (first[0] == heading) == (verdict == "failed")
    assert f"  {said}" in first
    assert any(next_step in each for each in first)
    return said


def test_no_line_in_the_settings(patient: Patient) -> None:
    patient.person.settings.write_text("{}")
    blank(patient, "settings", "Run `statusline install`")


def test_settings_that_cannot_be_parsed(patient: Patient) -> None:
    patient.person.settings.write_text('{"statusLine": ')
    said = blank(patient, "settings", f"Correct {patient.person.settings}; when `claude` starts, it names each value")
    assert said.startswith(f"Claude Code skips all of {patient.person.settings}: line 1, column ")


def test_a_value_that_makes_claude_code_skip_the_settings(patient: Patient) -> None:
    """It is not in our line, and it is not quoted."""
    patient.edit(apiKeyHelper=["hunter2"])
    said = blank(patient, "settings", f"Correct {patient.person.settings}")
    assert said == f"Claude Code skips all of {patient.person.settings}: apiKeyHelper must be a string"
    patient.edit(apiKeyHelper="hunter2")
    patient.edit_line(padding="0")
    said = blank(patient, "settings", f"Correct {patient.person.settings}")
    assert said == f"Claude Code skips all of {patient.person.settings}: statusLine.padding must be a number"


def test_a_broken_file_of_the_project_does_not_hide_the_line(patient: Patient) -> None:
    (patient.project / ".claude").mkdir()
    for name in ("settings.json", "settings.local.json"):
        file = patient.project / ".claude" / name
        file.write_text('{"statusLine": {"type": "static"}}')
        said = only(patient, "settings", "Correct that file; it does not hide the status line.")
        assert f"Claude Code skips all of {file}: statusLine.type must be" in said
        assert patient.report()["blank"] == []
        file.unlink()


def test_a_different_status_line(patient: Patient) -> None:
    patient.edit_line(command="npx ccstatusline")
    blank(patient, "settings", "it keeps a backup for `uninstall`")


def test_the_projects_line_wins(patient: Patient) -> None:
    other = {"statusLine": {"type": "command", "command": "echo the team's"}}
    (patient.project / ".claude").mkdir()
    (patient.project / ".claude" / "settings.json").write_text(json.dumps(other))
    blank(patient, "settings", "Run `statusline install --scope local` here")
    patient.person.run("install", "--scope", "local", cwd=patient.project)
    found = patient.report()["checks"]["settings"]
    assert (found["verdict"], "it overrides" in found["said"]) == ("ok", True)


def test_the_status_line_is_set_twice(patient: Patient) -> None:
    text = patient.person.settings.read_text().rstrip().removesuffix("}")
    patient.person.settings.write_text(f'{text}, "statusLine": {json.dumps(patient_line(patient))}}}')
    only(patient, "settings", 'Remove all but one "statusLine"')
    assert patient.report()["blank"] == []


def patient_line(patient: Patient) -> object:
    return json.loads(patient.person.settings.read_text())["statusLine"]


def test_hooks_turned_off(patient: Patient) -> None:
    patient.edit(disableAllHooks=True)
    blank(patient, "hooks", f'Remove "disableAllHooks" from {patient.person.settings}')
    (patient.project / ".claude").mkdir()
    (patient.project / ".claude" / "settings.local.json").write_text('{"disableAllHooks": false}')
    assert patient.troubles() == {}


def managed(patient: Patient, tmp_path: Path, **keys: object) -> Context:
    """Return the context on a machine whose administrator has set something."""
    (tmp_path / "managed").mkdir(exist_ok=True)
    (tmp_path / "managed" / "managed-settings.json").write_text(json.dumps(keys))
    return Context(env=patient.person.env, cwd=patient.project, managed=tmp_path / "managed")


def test_only_managed_hooks(patient: Patient, tmp_path: Path) -> None:
    found = hooks(managed(patient, tmp_path, allowManagedHooksOnly=True))
    assert (found.verdict, found.blank) == ("failed", True)
    assert "Ask your administrator" in str(found.next_step)
    line = patient_line(patient)
    assert hooks(managed(patient, tmp_path, allowManagedHooksOnly=True, statusLine=line)).verdict == "ok"


def test_a_managed_line_that_the_persons_settings_cannot_turn_off(patient: Patient, tmp_path: Path) -> None:
    patient.edit(disableAllHooks=True)
    found = hooks(managed(patient, tmp_path, statusLine=patient_line(patient)))
    assert (found.verdict, found.blank) == ("warning", False)
    assert found.said.startswith(f"disableAllHooks in {patient.person.settings} does not turn off the status line of ")


def test_a_managed_file_that_cannot_be_parsed(patient: Patient, tmp_path: Path) -> None:
    context = managed(patient, tmp_path)
    (tmp_path / "managed" / "managed-settings.json").write_text("{")
    found = settings(context)
    assert (found.verdict, found.blank) == ("failed", True)
    assert found.said.startswith(f"Claude Code does not start with {tmp_path}/managed/managed-settings.json: ")
    assert found.next_step == "Ask your administrator to correct that file."


def test_a_managed_line(patient: Patient, tmp_path: Path) -> None:
    found = settings(managed(patient, tmp_path, statusLine={"type": "command", "command": "corporate"}))
    assert (found.verdict, found.blank) == ("failed", True)
    assert found.next_step == "Ask your administrator: your settings cannot override this one."


def test_a_folder_that_is_not_trusted(patient: Patient) -> None:
    """A repository does not inherit the trust of the folder above it; any other folder does."""
    patient.trust({patient.project: False, patient.person.home: True})
    blank(patient, "trust", f"Start `claude` in {patient.project} and answer yes", "warning")
    shutil.rmtree(patient.project / ".git")
    assert "trust" not in patient.troubles()


def test_the_interpreter_was_removed(patient: Patient) -> None:
    patient.swap(str(patient.person.python), "/gone/bin/python")
    blank(patient, "interpreter", "Run `statusline doctor --fix`")
    assert GONE in patient.report()["checks"]["line"]["said"]
    fixed(patient, "interpreter", "line")
    assert str(patient.person.python) in patient.person.command


def test_the_interpreter_was_removed_from_a_command_with_other_parts(patient: Patient) -> None:
    around = "export STATUSLINE_OAUTH=off; {}; true"
    ours = patient.person.command
    patient.edit_line(command=around.format(ours.replace(str(patient.person.python), "/gone/bin/python")))
    fixed(patient, "interpreter", "line")
    assert patient.person.command == around.format(ours)


def test_a_configuration_that_leaves_only_the_name(patient: Patient) -> None:
    config = patient.person.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": [["pr"]]}')
    said = only(patient, "configuration", "such as `model`")
    assert said.startswith(f"{config}:1: rows: no segment in them always shows something")
    found = patient.report()
    line = found["checks"]["line"]
    assert (line["verdict"], line["blanks_the_bar"], found["row"], found["blank"]) == ("ok", False, "hudline", [])
    assert line["said"].startswith(f"the row is only `hudline`: with the configuration in {config}, no segment")
    assert patient.ran().returncode == 0


def test_a_line_without_a_command_is_shown_as_json(patient: Patient) -> None:
    (patient.project / ".claude").mkdir()
    (patient.project / ".claude" / "settings.json").write_text('{"statusLine": {"type": "command", "command": ""}}')
    said = settings(Context(env=patient.person.env, cwd=patient.project)).said
    assert 'without a command: {"type": "command", "command": ""}' in said


# --- other checks ----------------------------------------------------------------------------------------------------


NOWHERE = "http://127.0.0.1:9"  # a test's address, beside which programs of tests count


def only(patient: Patient, name: str, next_step: str, verdict: str = "warning") -> str:
    """Say that this check complains with this next step, and no other one does; return what it says."""
    (found,) = (each for each in patient.report()["checks"].values() if each["verdict"] in {"warning", "failed"})
    assert (found["name"], found["verdict"]) == (name, verdict)
    assert next_step in found["next_step"]
    said: str = found["said"]
    return said


def fixed(patient: Patient, *names: str) -> None:
    """Assert that `--fix` fixes the problems of these checks."""
    found = patient.report("--fix")
    assert found["fixed"] == list(names)
    assert {each["verdict"] for each in found["checks"].values()} <= {"ok", "skipped"}


def test_a_claude_code_that_is_too_old(patient: Patient) -> None:
    patient.claude("2.1.96")
    said = only(patient, "claude", "Run `claude update`")
    assert "refreshInterval" in said
    assert "COLUMNS" in said
    assert "rate_limits" not in said


def test_the_version_that_a_session_reported_counts_first(patient: Patient) -> None:
    """Another installation than the one on PATH may be the one in use; nothing needs to be run."""
    now = int(time.time())
    entry = {"schema": 1, "fetched_at": now, "due_at": now + 240, "watch": {}}
    patient.claude("2.1.330")
    patient.keep("usage.json", **entry, value={"windows": [], "claude_version": "2.1.332"})
    found = patient.report()["checks"]["claude"]
    assert (found["verdict"], found["said"]) == ("ok", "Claude Code 2.1.332, as the last session reported it")
    patient.keep("usage.json", **entry, value={"windows": [], "claude_version": "2.1.96"})
    said = only(patient, "claude", "Run `claude update`, then start `claude`.")
    assert said.startswith("Claude Code 2.1.96, as the last session reported it, is too old: ")
    patient.keep("usage.json", **entry, value={"windows": [], "claude_version": "2.1.332\n"})
    assert patient.report()["checks"]["claude"]["said"] == "Claude Code 2.1.330"


def test_a_claude_that_is_slow_to_say_its_version(patient: Patient, tmp_path: Path) -> None:
    slow = tmp_path / "claude"
    slow.write_text("#!/bin/sh\nsleep 2.5\necho '2.1.331 (Claude Code)'\n")
    slow.chmod(0o755)
    patient.env |= {"STATUSLINE_CLAUDE_BIN": str(slow), "STATUSLINE_API_BASE": NOWHERE}
    assert patient.report()["checks"]["claude"]["said"] == "Claude Code 2.1.331"


def test_a_claude_that_does_not_answer_is_not_one_that_is_missing(patient: Patient, tmp_path: Path) -> None:
    silent = tmp_path / "my claude"
    patient.env |= {"STATUSLINE_CLAUDE_BIN": str(silent), "STATUSLINE_API_BASE": NOWHERE}
    found = patient.report()["checks"]["claude"]
    assert found["said"] == f"`{silent}` not found; without a version no usage request is made"
    assert found["next_step"].startswith("Put `claude` on PATH")
    silent.write_text("#!/bin/sh\n")
    silent.chmod(0o755)
    found = patient.report()["checks"]["claude"]
    assert found["said"].startswith(f"{silent} was found, but `--version` printed no version")
    assert found["next_step"] == f"Run `'{silent}' --version` in a terminal: it should print a version at once."


def test_a_script_in_front_of_the_interpreter(patient: Patient, tmp_path: Path) -> None:
    shim = tmp_path / "python"
    shim.write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n')
    shim.chmod(0o755)
    patient.swap(str(patient.person.python), str(shim))
    assert "is a wrapper script for Python. It was not run" in only(patient, "interpreter", "statusline doctor --fix")
    fixed(patient, "interpreter")


@pytest.mark.parametrize("value", [None, "10", 0])
def test_a_line_without_a_refresh_interval(patient: Patient, value: object) -> None:
    patient.edit_line(refreshInterval=value)
    only(patient, "interval", '"refreshInterval": 10')


def test_a_padding_that_the_line_does_not_know_of(patient: Patient) -> None:
    patient.edit_line(padding=2)
    only(patient, "interval", '"padding": 2')


def test_a_cache_that_is_open_to_others(patient: Patient) -> None:
    patient.person.cache.chmod(0o755)
    only(patient, "cache", "Run `statusline doctor --fix`")
    fixed(patient, "cache")


NEEDED = ["usage.start", "usage.start.tmp", "transcripts.start", "usage.json", "transcripts.json"]


@pytest.mark.parametrize("name", NEEDED)
def test_a_folder_in_place_of_a_file_of_the_cache(patient: Patient, name: str) -> None:
    (patient.person.cache / name).unlink(missing_ok=True)
    (patient.person.cache / name).mkdir()
    found = patient.report()["checks"]["cache"]
    assert found["verdict"] == "failed"
    assert found["said"] == f"{patient.person.cache}/{name} is not a file of yours, so nothing is refreshed"
    assert found["next_step"].startswith("Move it away")


@pytest.mark.parametrize("name", ["slot-0", "slot-3.tmp"])
def test_a_folder_in_place_of_a_slot(patient: Patient, name: str) -> None:
    (patient.person.cache / name).mkdir()
    said = only(patient, "cache", "Move it away", "failed")
    assert said == f"{patient.person.cache}/{name} is not a file of yours, so refreshes are late or do not start"
    (patient.person.cache / name).rmdir()
    (patient.person.cache / name).write_text("git-1-1")
    assert patient.report()["checks"]["cache"]["verdict"] == "ok"


def test_a_cache_of_the_users_own_that_others_can_write(patient: Patient) -> None:
    (patient.person.cache / MARKER).unlink()
    patient.person.cache.chmod(0o777)
    said = only(patient, "cache", f"Run `chmod go-w {patient.person.cache}`")
    assert said == f"{patient.person.cache} can be written by other users"


def test_a_cache_that_cannot_be_created(patient: Patient) -> None:
    """A file is in the way; a folder without permission is for root no obstacle."""
    (patient.person.home / "file").write_text("")
    patient.env["STATUSLINE_CACHE_DIR"] = f"{patient.person.home}/file/deep/cache"
    found = patient.report()["checks"]["cache"]
    assert found["verdict"] == "failed"
    assert f"cannot be created: {patient.person.home}/file cannot be written" in found["said"]


def test_a_cache_that_is_no_folder(patient: Patient) -> None:
    file = patient.person.home / "file"
    file.write_text("")
    patient.env["STATUSLINE_CACHE_DIR"] = str(file)
    only(patient, "cache", "set STATUSLINE_CACHE_DIR to another one", "failed")


def test_a_cache_elsewhere_than_the_commands_look(patient: Patient) -> None:
    patient.env["XDG_CACHE_HOME"] = str(patient.person.home / "other")
    only(patient, "cache", "Run `statusline install`")


def test_a_check_without_access_does_not_stop_the_others(patient: Patient) -> None:
    patient.env["STATUSLINE_CACHE_DIR"] = f"/{'x' * 300}"
    found = patient.report()["checks"]
    assert "could not be checked" in found["cache"]["said"]
    assert found["line"]["verdict"] == "ok"


AS_SOMEBODY = (
    """
import os, sys
from pathlib import Path
from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.cache import cache, lock
"""
    + DROP
    + """
context = Context(env={"HOME": sys.argv[1], "STATUSLINE_CACHE_DIR": sys.argv[1]}, cwd=Path("/"))
for found in (cache(context), lock(context)):
    print(found.verdict, found.next_step)
"""
)


def test_a_cache_that_cannot_be_written(open_directory: Path) -> None:
    (open_directory / "usage.lock").write_text("")
    open_directory.chmod(0o755 if os.geteuid() == 0 else 0o555)
    argv = [sys.executable, "-c", AS_SOMEBODY, str(open_directory)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60).stdout
    assert said.splitlines()[0].startswith("failed Make the cache directory writable")
    assert said.splitlines()[1].startswith("skipped")


def test_a_lock_that_cannot_be_taken(patient: Patient) -> None:
    (patient.person.cache / "usage.lock").unlink(missing_ok=True)
    (patient.person.cache / "usage.lock").mkdir()
    found = patient.report()["checks"]
    assert found["lock"]["verdict"] == "failed"
    assert f"Remove {patient.person.cache}/usage.lock" in found["lock"]["next_step"]
    assert found["jobs"]["verdict"] in {"ok", "warning"}, "it may have seen a job fail for that"


def test_a_lock_that_a_refresh_holds_is_no_fault(patient: Patient) -> None:
    lock = patient.person.cache / "usage.lock"
    holding = (
        f"import fcntl, sys; file = open({str(lock)!r}, 'w'); fcntl.flock(file, 2); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", holding], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        lock_check = patient.report()["checks"]["lock"]
        assert (lock_check["verdict"], "a refresh is running" in lock_check["said"]) == ("ok", True)
        holder.communicate()


def test_temp_files_of_killed_processes(patient: Patient) -> None:
    left = patient.person.cache / "readings.json.tmp"
    left.write_text("torn")
    assert patient.troubles() == {}  # it may be in use
    os.utime(left, (4e9, 4e9))  # by a clock that was set back since
    only(patient, "leftovers", "Run `statusline doctor --fix`")
    os.utime(left, (0, 0))
    only(patient, "leftovers", "Run `statusline doctor --fix`")
    fixed(patient, "leftovers")
    assert not left.exists()


@pytest.mark.parametrize(
    ("change", "said", "next_step"),
    [
        ({"expiresAt": 1}, "login expired", "Run `claude`: it renews the login by itself."),
        ({"scopes": ["user:inference"]}, "no usage scope", "Sign in with /login in `claude`"),
    ],
)
def test_a_login_that_is_of_no_use(patient: Patient, change: dict[str, Any], said: str, next_step: str) -> None:
    patient.world.sign_in(**change)
    assert only(patient, "login", next_step) == said


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602])
def test_a_credentials_file_that_is_open_to_others(patient: Patient, mode: int) -> None:
    """Also where the login in it is not used."""
    file = patient.world.sign_in()
    file.chmod(mode)
    patient.env["STATUSLINE_OAUTH"] = "off"
    said = only(patient, "credentials", f"Run `chmod 600 {file}`.")
    assert said.startswith(f"other users can access {file} (mode 0{mode:o})")
    file.chmod(0o600)
    assert patient.report()["checks"]["credentials"]["said"] == f"only you can read {file}"
    file.unlink()
    assert patient.report()["checks"]["credentials"]["verdict"] == "skipped"


def test_a_credentials_file_elsewhere_is_the_one_that_is_checked(tmp_path: Path) -> None:
    folder = tmp_path / "my config"
    folder.mkdir()
    (folder / ".credentials.json").write_text("{}")
    (folder / ".credentials.json").chmod(0o644)
    found = credentials(Context(env={"HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": str(folder)}))
    assert (found.verdict, found.next_step) == ("warning", f"Run `chmod 600 '{folder}/.credentials.json'`.")


def test_with_oauth_off_the_login_is_not_read(patient: Patient) -> None:
    patient.world.sign_in(expiresAt=1)
    patient.env["STATUSLINE_OAUTH"] = "off"
    assert patient.troubles() == {}


def test_an_api_key_helper_is_the_reason_for_no_request(patient: Patient) -> None:
    patient.edit(apiKeyHelper="echo key")
    checks = patient.report()["checks"]
    reason = "apiKeyHelper is set in user settings, so sessions are billed by API key"
    assert checks["login"]["said"] == f"not read: {reason}"
    assert checks["endpoint"]["said"] == f"no request made: {reason}"


def test_a_keychain_that_has_refused(patient: Patient) -> None:
    """A program that refuses stands in for it; it is not run again during the cool-down."""
    calls = patient.person.home / "calls"
    refusing = patient.person.home / "security"
    refusing.write_text(f"#!/bin/sh\necho >>{calls}\nexit 1\n")
    refusing.chmod(0o755)
    patient.env |= {"STATUSLINE_SECURITY_BIN": str(refusing), "STATUSLINE_API_BASE": NOWHERE}
    found = patient.troubles()
    assert set(found) == {"login", "keychain", "base"}
    assert "Keychain Access" in found["keychain"][1]
    patient.troubles()
    assert calls.read_text() == "\n"


def test_an_endpoint_with_a_rate_limit(patient: Patient) -> None:
    now = int(time.time())
    patient.keep("endpoint.json", attempted_at=now - 60, next_at=now + 250, problem="rate_limited", failures=2)
    said = only(patient, "endpoint", "Nothing to do: hudline tries again once the rate limit allows it.")
    assert "rate limited, 2 times in a row; last request 1m ago" in said


def test_an_endpoint_that_failed_once(patient: Patient) -> None:
    now = int(time.time())
    patient.keep("endpoint.json", attempted_at=now - 5, next_at=now + 250, problem="rate_limited", failures=1)
    said = only(patient, "endpoint", "Nothing to do")
    assert said.startswith("rate limited, once; last request just now, next one not before ")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"problem": "unreachable", "failures": 1}, "no data yet; last attempt failed: offline, next in 24m"),
        ({"problem": "unreachable", "failures": 2}, "no data yet; last 2 attempts failed: offline, next in 24m"),
        ({"problem": "unreachable", "failures": 1, "due_at": 1}, "last attempt failed: offline, next one is due"),
        ({"problem": "signed_out", "failures": 1}, "no data yet; signed out"),
        ({"value": {"windows": [WEEK]}}, "1 window, refreshed just now"),
        ({"value": {"windows": [WEEK, {**WEEK, "id": "five_hour"}]}}, "2 windows, refreshed just now"),
        ({"value": {"windows": []}}, "no windows, refreshed just now"),
    ],
)
def test_the_age_of_the_numbers_has_plain_words(patient: Patient, fields: dict[str, Any], said: str) -> None:
    now = int(time.time())
    fetched_at = now if "value" in fields else 0
    patient.keep("usage.json", **{"schema": 1, "fetched_at": fetched_at, "due_at": now + 1490, "watch": {}, **fields})
    assert said in patient.report()["checks"]["numbers"]["said"]


@pytest.mark.parametrize("problem", ["signed_out", None])
def test_numbers_that_only_a_session_has_reported(patient: Patient, problem: str | None) -> None:
    """Without a refresh the line shows them all the same."""
    due_at = int(time.time()) + 1490
    patient.keep("usage.json", schema=1, fetched_at=0, due_at=due_at, problem=problem, failures=1, watch={})
    given = json.dumps(payload("oauth-03-after-second", now=time.time()))
    assert "5h" in patient.person.tick(given, cwd=patient.project, STATUSLINE_START="off").stdout
    reason = ": signed out" if problem else ""
    said = f"no refresh yet{reason}; the line shows what Claude Code reports"
    assert patient.report()["checks"]["numbers"]["said"] == said
    (patient.person.cache / "usage.json").unlink()
    said = "no refresh yet; the line shows what Claude Code reports"
    assert patient.report()["checks"]["numbers"]["said"] == said


def test_after_a_refresh_without_windows_the_sessions_windows_count(patient: Patient) -> None:
    """The refresh was before the first session's answer, and the login has gone since."""
    now = int(time.time())
    entry = {"schema": 1, "fetched_at": now - 7200, "due_at": now + 1490, "problem": "signed_out", "failures": 1}
    patient.keep("usage.json", **entry, watch={}, value={"windows": []})
    assert patient.report()["checks"]["numbers"]["said"] == "no windows, refreshed 2h00m ago; signed out"
    given = json.dumps(payload("oauth-03-after-second", now=time.time()))
    assert "5h" in patient.person.tick(given, cwd=patient.project, STATUSLINE_START="off").stdout
    said = "2 windows, refreshed 2h00m ago: signed out; the line shows what Claude Code reports"
    assert patient.report()["checks"]["numbers"]["said"] == said


def test_windows_that_a_session_alone_shows_count(patient: Patient) -> None:
    """After a new login an answer waits until it is certain whose it is; its own session shows it meanwhile."""
    now, login = time.time(), patient.world.sign_in()
    os.utime(login, (now - 1000, now - 1000))
    patient.person.tick("{}", cwd=patient.project, STATUSLINE_START="off")  # it notes the login
    os.utime(login, (now - 30, now - 30))
    patient.person.tick("{}", cwd=patient.project, STATUSLINE_START="off")  # it notes the new one; now to 30 s later:
    file = patient.person.cache / "readings.json"
    file.write_text(re.sub(r'("login_at": ?)[0-9.]+', rf"\g<1>{now - 30}", file.read_text()))
    given = json.dumps(payload("oauth-03-after-second", now=now))
    assert "5h" in patient.person.tick(given, cwd=patient.project, STATUSLINE_START="off").stdout
    assert '"waiting":[[' in file.read_text()
    said = patient.report()["checks"]["numbers"]["said"]
    assert said == "2 windows, refreshed 1m ago; the line shows what Claude Code reports"


def test_numbers_that_could_not_be_refreshed(patient: Patient) -> None:
    now = int(time.time())
    entry = {"schema": 1, "fetched_at": now - 7200, "due_at": now + 1500, "problem": "unreachable", "failures": 3}
    patient.keep("usage.json", **entry, watch={}, value={"windows": []})
    said = only(patient, "numbers", "Check the network and the proxy")
    assert "no windows, refreshed 2h00m ago; last 3 attempts failed: offline, next in 24m" in said


@pytest.mark.parametrize(
    ("proxy", "next_step"),
    [("socks5://127.0.0.1:1080", "httpx[socks]"), ("://", "http://host:port"), ("http://", "http://host:port")],
)
def test_a_proxy_that_cannot_be_used(patient: Patient, proxy: str, next_step: str) -> None:
    patient.env["HTTPS_PROXY"] = proxy
    only(patient, "proxy", next_step)


def test_certificates_that_are_not_there(patient: Patient) -> None:
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CLAUDE_CODE_CLIENT_CERT"):
        patient.env[name] = "/nowhere.pem"
        only(patient, "proxy", f"Unset or correct {name}")
        del patient.env[name]


def test_a_cache_of_the_project_that_the_environment_names(patient: Patient) -> None:
    project, line = patient.person.home / "project", patient.person.home / ".cache" / "hudline"
    (project / "cache").mkdir(parents=True, exist_ok=True)
    patient.env |= {"STATUSLINE_CACHE_DIR": str(project / "cache"), "CLAUDE_PROJECT_DIR": str(project)}
    said = only(patient, "cache", "outside the project")
    assert said == f"STATUSLINE_CACHE_DIR names {project}/cache, which is in this project, so {line} is used"


def test_certificates_of_the_project(patient: Patient) -> None:
    project = patient.person.home / "project"
    project.mkdir(exist_ok=True)
    for path in (project / "ca.pem", "ca.pem"):
        patient.env |= {"NODE_EXTRA_CA_CERTS": str(path), "CLAUDE_PROJECT_DIR": str(project)}
        said = only(patient, "proxy", "outside the project")
        assert said == f"NODE_EXTRA_CA_CERTS names {path}, which is in this project, so it is ignored"


def test_an_address_for_tests(patient: Patient) -> None:
    patient.env["STATUSLINE_API_BASE"] = "http://127.0.0.1:9"
    only(patient, "base", "Unset STATUSLINE_API_BASE")


def test_a_log_that_cannot_be_written(patient: Patient) -> None:
    patient.env["STATUSLINE_LOG"] = "/nowhere/x.log"
    only(patient, "log", "Set STATUSLINE_LOG to a new file")
    patient.env["STATUSLINE_LOG"] = str(patient.person.home / "log")
    only(patient, "log", "Name a file that ends in .log")


@pytest.mark.parametrize(
    ("text", "verdict", "next_step"),
    [("{", "failed", "Fix it"), ('{"tehme": "mono"}', "warning", "`statusline config check`")],
)
def test_a_configuration_that_is_not_understood(patient: Patient, text: str, verdict: str, next_step: str) -> None:
    config = patient.person.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(text)
    said = only(patient, "configuration", next_step, verdict)
    assert f"{config}:1: " in said
    assert "no usage request" not in said, "the next step says so"


def test_a_configuration_that_cannot_be_read(patient: Patient) -> None:
    config = patient.person.home / ".config" / "hudline" / "config.json"
    config.mkdir(parents=True)
    step = "Move it away. Until then the line uses its defaults and makes no usage request."
    assert only(patient, "configuration", step, "failed") == f"{config} is not a regular file"
    config.rmdir()
    os.mkfifo(config)
    assert only(patient, "configuration", step, "failed") == f"{config} is not a regular file"


def test_a_configuration_that_is_too_large_is_not_read(patient: Patient) -> None:
    config = patient.person.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.touch()
    os.truncate(config, 5 << 30)
    assert only(patient, "configuration", "Fix it", "failed") == f"{config}: over 1 MiB: ignored"


def test_a_configuration_of_the_project_that_the_environment_names(patient: Patient) -> None:
    project = patient.person.home / "project"
    project.mkdir(exist_ok=True)
    (project / "c.json").write_text("{}")
    patient.env |= {"STATUSLINE_CONFIG": str(project / "c.json"), "CLAUDE_PROJECT_DIR": str(project)}
    said = only(patient, "configuration", "Unset it")
    assert said.endswith("is in this project: its commands and watches are not run")


@pytest.mark.parametrize(
    ("env", "next_step"),
    [
        ({"TERM": "dumb"}, "Set TERM"),
        ({"LC_ALL": "de_AT.ISO-8859-1"}, '"glyphs": "ascii"'),
        ({"COLUMNS": "30"}, "Widen the terminal"),
    ],
)
def test_a_terminal_that_cannot_show_it(patient: Patient, env: dict[str, str], next_step: str) -> None:
    patient.env |= env | {"PYTHONUTF8": "1"}
    only(patient, "terminal", next_step)


def test_a_price_table_that_is_old(patient: Patient) -> None:
    made_at = datetime.fromisoformat(f"{PRICED_ON}T23:00:00+00:00").timestamp()
    for days, verdict in ((0, "ok"), (180, "ok"), (181, "warning"), (400, "warning"), (-400, "ok")):
        found = prices(Context(env=patient.person.env, cwd=patient.project, now=made_at + days * 86400))
        assert found.verdict == verdict
        assert PRICED_ON in found.said
    assert found.next_step is None
    old = prices(Context(env=patient.person.env, cwd=patient.project, now=made_at + 181 * 86400))
    assert "181 days old" in old.said
    assert "Update hudline" in str(old.next_step)


def test_a_clock_that_was_set_back(patient: Patient) -> None:
    ahead = int(time.time()) + 4000
    patient.keep("usage.json", schema=1, fetched_at=ahead, due_at=ahead + 300, failures=0, watch={}, value={})
    only(patient, "clock", "Set the clock")


def test_a_clock_before_the_program_was_made(patient: Patient) -> None:
    from statusline.commands.doctor_checks.environment import clock  # noqa: PLC0415 - next to the only one who needs it

    found = clock(Context(env=patient.person.env, cwd=patient.project, now=1e9))
    assert found.verdict == "failed"
    assert "Set the clock" in str(found.next_step)


# --- a damaged installation ------------------------------------------------------------------------------------------


@pytest.fixture
def damaged(patient: Patient, tmp_path: Path) -> Patient:
    """Return a home with its own installation instead of the shared one."""
    own = tmp_path / "own"
    shutil.copytree(patient.person.venv.resolve(), own, symlinks=True)
    home = Home(patient.person.home, patient.person.env, own)
    argv = [str(home.python), "-I", "-m", "statusline.commands.cli", "install"]
    assert home.started(argv, "", None, {"STATUSLINE_START": "off"}).returncode == 0
    return Patient(home, patient.project, patient.env)


def doctor(patient: Patient, *words: str) -> dict[str, Finding]:
    """Run the copy's own doctor: its script names the folder that it was copied from."""
    argv = [str(patient.person.python), "-I", "-m", "statusline.commands.cli", "doctor", "--json", *words]
    ran = patient.person.started(argv, "", patient.project, {"TERM": "xterm"})
    keys = ("name", "verdict", "said", "next_step")
    found = [Finding(*(each[key] for key in keys)) for each in json.loads(ran.stdout)["checks"]]
    return {each.name: each for each in found if each.verdict in {"warning", "failed"}}


def test_files_that_are_missing_or_changed(damaged: Patient) -> None:
    """Without its merged module the line costs half as much again."""
    assert doctor(damaged) == {}
    (damaged.person.main.parent / "hot.py").unlink()
    found = doctor(damaged)
    assert set(found) == {"files"}
    assert "statusline/hot.py" in found["files"].said
    assert "Install hudline again" in str(found["files"].next_step)


def broken(patient: Patient, file: str, text: str) -> None:
    """Put a defect into a file of the program before it draws the line, and take away what would hide it."""
    path = patient.person.main.parent / file
    before, start, after = path.read_text().rpartition('if __name__ == "__main__":')
    path.write_text(f"{before}\n{text}\n{start}{after}")
    for each in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        each.unlink()


def test_a_program_that_draws_nothing(damaged: Patient) -> None:
    broken(damaged, "__main__.py", "")
    damaged.person.main.write_text("raise SystemExit('it broke')")
    found = doctor(damaged)
    assert found["line"].verdict == "failed"
    assert found["line"].said == "the command printed nothing (exit code 1) it broke"
    assert "Install hudline again" in str(found["line"].next_step)


def test_a_program_whose_line_fails_shows_only_its_name(damaged: Patient) -> None:
    """Also under a configuration that is as it should be: that is not what to change then."""
    broken(damaged, "hot.py", "def compose_rows(*words, **options): raise RuntimeError")
    found = doctor(damaged)
    assert found["line"].verdict == "failed"
    assert found["line"].said == "the row is only `hudline`"
    assert "Install hudline again" in str(found["line"].next_step)
    assert installed_again(damaged).returncode == 1


@pytest.mark.parametrize("lost", [["hot.py", "tick.py"], ["hot.py", "stdin.py"]])
def test_a_damaged_program(damaged: Patient, lost: list[str]) -> None:
    """The doctor runs all the same, and `install` reports no success."""
    for name in lost:
        (damaged.person.main.parent / name).unlink()
    ran = damaged.person.tick("{}")
    assert ran.stdout == "hudline is damaged: run its install.sh again\n"
    found = doctor(damaged)
    assert found["line"].verdict == "failed"
    assert found["line"].said.startswith("the row is only `hudline is damaged")
    assert "Install hudline again" in str(found["line"].next_step)
    ran = installed_again(damaged)
    assert ran.returncode == 1
    assert "the command printed no line" in ran.stderr


def installed_again(patient: Patient) -> subprocess.CompletedProcess[str]:
    argv = [str(patient.person.python), "-I", "-m", "statusline.commands.cli", "install"]
    return patient.person.started(argv, "", None, {"STATUSLINE_START": "off"})


def test_bytecode_that_is_missing(damaged: Patient) -> None:
    compiled = damaged.person.main.parent / "__pycache__"
    for each in compiled.glob("hot.*.pyc"):
        each.unlink()
    found = doctor(damaged)
    assert set(found) == {"bytecode"}
    for each in compiled.glob("hot.*.pyc"):  # the line that was tried has made it
        each.write_bytes(each.read_bytes()[:8] + bytes(8))  # of another source
    assert "doctor --fix" in str(doctor(damaged)["bytecode"].next_step)
    doctor(damaged, "--fix")
    until(lambda: doctor(damaged) == {})


def test_a_fix_that_fails_is_reported(patient: Patient) -> None:
    patient.swap(str(patient.person.python), "/gone/bin/python")
    staged = patient.person.settings.with_name("settings.json.hudline-new")
    staged.write_text("")
    ran = patient.ran("--fix")
    assert ran.returncode == 1
    assert "another edit is in progress. Wait a minute" in ran.stderr


def test_colors_are_for_terminals(patient: Patient) -> None:
    assert "\x1b[" not in patient.ran().stdout
    patient.env["FORCE_COLOR"] = "1"
    assert "\x1b[32mok" in patient.ran().stdout


def process(folder: Path, number: int, state: str, parent: int) -> None:
    (folder / str(number)).mkdir(parents=True)
    # Linux cuts a name after 15 bytes, in the middle of a letter if need be.
    name = "a name) with )é".encode()[:15]
    (folder / str(number) / "stat").write_bytes(b"%d (%b) %b %d 1 1 0" % (number, name, state.encode(), parent))


def test_a_container_whose_first_process_does_not_reap_is_named(tmp_path: Path) -> None:
    from statusline.commands.doctor_checks.environment import processes  # noqa: PLC0415 - only here

    context = Context(env={}, processes=tmp_path / "proc")
    assert processes(context).verdict == "skipped"
    process(tmp_path / "proc", 1, "S", 0)
    process(tmp_path / "proc", 7, "Z", 5)  # its parent may still ask for it
    process(tmp_path / "proc", 8, "R", 1)
    (tmp_path / "proc" / "9").mkdir()
    assert processes(context).verdict == "ok"
    process(tmp_path / "proc", 10, "Z", 1)
    process(tmp_path / "proc", 11, "Z", 1)
    found = processes(context)
    assert (found.verdict, "2 zombies" in found.said) == ("warning", True)
    assert found.next_step is not None
    assert "--init" in found.next_step
