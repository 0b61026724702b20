"""What the environment of a session may not choose, because the settings of its project can set every variable.

Outside of a session nothing is ignored: then the environment is the user's own.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cache.model.trust import is_of_project, path_outside, project_folders, system_home
from cache.work.testing import ignore_programs

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

# Whoever names these can read a request that goes through a proxy, with its token.
CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
)
OWN_PLACES = ("STATUSLINE_CACHE_DIR", "STATUSLINE_CONFIG")


def session_of(env: Mapping[str, str]) -> tuple[str, str]:
    """Return the project and the working directory of the session in which this process runs, empty without one."""
    project = env.get("CLAUDE_PROJECT_DIR", "")
    if not project and not env.get("CLAUDECODE"):
        return "", ""
    try:
        return project, os.getcwd()
    except OSError:  # it was deleted
        return project, ""


def is_of_session(path: str, env: Mapping[str, str], *, home: str = "") -> bool:
    """Return whether a path may be in the project of the session in which this process runs; see `is_of_project`."""
    return is_of_project(path, *session_of(env), home)


def is_certificate_of(name: str, value: str, project: str, directory: str) -> bool:
    """Return whether one of the `CERTIFICATES` may be in a project; SSL_CERT_DIR can name several folders."""
    paths = value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value]
    return any(is_of_project(each, project, directory) for each in paths if each)


def without_certificates(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without certificates that may be in the project of the session."""
    session = session_of(env)
    return {
        name: value
        for name, value in env.items()
        if name not in CERTIFICATES or not is_certificate_of(name, value, *session)
    }


def ignore_project(env: MutableMapping[str, str], project: str, directory: str) -> None:
    """Remove what may be in a project from the environment of a refresher: programs, certificates and our own places.

    Programs that only tests may replace go wherever they are, unless it is a test.
    """
    ignore_programs(env, project, directory)
    for name in CERTIFICATES:
        if name in env and is_certificate_of(name, env[name], project, directory):
            del env[name]
    for name in OWN_PLACES:
        home = env.get("HOME", "") if name == "STATUSLINE_CACHE_DIR" else ""
        if name in env and is_of_project(env[name], project, directory, home):
            del env[name]
    clean_path(env, project, directory)


def clean_path(env: MutableMapping[str, str], project: str, directory: str) -> None:
    """Remove the folders of a project from PATH, and relative ones; without a project it stays."""
    folders = project_folders(project, directory)
    if env.get("PATH") and folders:
        env["PATH"] = path_outside(env["PATH"], folders)


def for_own_command(env: Mapping[str, str], project: str, directory: str) -> dict[str, str]:
    """Return an environment for a command of the user: it finds no program of the project, by PATH or by HOME."""
    own = dict(env)
    clean_path(own, project, directory)
    if own.get("HOME") and is_of_project(own["HOME"], project, directory, own["HOME"]):
        own["HOME"] = system_home()
    return own
