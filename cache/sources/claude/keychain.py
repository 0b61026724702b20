"""Reads the login from the macOS Keychain with ``security``; after a refusal it waits for hours."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import unicodedata
from typing import TYPE_CHECKING

from cache.model.files import read_file
from cache.model.jsonio import dump_json, mapping, parse_json, whole, words
from cache.refresh.storage import write_whole
from cache.sources.claude.credentials import AT_MOST, Login, chosen_directory, parse_login
from cache.sources.process.run import run
from cache.work.failures import KeychainLocked, KeychainRefused, KeychainSilent, Settled
from cache.work.redact import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECURITY = "/usr/bin/security"
SERVICE = "Claude Code-credentials"
NO_PLAIN_NAME = "claude-code-user"  # the account of the item where the user's name has other characters
_PLAIN_NAME = re.compile("[A-Za-z0-9._-]+")
PER_CALL = 2.0  # seconds; a longer wait means that it shows a prompt
COOL_DOWN = 6 * 3600  # seconds; users complain about repeated prompts (claude-code #77697, CodexBar #2588)
DONE, LOCKED, ABSENT = 0, 36, 44  # exit codes; any other one is a refusal
HANDED_ON = ("HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "__CF_USER_TEXT_ENCODING")
REASONS = {each.name: each for each in (KeychainRefused, KeychainLocked, KeychainSilent)}


def ask_keychain(
    env: Mapping[str, str], *, cooldown: Path, now: float, ignore_cooldown: bool = False, platform: str = sys.platform
) -> Login | None:
    """Return the login in the Keychain, None where there is no Keychain or no login in it; see `keychain_text`."""
    text = keychain_text(env, cooldown=cooldown, now=now, ignore_cooldown=ignore_cooldown, platform=platform)
    return parse_login(text.reveal(), origin="keychain") if text else None


def keychain_text(
    env: Mapping[str, str], *, cooldown: Path, now: float, ignore_cooldown: bool = False, platform: str = sys.platform
) -> Secret | None:
    """Return the credentials text in the Keychain, None where there is no Keychain or no such item in it.

    Of several items it is one with a login, else one that may have MCP logins.

    ``cooldown`` is the file that records a failure: for `COOL_DOWN` seconds the same one is raised again without a
    prompt. Raises KeychainRefused, KeychainLocked, KeychainSilent; and Unwritable, as a failure must be recorded.
    """
    if not has_keychain(env, platform):
        return None
    past = None if ignore_cooldown else cooling_down(env, cooldown=cooldown, now=now)
    if past is not None:
        raise past[0]("waiting after the last failure")
    service = service_name(env)
    # Recorded first: a process that is killed while the prompt is shown has prompted, too.
    _remember(cooldown, service, KeychainSilent, now)
    try:
        text = _find(service, env)
    except Settled as failure:
        _remember(cooldown, service, type(failure), now)
        raise
    with contextlib.suppress(OSError):
        cooldown.unlink()
    return text


def has_keychain(env: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Return whether there is a Keychain: on macOS, or where a test names the program."""
    return platform == "darwin" or bool(env.get("STATUSLINE_SECURITY_BIN"))


def service_name(env: Mapping[str, str]) -> str:
    """Return the Keychain item's name: with a hash of the directory if one is set, even the default one."""
    chosen = chosen_directory(env)
    if chosen is None:
        return SERVICE
    value = unicodedata.normalize("NFC", chosen).encode("utf-8", "surrogateescape")
    return f"{SERVICE}-{hashlib.sha256(value).hexdigest()[:8]}"


def cooling_down(env: Mapping[str, str], *, cooldown: Path, now: float) -> tuple[type[Settled], int] | None:
    """Return the last failure and the end of its wait (epoch seconds), None where the Keychain may be read."""
    data = read_file(str(cooldown), ours=True)
    try:
        fields = mapping(parse_json((data or b"").decode()))
    except ValueError:
        return None
    at = whole(fields.get("at"))
    if at is None or not at <= now < at + COOL_DOWN:  # a time in the future: the clock was set back
        return None
    if fields.get("service") != service_name(env):  # another item has another access list
        return None
    return REASONS.get(words(fields.get("reason")) or "", KeychainRefused), at + COOL_DOWN


def _remember(cooldown: Path, service: str, failure: type[Settled], now: float) -> None:
    write_whole(cooldown, dump_json({"at": int(now), "service": service, "reason": failure.name}))


def account_name(env: Mapping[str, str]) -> str:
    """Return the account of Claude Code's item: ``$USER``, else the system's name of the user.

    A name with any other character, as device management makes them (``ann@work.example``), is `NO_PLAIN_NAME`.
    """
    name = env.get("USER") or _system_name()
    return name if _PLAIN_NAME.fullmatch(name) else NO_PLAIN_NAME


def _system_name() -> str:
    try:
        import pwd  # noqa: PLC0415 - not on Windows

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):  # KeyError: a user id without a name
        return ""


def _find(service: str, env: Mapping[str, str]) -> Secret | None:
    """Return the item of the user's account, else of any account, with a login in it; else the first one found.

    There may be a second item, of another account, that has MCP logins only.
    """
    program, found = env.get("STATUSLINE_SECURITY_BIN") or SECURITY, None
    for account in (["-a", account_name(env)], []):
        code, answer = _run([program, "find-generic-password", "-s", service, *account, "-w"], env)
        if code not in {DONE, ABSENT}:
            raise (KeychainLocked if code == LOCKED else KeychainRefused)(f"security exited with {code}")
        if code == DONE:
            found = found or answer
            if parse_login(answer.reveal(), origin="keychain") is not None:
                return answer
    return found


def _run(command: list[str], env: Mapping[str, str]) -> tuple[int | None, Secret]:
    """Return exit code and output of a program that gets no input, no terminal and few variables."""
    less = {name: env[name] for name in HANDED_ON if name in env} | {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
    try:
        ran = run(command, env=less, cwd="/", seconds=PER_CALL, at_most=AT_MOST)
    except OSError as error:
        raise KeychainRefused(f"{command[0]}: {error.strerror}") from error
    if ran.overdue:
        raise KeychainSilent(f"no answer within {PER_CALL:g} s")
    return DONE if ran.cut else ran.code, Secret(ran.output.decode(errors="replace"))
