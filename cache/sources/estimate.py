"""A window's percentage where no official number is fresh: the last official one and what happened here since.

A floor, as other machines and the web draw on the same limits unseen; so it is marked as an estimate wherever it goes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.calibration import calibration, family_in, readings, span_of
from cache.sources.prices import UNKNOWN
from cache.sources.tally import FIVE_HOURS, blocks, first_after, weight_between
from cache.sources.transcripts import is_complete
from cache.window import ESTIMATE, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.sources.store import Store

MOST = 1000.0  # percent; what is shown as a percentage lies within 0..1000
LOOK_BACK_S = 30 * 86400
LABELS = {"five_hour": "5h", "seven_day": "7d"}


class Stretch(NamedTuple):
    """The window that is on now: what it stood at, from when on answers are to be added, when it resets.

    ``sure`` if an official reading says that it is on, else it has begun only if there was an answer.
    """

    percent: float
    counted_from: float
    resets_at: int | None
    sure: bool = False


def estimates(
    store: Store, account: str, officials: Iterable[Window], now: float, account_since: float = 0
) -> list[Window]:
    """Return what can be estimated of the windows in ``officials`` (the last known ones), and of both main windows."""
    last = {window.id: window for window in officials}
    found = [
        estimate(store, account, last.get(id_), now, window_id=id_, account_since=account_since)
        for id_ in dict.fromkeys([*LABELS, *last])
    ]
    return [window for window in found if window is not None]


def estimate(
    store: Store,
    account: str,
    last_official: Window | None,
    now: float,
    *,
    window_id: str = "five_hour",
    account_since: float = 0,
) -> Window | None:
    """Return a window's estimated percentage at ``now``, None where there is nothing to go by.

    ``last_official`` is the newest official reading of it, in whatever window; without one, ``window_id`` says which is
    meant, and the readings kept for calibration take its place. Activity before ``account_since`` (epoch seconds) was
    another account's.
    """
    id_ = last_official.id if last_official else window_id
    span = span_of(id_)
    if span is None or family_in(id_) == UNKNOWN:
        return None
    stretch = _stretch(store, last_official or _kept(store, account, id_), now, span)
    rate = _percent_per_dollar(store, account, id_, now)
    if stretch is None or rate is None:
        return None
    since = weight_between(store, max(stretch.counted_from, account_since), now, family_in(id_))
    if since == math.inf:  # a damaged index
        return None
    percent = round(min(max(stretch.percent + since * rate, 0.0), MOST), 1)
    label = last_official.label if last_official else LABELS.get(id_, id_.partition(":")[2])
    resets_at = stretch.resets_at if stretch.sure or since > 0 else None
    return Window(id_, label, percent, resets_at, ESTIMATE, int(now))


def _kept(store: Store, account: str, id_: str) -> Window | None:
    known = readings(store, account, id_)
    return Window(id_, id_, known[-1].percent, known[-1].resets_at, "", known[-1].observed_at) if known else None


def _stretch(store: Store, official: Window | None, now: float, span: int) -> Stretch | None:
    """Return the window that is on: of the last known reset or rolled on from it, else of the block of work."""
    if official is None:
        return _of_block(store, now) if span == FIVE_HOURS else None
    resets_at = official.resets_at
    if resets_at is None:  # it had not started then: the first answer since has started it
        first = first_after(store, official.observed_at, family_in(official.id))
        resets_at = int(now if first is None else first) // 60 * 60 + span
    elif resets_at > now:
        return Stretch(official.percent, max(official.observed_at, resets_at - span), resets_at, sure=True)
    end = resets_at + int((now - resets_at) // span + 1) * span
    return Stretch(0.0, end - span, end)


def _of_block(store: Store, now: float) -> Stretch:
    last = next(reversed(blocks(store, now - LOOK_BACK_S, now)), None)
    if last is None or now >= last.start + FIVE_HOURS:
        return Stretch(0.0, now, None)
    return Stretch(0.0, last.start, last.start + FIVE_HOURS)


def _percent_per_dollar(store: Store, account: str, id_: str, now: float) -> float | None:
    """Return what was learned; before that, of the 5-hour window, as if the largest block so far had been all of it."""
    learned = calibration(store, account, id_)
    if learned is not None:
        return learned.percent_per_dollar
    if id_ != "five_hour" or not is_complete(store):
        return None
    completed = [block.weight for block in blocks(store, now - LOOK_BACK_S, now) if block.start + FIVE_HOURS <= now]
    largest = max(completed, default=0.0)
    return 100 / largest if 0 < largest < math.inf else None
