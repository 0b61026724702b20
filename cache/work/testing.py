"""What only tests may replace: the endpoint's address, and some of the programs that are called.

The environment can come from the settings of a repository that the user trusts, so these variables count only where
they can do no harm.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cache.model.trust import is_of_project

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from cache.work.redact import Secret

PROGRAMS = ("STATUSLINE_SECURITY_BIN", "STATUSLINE_CLAUDE_BIN", "STATUSLINE_NOTIFY_BIN")
TEST_TOKENS = ("sk-ant-oat01-CANARY", "sk-ant-oat01-FAKE")  # how they begin; no real token does

_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})")


def is_test_address(base: str) -> bool:
    """Return whether this may be the endpoint's address in a test: a port of this machine."""
    loopback = _LOOPBACK.fullmatch(base)
    return loopback is not None and int(loopback[1]) <= 65535


def is_test_token(token: Secret) -> bool:
    """Return whether a token is one of a test, which may be sent to a test's address."""
    return token.reveal().startswith(TEST_TOKENS)


def ignore_programs(env: MutableMapping[str, str], project: str, directory: str = "") -> None:
    """Remove the variables that name programs, unless they are a test's.

    Beside them there must be a test's address, and no program may be in the session's project, see `is_of_project`.
    """
    for name in PROGRAMS:
        if name in env and not _is_of_test(env, env[name], project, directory):
            del env[name]


def _is_of_test(env: Mapping[str, str], program: str, project: str, directory: str) -> bool:
    if not os.path.isabs(program) or not is_test_address(env.get("STATUSLINE_API_BASE", "")):
        return False
    return not is_of_project(program, project, directory)
