"""The configured watches: at which events a command runs or a notification appears."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cache.model.jsonio import mapping, number, words
from cache.sources.configuration import read_configuration

if TYPE_CHECKING:
    from cache.work.request import Request

THRESHOLD, RESET, WAITING, EXPIRED = "threshold", "reset", "waiting", "expired"
EVENTS = (THRESHOLD, RESET, WAITING, EXPIRED)  # the first where none is named
OF_WINDOWS = (THRESHOLD, RESET)  # those that have thresholds
DESKTOP = "desktop"
NOTIFIERS = (DESKTOP,)

WATCHES_AT_MOST, THRESHOLDS_AT_MOST = 8, 8
COMMAND_AT_MOST = 4096  # characters
LEAST, MOST = 1, 100  # percent
DEFAULT_AT = (90.0,)  # percent, for a watch that names its event alone


class Watch(NamedTuple):
    """What to do at an event: run ``command``, show a notification (``notify``), or both.

    ``at`` are percentages of 1-100, the lowest first; empty where the event has none. ``command`` is for the shell;
    empty: none. ``on`` is one of `EVENTS`, ``notify`` one of `NOTIFIERS` or empty.
    """

    at: tuple[float, ...]
    command: str = ""
    on: str = THRESHOLD
    notify: str = ""

    @property
    def id(self) -> str:
        """The id under which its events are recorded: a short hash, as the command may hold secrets.

        Earlier versions hashed the command alone: what they recorded must not happen again.
        """
        import hashlib  # noqa: PLC0415 - it loads OpenSSL; most have no watch

        text = "\0".join([self.command, *([] if (self.on, self.notify) == (THRESHOLD, "") else [self.on, self.notify])])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def as_json(self) -> dict[str, object]:
        """Return the watch in the shape of the configuration."""
        fields = {
            "on": self.on if self.on != THRESHOLD else "",
            "at": [int(each) if each == int(each) else each for each in self.at],
            "command": self.command,
            "notify": self.notify,
        }
        return {key: value for key, value in fields.items() if value}


def is_watching(request: Request) -> bool:
    """Return whether a watch is to be checked after this job: after the usage job any, else those for waits."""
    watches = read_watches(str(request.config))
    return bool(watches) if request.job == "usage" else any(each.on == WAITING for each in watches)


def read_watches(path: str) -> list[Watch]:
    """Return the watches in a configuration file, none where it cannot be read."""
    return watches_in(read_configuration(path).get("watch"))


def watches_in(value: object) -> list[Watch]:
    """Return the watches that a value describes; odd ones are left out.

    Those that do the same at the same event are one with the thresholds of all, or each would do it.
    """
    found: dict[tuple[str, str, str], Watch] = {}
    for watch in [_watch(each) for each in value[:WATCHES_AT_MOST]] if isinstance(value, list) else []:
        if watch is not None:
            does = (watch.on, watch.command, watch.notify)
            former = found.get(does, watch)
            found[does] = watch._replace(at=tuple(sorted({*former.at, *watch.at})))
    return list(found.values())


def _watch(value: object) -> Watch | None:
    fields = mapping(value)
    on, command, notify = fields.get("on", THRESHOLD), fields.get("command"), fields.get("notify")
    is_command = command is None or (isinstance(command, str) and 0 < len(command) <= COMMAND_AT_MOST)
    if on not in EVENTS or notify not in (None, *NOTIFIERS) or not is_command or not (command or notify):
        return None
    at = _thresholds(fields) if on in OF_WINDOWS else ()
    return None if at is None else Watch(at, words(command) or "", str(on), words(notify) or "")


def _thresholds(fields: dict[str, object]) -> tuple[float, ...] | None:
    """Return the percentages of a watch, None where there is no valid one."""
    at = fields.get("at")
    if at is None and "on" in fields:
        return DEFAULT_AT
    percents = [number(each) for each in at[:THRESHOLDS_AT_MOST]] if isinstance(at, list) else []
    return tuple(sorted({each for each in percents if each is not None and LEAST <= each <= MOST})) or None
