"""What a refresher is started with: its environment, its input, and nothing else of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from statusline.spawn import FOR_REQUESTS, HANDED_ON
from tests.support.paths import ROOT
from tests.support.tick_world import until

# What the refresher is told, word for word: a name more can hold a secret, a name less can cost it its files, its
# proxy, or a setting.
REFRESHERS = """
HOME USER LOGNAME PATH LANG LC_ALL LC_CTYPE TZ TMPDIR
XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR
CLAUDE_CONFIG_DIR CLAUDE_SECURESTORAGE_CONFIG_DIR
STATUSLINE_CACHE_DIR STATUSLINE_CONFIG STATUSLINE_OAUTH STATUSLINE_API_BASE
STATUSLINE_SECURITY_BIN STATUSLINE_CLAUDE_BIN STATUSLINE_LOG STATUSLINE_NOTIFY_BIN
SYSTEMROOT USERPROFILE APPDATA LOCALAPPDATA
"""
FOR_THE_USAGE_JOB = """
HTTPS_PROXY https_proxy HTTP_PROXY http_proxy NO_PROXY no_proxy SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS
CLAUDE_CODE_CERT_STORE CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY
"""
NOT_THE_REFRESHERS = """
ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL ANTHROPIC_MODEL CLAUDE_CODE_OAUTH_TOKEN CLAUDE_PROJECT_DIR
CLAUDE_CODE_USE_BEDROCK AWS_SECRET_ACCESS_KEY AWS_PROFILE GITHUB_TOKEN GOOGLE_APPLICATION_CREDENTIALS SSH_AUTH_SOCK
ALL_PROXY PYTHONPATH PYTHONSTARTUP PYTHONWARNINGS LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES
GIT_DIR GIT_CONFIG_GLOBAL GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
GIT_SSH_COMMAND BASH_ENV ENV SHELL EDITOR TERM COLUMNS STATUSLINE_START STATUSLINE_DEBUG STATUSLINE_ STATUSLINE
"""

TELLING = """
import os, sys
told = f"{os.path.dirname(sys.argv[0])}/told"
with open(told + "_", "w") as file:
    for name, value in os.environ.items():
        print(name, value, sep="=", file=file)
os.rename(told + "_", told)
"""

HANDING_ON = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from statusline.spawn import start_spaced
os.environ.update({name: f"of {name}" for name in sys.argv[5:]})
sys.executable = sys.argv[2]
start_spaced(sys.argv[4], f"{sys.argv[3]}/entry", time.time(), 30, ["--cache", sys.argv[3]])
"""


def handed_on(folder: Path, job: str, names: list[str], env: dict[str, str]) -> list[str]:
    """Return the environment of a job's process where these variables are set to ``of NAME``."""
    program = folder / "program"
    program.write_text(f"#!{sys.executable} -I\n{TELLING}")
    program.chmod(0o755)
    words = [sys.executable, "-I", "-c", HANDING_ON, str(ROOT), str(program), str(folder), job, *names]
    subprocess.run(words, stdin=subprocess.DEVNULL, check=True, env=env)
    assert until((folder / "told").exists)
    return sorted((folder / "told").read_text().splitlines())


@pytest.mark.parametrize("job", ["usage", "transcripts", "git", "activity", "command"])
def test_the_refresher_gets_these_variables_and_no_other(tmp_path: Path, job: str) -> None:
    """Whatever else is set; what the lists would hand on besides is set as well."""
    names = [*REFRESHERS.split(), *FOR_THE_USAGE_JOB.split(), *NOT_THE_REFRESHERS.split(), *HANDED_ON, *FOR_REQUESTS]
    expected = [*REFRESHERS.split(), *(FOR_THE_USAGE_JOB.split() if job == "usage" else [])]
    assert handed_on(tmp_path, job, [*dict.fromkeys(names)], {}) == sorted(f"{each}=of {each}" for each in expected)


def test_the_git_job_gets_the_configuration_that_the_user_chose_for_git(tmp_path: Path) -> None:
    chosen = {
        "GIT_CONFIG_GLOBAL": "/chosen",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": "Authorization: secret",
        "GIT_CONFIG_KEY_1": "status.renames",
        "GIT_CONFIG_VALUE_1": "false",
    }
    told = [each for each in handed_on(tmp_path, "git", [], chosen) if not each.startswith("LC_CTYPE=")]
    assert told == [
        "GIT_CONFIG_COUNT=1",
        "GIT_CONFIG_GLOBAL=/chosen",
        "GIT_CONFIG_KEY_0=status.renames",
        "GIT_CONFIG_VALUE_0=false",
    ]


def test_a_variable_that_is_empty_or_not_set_is_not_handed_on(tmp_path: Path) -> None:
    told = handed_on(tmp_path, "usage", [], {"HOME": "/h", "TZ": ""})
    assert [each for each in told if not each.startswith("LC_CTYPE=")] == ["HOME=/h"]


def test_nothing_that_is_handed_on_is_named_like_a_secret() -> None:
    assert not [name for name in HANDED_ON if any(word in name for word in ("KEY", "TOKEN", "SECRET", "PASS"))]


STARTED = """
import os, signal, sys
told = f"{os.path.dirname(sys.argv[0])}/{sys.argv[3]}.told"
still = [fd for fd in (40, 200) if os.path.exists(f"/dev/fd/{fd}")]
ignored = signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
with open(told + "_", "w") as file:
    print(os.read(0, 9), still, ignored, file=file)
os.rename(told + "_", told)
"""

STARTING = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from statusline.checkout import DueJob
from statusline.spawn import start_all
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
null = os.open("/dev/null", os.O_RDWR)
for fd in (40, 200):
    os.dup2(null, fd)
os.close(0)
sys.executable = sys.argv[2]
jobs = {"git": None, "command": lambda: b"given"}
cache = ["--cache", sys.argv[3]]
start_all([DueJob(job, f"{sys.argv[3]}/{job}", 10, cache, given) for job, given in jobs.items()], time.time())
"""


def test_what_is_started_has_its_input_and_nothing_else_of_ours_even_where_ends_of_children_are_ignored(
    tmp_path: Path,
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\n{STARTED}")
    program.chmod(0o755)
    words = [sys.executable, "-I", "-S", "-c", STARTING, str(ROOT), str(program), str(tmp_path)]
    subprocess.run(words, stdin=subprocess.DEVNULL, check=True)
    for job, given in (("git", b""), ("command", b"given")):
        assert until((tmp_path / f"{job}.told").exists)
        assert (tmp_path / f"{job}.told").read_text() == f"{given!r} [] False\n"
