"""Usage that crosses a threshold: each threshold once per window."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from cache.model.clock import clock_text
from cache.model.jsonio import mapping, number, whole, words
from cache.model.windows import FIVE_HOUR, Window, reaches, round_down, to_minute
from cache.sources.claude.sessions import clean
from cache.watches.config import THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.watches.config import Watch

MOVES_S = (3600, 900)  # of a week, of five hours: a reset that moves by less belongs to the same window
SENT_AT_MOST = 256
ID_AT_MOST = 100  # characters


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
        same = is_same_window(self.window, self.resets_at, alert.window)
        return same and (self.watch, self.account) == (alert.watch.id, alert.account) and self.at >= alert.at


@dataclass(frozen=True)
class Clock:
    """How texts tell the time: with 24 or 12 ``hours``, in a ``zone`` as the configuration names it.

    ``now``, epoch seconds, is when they are read; None is the moment itself.
    """

    hours: int = 24
    zone: str = "local"
    now: float | None = None

    def text(self, at: float) -> str:
        """Return the text of a moment (epoch seconds), as `clock_text` does, rounded to the minute as on the line."""
        now = time.time() if self.now is None else self.now
        return clock_text(to_minute(at), now, self.hours, self.zone)


AS_HERE = Clock()


def clock_in(value: object, now: float) -> Clock:
    """Return the clock that the setting ``time`` of a configuration describes."""
    fields = mapping(value)
    return Clock(12 if fields.get("hours") == 12 else 24, words(fields.get("zone")) or "local", now)


@dataclass(frozen=True)
class Alert:
    """A threshold was crossed: ``at`` is the highest one of the watch that the window has reached."""

    watch: Watch
    account: str
    window: Window
    at: float
    clock: Clock

    @property
    def record(self) -> SentAlert:
        """What is kept, so that it happens once."""
        return SentAlert(self.watch.id, self.account, self.window.id, self.window.resets_at or 0, self.at)

    @property
    def text(self) -> str:
        """``5h limit at 85%, resets at 16:40``."""
        at = self.window.resets_at
        resets = "" if at is None else self.clock.text(at)
        said = f"{limit_name(self.window.label)} at {round_down(self.window.percent)}%"
        return f"{said}, resets at {resets}" if resets else said

    @property
    def facts(self) -> dict[str, str]:
        """The variables for the command's environment: numbers and names."""
        return {
            **window_facts(self.window.id, self.window.label),
            "HUDLINE_PERCENT": str(round_down(self.window.percent)),
            "HUDLINE_AT": f"{self.at:g}",
            "HUDLINE_RESETS_AT": str(self.window.resets_at or ""),
        }


def window_facts(id_: str, label: str) -> dict[str, str]:
    """Return the variables that name a window; a model's name comes from the server."""
    return {"HUDLINE_WINDOW": clean(id_, ID_AT_MOST), "HUDLINE_LABEL": clean(label)}


def limit_name(label: str) -> str:
    """Return ``5h limit`` or ``Fable limit``."""
    return f"{clean(label)} limit".lstrip()


def is_same_window(id_: str, resets_at: int, window: Window) -> bool:
    """Return whether a window with this id and reset is the same as another, whose reset may have moved a little."""
    return id_ == window.id and abs(resets_at - (window.resets_at or 0)) <= MOVES_S[id_ == FIVE_HOUR]


def alerts(
    watches: Iterable[Watch],
    windows: Iterable[Window],
    sent: list[SentAlert],
    account: str,
    clock: Clock = AS_HERE,
) -> list[Alert]:
    """Return the due alerts: for each watch and window the highest threshold reached, unless it was sent already.

    A window without a reset cannot be distinguished from the next one, so it is ignored.
    """
    found = [
        Alert(watch, account, window, max(passed), clock)
        for watch in watches
        if watch.on == THRESHOLD
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
