"""One config directory: its account, its processes and the answers that they reported."""

from cache.readings.owner import Owner, owner_from
from cache.readings.reading import limits_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cache.readings.reading import Limits

UNKNOWN = "unknown"  # an account without a name
NEVER_AT = -1e18  # epoch seconds: before any time
ALIVE_S = 600  # how often a sign of life of the account is recorded
FORMER_ID_LENGTH = 16
IN_FLIGHT_S = 600  # an answer made before a switch has arrived by then


class Content:
    """An answer as reported on stdin: the same content is the same answer, whichever process reports it.

    ``first_seen_at`` is epoch seconds; ``dated`` says that it was made then; ``owner`` is whose it is, None while that
    is open; ``by`` is the process that handed it in first.
    """

    __slots__ = ("by", "dated", "first_seen_at", "limits", "owner")

    def __init__(
        self, first_seen_at: "float", by: "str", limits: "Limits", owner: "str | None", *, dated: "bool"
    ) -> None:
        self.first_seen_at = first_seen_at
        self.by = by
        self.limits = limits
        self.owner = owner
        self.dated = dated


class Process:
    """A running Claude Code.

    ``key`` is ``p`` and its number, or ``s`` and its session's id; ``owner`` is whose login it has, None while that is
    open; ``content`` is what it handed in last.
    """

    __slots__ = ("content", "key", "owner")

    def __init__(self, key: "str", owner: "str | None" = None, content: "Content | None" = None) -> None:
        self.key = key
        self.owner = owner
        self.content = content


class Owners:
    """The owners of all config directories by key, parsed on demand."""

    __slots__ = ("known", "rows")

    def __init__(self, rows: "dict[str, Any] | None" = None) -> None:
        self.rows = rows or {}
        self.known: "dict[str, Owner]" = {}

    def get(self, key: "str") -> "Owner | None":
        """Return an owner, None where there is none."""
        if key not in self.known and key in self.rows:
            self.known[key] = owner_from(self.rows[key])
        return self.known.get(key)

    def make(self, key: "str") -> "Owner":
        """Return an owner, a new one where there is none."""
        found = self.get(key)
        if found is None:
            found = self.known[key] = Owner()
        return found

    def drop(self, key: "str") -> "Owner | None":
        """Remove an owner, and return it."""
        found = self.get(key)
        self.rows.pop(key, None)
        self.known.pop(key, None)
        return found

    def all(self) -> "list[Owner]":
        """Return all owners."""
        return [self.make(key) for key in {**self.rows, **self.known}]


def is_former_id(account: "str") -> "bool":
    """Return whether an account's id is of an earlier version, without an organization."""
    return len(account) == FORMER_ID_LENGTH


def owner_key(account: "str | None", name: "str") -> "str":
    """Return the key of an owner; an unknown account belongs to the config directory of this name."""
    return account if account is not None and account != UNKNOWN else f"{UNKNOWN} {name}"


class Directory:
    """One config directory by the ``name`` of its folder. Times are epoch seconds; ``owners`` are those of all.

    ``account`` is that of Claude Code's state file (None: not read yet), ``account_at`` when it was first seen
    there, ``switched_at`` the last switch, ``formers`` the accounts before, the latest first, ``others`` other logins.
    ``login_mark`` and ``state_mark`` are ``[mtime_ns, size]`` of the login file and the state file, ``login_at`` when
    the login file changed without the name, ``state_path`` the state file where it is a legacy one. ``processes`` has
    the one with the latest news last; ``waiting`` are contents without an owner yet, with their process.
    ``confirmed``: an answer has matched this account since the switch; ``heard_at``: when it was last reported;
    ``ask``: a request is needed. ``is_changed`` means that the file must be written, ``is_unread`` that the state file
    has changed and could not be read.
    """

    account: "str | None" = None
    account_at: "float" = NEVER_AT
    switched_at: "float | None" = None
    login_mark: "list[int] | None" = None
    state_mark: "list[int] | None" = None
    state_path: "str | None" = None
    login_at: "float | None" = None
    confirmed = False
    heard_at: "float" = NEVER_AT
    ask = False
    written_at: "float" = NEVER_AT
    is_changed = False
    is_unread = False
    contents: "list[Content]"
    processes: "list[Process]"

    def __init__(self, owners: "Owners", fields: "dict[str, Any] | None" = None, name: "str" = "") -> None:
        self.owners = owners
        self.name = name
        self.formers: "list[str]" = []
        self.others: "list[str]" = []
        self.waiting: "list[tuple[Content, Process]]" = []
        self.rows: "tuple[list[Any], list[Any]] | None" = ([], [])
        if fields:
            self._fill(fields)

    def _fill(self, fields: "dict[str, Any]") -> "None":
        """Set the fields from the file."""
        for name in SAVED:
            setattr(self, name, fields[name])
        self.rows = fields["contents"], fields["processes"]
        for at, key in fields["waiting"]:
            self.waiting.append((self.contents[at], self.process(key) or Process(key)))

    def __getattr__(self, name: "str") -> "Any":
        """Load the contents and the processes with the first use of either: most ticks need only their own process."""
        if self.rows is None or name not in ("contents", "processes"):
            raise AttributeError(name)
        self.load()
        return getattr(self, name)

    def load(self) -> "None":
        """Make the contents and the processes from the file; raise one of `snapshot.ODD` where that is malformed."""
        if self.rows is not None:
            (contents, processes), self.rows = self.rows, None
            self.contents, self.processes = [content_from(row) for row in contents], []
            for key, owner, at in processes:
                self.processes.append(Process(key, owner, None if at is None else self.contents[at]))

    def own_process(self, key: "str") -> "Process | None":
        """Return a process as it is in the file, None where it is not there or all have been loaded."""
        contents, processes = self.rows or ((), ())
        for each, owner, at in processes:
            if each == key:
                return Process(key, owner, None if at is None else content_from(contents[at]))
        return None

    def owner(self, key: "str | None") -> "Owner":
        """Return an owner, a new one where there is none."""
        return self.owners.make(owner_key(key, self.name))

    def resets_of(self, key: "str | None") -> "dict[str, int]":
        """Return the known resets of an owner."""
        owner = self.owners.get(owner_key(key, self.name))
        return owner.resets if owner else {}

    def process(self, key: "str") -> "Process | None":
        """Return a process by its key, None where there is none."""
        for each in self.processes:
            if each.key == key:
                return each
        return None


def content_from(row: "list[Any]") -> "Content":
    """Return a content from its list in the file; raise one of `snapshot.ODD` where that is malformed."""
    first_seen_at, by, owner, dated, limits = row
    return Content(first_seen_at, by, limits_from(limits), owner, dated=dated)


SAVED = (
    "account",
    "account_at",
    "switched_at",
    "formers",
    "others",
    "login_mark",
    "state_mark",
    "state_path",
    "login_at",
    "confirmed",
    "heard_at",
    "ask",
    "written_at",
)
