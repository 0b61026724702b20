"""What one config directory knows of its account, its processes and the answers that they handed in."""

from cache.owner import Owner
from cache.reading import limits_from, limits_row
from cache.wire import mapping, number, whole, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.reading import Limits

UNKNOWN = "unknown"  # an account without a name
PROCESSES_AT_MOST = 64
CONTENTS_BESIDE = 2  # contents that no listed process has, where processes are known by their number
CONTENTS_AT_MOST = 48  # in all, where they are known by the session alone
WAITING_AT_MOST = 8
OTHERS_AT_MOST = 4  # other logins
NEVER_AT = -1e18  # epoch seconds: before any time that there is


class Content:
    """An answer as stdin told it: the same content is the same answer, whoever hands it in.

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


class Directory:
    """One config directory. Times are epoch seconds; ``owners`` are those of all directories.

    ``account`` is that of Claude Code's state file (None: not looked at yet), ``account_at`` when it was first seen
    there, ``switched_at`` the last switch, ``formers`` the accounts before, the latest first, ``others`` other logins.
    ``login_mark`` and ``state_mark`` are ``[mtime_ns, size]`` of the login file and the state file, ``login_at`` when
    the login file changed without the name. ``waiting`` are contents whose owner is open, with their process.
    ``confirmed``: an answer has fitted this account since the switch; ``heard_at``: when it was last heard;
    ``ask``: the endpoint is to be asked. ``state_path`` is the state file where it is a legacy one. ``is_changed`` says
    that there is something to write, ``is_unread`` that the state file changed and could not be read.
    """

    __slots__ = (
        "account",
        "account_at",
        "ask",
        "confirmed",
        "contents",
        "formers",
        "heard_at",
        "is_changed",
        "is_unread",
        "login_at",
        "login_mark",
        "others",
        "owners",
        "processes",
        "state_mark",
        "state_path",
        "switched_at",
        "waiting",
        "written_at",
    )

    def __init__(self, owners: "dict[str, Owner]") -> None:
        self.owners = owners
        self.account: "str | None" = None
        self.account_at = NEVER_AT
        self.switched_at: "float | None" = None
        self.formers: "list[str]" = []
        self.others: "list[str]" = []
        self.login_mark: "list[int] | None" = None
        self.state_mark: "list[int] | None" = None
        self.state_path: "str | None" = None
        self.login_at: "float | None" = None
        self.processes: "list[Process]" = []  # the one with the latest news last
        self.contents: "list[Content]" = []
        self.waiting: "list[tuple[Content, Process]]" = []
        self.confirmed = False
        self.heard_at = NEVER_AT
        self.ask = False
        self.written_at = NEVER_AT
        self.is_changed = False
        self.is_unread = False

    def owner(self, key: "str | None") -> "Owner":
        """Return an owner, a new one where it is not known yet."""
        return self.owners.setdefault(key or UNKNOWN, Owner())

    def resets_of(self, key: "str | None") -> "dict[str, int]":
        """Return the resets that are known of an owner."""
        owner = self.owners.get(key or UNKNOWN)
        return owner.resets if owner else {}

    def process(self, key: "str") -> "Process | None":
        """Return a process of the list."""
        return next((each for each in self.processes if each.key == key), None)

    def as_json(self) -> "dict[str, object]":
        """Return the directory in the shape of the file."""
        number_of = {id(each): number for number, each in enumerate(self.contents)}
        return {
            "account": self.account,
            "account_at": self.account_at,
            "switched_at": self.switched_at,
            "formers": self.formers,
            "others": self.others,
            "login_mark": self.login_mark,
            "state_mark": self.state_mark,
            "state_path": self.state_path,
            "login_at": self.login_at,
            "confirmed": self.confirmed,
            "heard_at": self.heard_at,
            "ask": self.ask,
            "written_at": self.written_at,
            "contents": [
                [each.first_seen_at, each.by, each.owner, each.dated, *limits_row(each.limits)]
                for each in self.contents
            ],
            "processes": [[each.key, each.owner, number_of.get(id(each.content))] for each in self.processes],
            "waiting": [[number_of[id(content)], each.key] for content, each in self.waiting],
        }


def directory_from(value: "object", owners: "dict[str, Owner]") -> "Directory":
    """Return the directory that an object of the file describes; odd parts are left out."""
    fields, directory = mapping(value), Directory(owners)
    directory.account = words(fields.get("account"))
    directory.account_at = _time(fields.get("account_at"), NEVER_AT)
    directory.switched_at = number(fields.get("switched_at"))
    directory.formers, directory.others = _names(fields.get("formers")), _names(fields.get("others"))
    directory.login_mark, directory.state_mark = _mark(fields.get("login_mark")), _mark(fields.get("state_mark"))
    directory.login_at, directory.state_path = number(fields.get("login_at")), words(fields.get("state_path"))
    directory.confirmed, directory.ask = fields.get("confirmed") is True, fields.get("ask") is True
    directory.heard_at = _time(fields.get("heard_at"), NEVER_AT)
    directory.written_at = _time(fields.get("written_at"), NEVER_AT)
    directory.contents = [_content(row) for row in _rows(fields.get("contents"), 8)]
    for row in _rows(fields.get("processes"), 3):
        directory.processes.append(Process(str(row[0]), words(row[1]), _at(directory.contents, row[2])))
    for row in _rows(fields.get("waiting"), 2):
        content, process = _at(directory.contents, row[0]), directory.process(str(row[1]))
        if content is not None:
            directory.waiting.append((content, process or Process(str(row[1]))))
    return directory


def _content(row: "list[object]") -> "Content":
    return Content(_time(row[0], 0.0), str(row[1]), limits_from(row[4:]), words(row[2]), dated=row[3] is True)


def _at(contents: "list[Content]", at: "object") -> "Content | None":
    number_ = whole(at)
    return contents[number_] if number_ is not None and 0 <= number_ < len(contents) else None


def _rows(value: "object", length: "int") -> "list[list[object]]":
    return [row for row in value if isinstance(row, list) and len(row) == length] if isinstance(value, list) else []


def _names(value: "object") -> "list[str]":
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _mark(value: "object") -> "list[int] | None":
    return [whole(each) or 0 for each in value] if isinstance(value, list) and len(value) == 2 else None


def _time(value: "object", default: "float") -> "float":
    found = number(value)
    return default if found is None else found
