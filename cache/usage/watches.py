"""The configured watches: which command to run when usage crosses a threshold, and which alerts are due."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, number, whole, words
from cache.model.windows import FIVE_HOUR, Window, reaches, round_down
from cache.sources.configuration import read_configuration

if TYPE_CHECKING:
    from collections.abc import Iterable

WATCHES_AT_MOST, THRESHOLDS_AT_MOST = 8, 8
COMMAND_AT_MOST = 4096  # characters
LEAST, MOST = 1, 100  # percent
MOVES_S = (3600, 900)  # of a week, of five hours: a reset that moves by less belongs to the same window
SENT_AT_MOST = 256


@dataclass(frozen=True)
class Watch:
    """``at`` are percentages of 1-100, the lowest first; ``command`` is for the shell."""

    at: tuple[float, ...]
    command: str

    @property
    def id(self) -> str:
        """The id under which its alerts are recorded: a short hash, as the command may hold secrets."""
        return hashlib.sha256(self.command.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def as_json(self) -> dict[str, object]:
        """Return the watch in the shape of the configuration."""
        return {"at": [int(each) if each == int(each) else each for each in self.at], "command": self.command}


@dataclass(frozen=True)
class SentAlert:
    """The record of an alert: ``watch`` is the watch's id, ``at`` the highest threshold that was reached."""

    watch: str
    account: str
    window: str
    resets_at: int
    at: float

    def covers(self, alert: Alert) -> bool:
        """Return whether an alert repeats this one: for the same window, at this threshold or a lower one."""
        same = (
            self.window == alert.window.id
            and abs(self.resets_at - (alert.window.resets_at or 0)) <= MOVES_S[self.window == FIVE_HOUR]
        )
        return same and (self.watch, self.account) == (alert.watch.id, alert.account) and self.at >= alert.at


@dataclass(frozen=True)
class Alert:
    """A command to run: ``at`` is the highest threshold of the watch that the window has reached."""

    watch: Watch
    account: str
    window: Window
    at: float

    @property
    def record(self) -> SentAlert:
        """What is kept, so that the command runs once."""
        return SentAlert(self.watch.id, self.account, self.window.id, self.window.resets_at or 0, self.at)

    @property
    def facts(self) -> dict[str, str]:
        """The variables for the command's environment: numbers and names."""
        return {
            "HUDLINE_WINDOW": self.window.id,
            "HUDLINE_LABEL": self.window.label,
            "HUDLINE_PERCENT": str(round_down(self.window.percent)),
            "HUDLINE_AT": f"{self.at:g}",
            "HUDLINE_RESETS_AT": str(self.window.resets_at or ""),
        }


def read_watches(path: str) -> list[Watch]:
    """Return the watches in a configuration file, none where it cannot be read."""
    return watches_in(read_configuration(path).get("watch"))


def watches_in(value: object) -> list[Watch]:
    """Return the watches that a value describes; odd ones are left out."""
    found = [_watch(each) for each in value[:WATCHES_AT_MOST]] if isinstance(value, list) else []
    return [each for each in found if each is not None]


def _watch(value: object) -> Watch | None:
    fields = mapping(value)
    command, at = words(fields.get("command")), fields.get("at")
    if command is None or len(command) > COMMAND_AT_MOST or not isinstance(at, list):
        return None
    percents = [number(each) for each in at[:THRESHOLDS_AT_MOST]]
    sound = sorted({each for each in percents if each is not None and LEAST <= each <= MOST})
    return Watch(tuple(sound), command) if sound else None


def alerts(watches: Iterable[Watch], windows: Iterable[Window], sent: list[SentAlert], account: str) -> list[Alert]:
    """Return the due alerts: for each watch and window the highest threshold reached, unless it was sent already.

    A window without a reset cannot be distinguished from the next one, so it is ignored.
    """
    found = [
        Alert(watch, account, window, max(passed))
        for watch in watches
        for window in windows
        if window.resets_at is not None and (passed := [at for at in watch.at if reaches(window.percent, at)])
    ]
    return [each for each in found if not any(one.covers(each) for one in sent)]


def sent_alerts_in(value: object, now: float) -> list[SentAlert]:
    """Return the alerts in the value of an entry, without those of windows that are over.

    The reported reset of a window varies, so an alert stays as long as its window could come back.
    """
    rows = mapping(value).get("told")
    found = [_sent_alert(row) for row in rows] if isinstance(rows, list) else []
    return [each for each in found if each is not None and each.resets_at + MOVES_S[each.window == FIVE_HOUR] > now][
        -SENT_AT_MOST:
    ]


def _sent_alert(row: object) -> SentAlert | None:
    if not isinstance(row, list) or len(row) != 5:
        return None
    watch, account, window = (words(each) for each in row[:3])
    resets_at, at = whole(row[3]), number(row[4])
    if watch is None or account is None or window is None or resets_at is None or at is None:
        return None
    return SentAlert(watch, account, window, resets_at, at)


def sent_alerts_value(sent: Iterable[SentAlert]) -> dict[str, object]:
    """Return the value of the entry that keeps these alerts."""
    return {"told": [list(astuple(alert)) for alert in sent]}
