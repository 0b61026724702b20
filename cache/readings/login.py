"""Finds which account is signed in, from Claude Code's state file when that has changed."""

from cache.model.files import read_file, times_of
from cache.model.jsonio import mapping, parse_json, words
from cache.model.lazy import further_module
from cache.model.windows import AHEAD_S
from cache.readings.directory import UNKNOWN, Directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STATE_AT_MOST = 1 << 20  # bytes; a larger state file is left to the refresher
ID_AT_MOST = 200  # characters of a uuid
SETTLING_S = 20  # how long a changed login file keeps numbers off the line without an answer of the endpoint
LOGIN_GAP_S = 60  # between the writes of the login and of the account's name, at most
NEEDLE = b'"oauthAccount"'  # in a text its quotes would be escaped


def account_in(data: "bytes") -> "str | None":
    """Return the account in the state file, `UNKNOWN` without one, None where the file is torn.

    Parsing the whole file would take a tenth of a tick, so where the key occurs once only its value is parsed.
    """
    try:
        text = data.decode("utf-8", "surrogateescape")
        at = data.find(NEEDLE)
        if at >= 0 and data.find(NEEDLE, at + 1) < 0:
            start = len(data[: at + len(NEEDLE)].decode("utf-8", "surrogateescape"))
            fields = mapping(parse_json(text[start:].lstrip(" \t\r\n").removeprefix(":")))
        else:
            fields = mapping(mapping(parse_json(text)).get("oauthAccount"))
    except ValueError:
        return None
    return account_id(fields.get("accountUuid"), fields.get("organizationUuid"))


def account_id(account: "object", organization: "object") -> "str":
    """Return the short hash under which an account's numbers are kept, `UNKNOWN` for a blank id.

    One account can have seats in several organizations, each with its own limits.
    """
    name, seat = (words(account) or "").strip()[:ID_AT_MOST], (words(organization) or "").strip()[:ID_AT_MOST]
    return short_hash(f"{name}\n{seat}" if seat else name) if name else UNKNOWN


def short_hash(text: "str") -> "str":
    """Return FNV-1a of 128 bits, folded to 20 hex digits: importing hashlib takes longer than the rest of a tick."""
    found = 0x6C62272E07BB014262B821756295C58D
    for char in text:
        found = (found ^ ord(char)) * 0x0000000001000000000000000000013B & (1 << 128) - 1
    return f"{(found ^ found >> 80) & (1 << 80) - 1:020x}"


def login_file(read: "Callable[[str], str]") -> "str":
    """Return the file of Claude Code's login, empty if unknown; ``read`` returns an environment variable."""
    folder = read("CLAUDE_SECURESTORAGE_CONFIG_DIR") or read("CLAUDE_CONFIG_DIR")
    home = home_in(read)
    return f"{folder or home + '/.claude'}/.credentials.json" if folder or home else ""


def state_file(read: "Callable[[str], str]") -> "str":
    """Return the file of Claude Code's state, empty if unknown; only the refresher looks for a legacy file."""
    folder = read("CLAUDE_CONFIG_DIR") or home_in(read)
    return f"{folder}/.claude.json" if folder else ""


def home_in(read: "Callable[[str], str]") -> "str":
    """Return the home in the environment, without a slash at its end."""
    return (read("HOME") or read("USERPROFILE")).rstrip("/")


def read_account(path: "str", mark: "list[int]") -> "str | None":
    """Return the account in the state file; None where it is torn, or too large for a tick."""
    if mark == [0, 0]:
        return UNKNOWN
    data = read_file(path, STATE_AT_MOST)
    return None if data is None else account_in(data)


def update_login(
    directory: "Directory", login_path: "str", state_path: "str", now: "float", *, is_held: "bool" = False
) -> "bool":
    """Check who is signed in now; return whether the account has changed."""
    name, state_mark = None, directory.state_mark
    if state_path:
        found_mark = times_of(state_path)
        if found_mark != state_mark:
            name = read_account(state_path, found_mark)
            directory.is_unread = name is None
        if name is not None:  # otherwise it is unchanged, or torn, and the next tick checks again
            state_mark = found_mark
    return record_login(directory, times_of(login_path), state_mark, name, now, is_held=is_held)


def record_login(
    directory: "Directory",
    login_mark: "list[int]",
    state_mark: "list[int] | None",
    name: "str | None",
    now: "float",
    *,
    is_held: "bool" = False,
) -> "bool":
    """Record the marks of both files and the account (None: not read); return whether the account has changed."""
    if directory.written_at > now + AHEAD_S:
        further_module("cache.readings.switch").set_back(directory, now)
    login_changed = directory.login_mark is not None and login_mark != directory.login_mark
    if login_changed:
        directory.login_at = now
    switched = False
    if name is not None and name != directory.account:
        switched = further_module("cache.readings.switch").switch_account(directory, name, now)
    elif login_changed and directory.switched_at is not None and now - directory.switched_at < LOGIN_GAP_S:
        directory.login_at, directory.ask = None, True  # the account was written first, and this login belongs to it
    if directory.login_at is not None and now - directory.login_at > LOGIN_GAP_S and not is_held:
        directory.login_at, directory.is_changed = None, True
    if (login_mark, state_mark) != (directory.login_mark, directory.state_mark):
        directory.login_mark, directory.state_mark, directory.is_changed = login_mark, state_mark, True
    return switched


def is_settling(directory: "Directory", now: "float", *, is_held: "bool" = False) -> "bool":
    """Return whether the login file has changed and its account is not known yet."""
    return directory.login_at is not None and (now - directory.login_at < SETTLING_S or is_held)
