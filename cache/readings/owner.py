"""The limits of one login: of an account, or of another login that is identified by its resets."""

from cache.model.windows import FIVE_HOUR, PLAN_WIDE, SEVEN_DAY, SPANS_S, Window, is_same_reset
from cache.readings.reading import Reading, current_window, reading_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cache.readings.reading import Limits

READINGS_AT_MOST = 12
ENDING_S = 5  # a window that ends this soon may have ended already for whoever made an answer
WEEK_S = SPANS_S[SEVEN_DAY]


class Owner:
    """The limits of one login.

    ``resets`` are the last known ones, by window id: they identify the owner. ``peaks`` are the highest percentages of
    each window, as ``(reset, percent)``. ``answered_at`` is the time of the last answer of the endpoint, or of a copy
    of one, epoch seconds, 0 without any; ``models`` are its windows of single models as JSON, None where they are not
    known.
    """

    __slots__ = ("answered_at", "models", "peaks", "readings", "resets")

    def __init__(self) -> None:
        self.resets: "dict[str, int]" = {}
        self.peaks: "dict[str, tuple[int, float]]" = {}
        self.readings: "list[Reading]" = []
        self.answered_at = 0.0
        self.models: object = None

    def add(self, reading: "Reading") -> None:
        """Add a reading; it replaces earlier ones of its source that it covers."""
        kept = [each for each in self.readings if not _supersedes(reading, each)]
        self.readings = sorted([*kept, reading], key=_made_at)[-READINGS_AT_MOST:]

    def note_resets(self, limits: "Limits") -> None:
        """Record the resets in an answer of this owner."""
        for id_, (_, reset) in limits.items():
            if reset is not None:
                self.resets[id_] = reset

    def note_peaks(self, limits: "Limits") -> None:
        """Record the percentages that are the highest of their window so far."""
        for id_, (percent, reset) in limits.items():
            if reset is not None:
                self.peaks[id_] = (reset, max(percent, self.peak(id_, reset)))

    def peak(self, id_: "str", reset: "int | None") -> "float":
        """Return the highest known percentage of the window with this reset, 0 without any."""
        known_reset, percent = self.peaks.get(id_, (None, 0.0))
        return percent if is_same_reset(known_reset, reset) else 0.0

    def windows(self, now: "float") -> "dict[str, Window]":
        """Return the plan-wide windows to show, by id."""
        found = {id_: current_window(self.readings, id_, now) for id_ in PLAN_WIDE}
        return {id_: window for id_, window in found.items() if window is not None}


def owner_from(fields: "dict[str, Any]") -> "Owner":
    """Return the owner from its object in the file."""
    owner = Owner()
    owner.resets, owner.answered_at, owner.models = fields["resets"], fields["answered_at"], fields.get("models")
    owner.peaks = {id_: (reset, percent) for id_, (reset, percent) in fields["peaks"].items()}
    owner.readings = [reading_from(row) for row in fields["readings"]]
    return owner


def _supersedes(later: "Reading", each: "Reading") -> "bool":
    """Return whether a reading replaces an earlier one of its source."""
    is_older = each.by == later.by and each.made_at <= later.made_at
    return is_older and (later.dated or not each.dated) and each.limits.keys() <= later.limits.keys()


def _made_at(reading: "Reading") -> "float":
    return reading.made_at


def fits(limits: "Limits", resets: "dict[str, int]", now: "float") -> "tuple[bool | None, str | None]":
    """Return whether an answer's resets agree with an owner's, and the window that decided.

    None where nothing can be compared. A week that is over goes on in steps of seven days; a five-hour window that is
    over says nothing, as the next one starts at any time. Resets jitter by a second, so one in a few seconds counts as
    over.
    """
    verdict: "tuple[bool | None, str | None]" = (None, None)
    for id_ in (SEVEN_DAY, FIVE_HOUR):
        reset, known = limits.get(id_, (0, None))[1], resets.get(id_)
        if reset is None or known is None:
            continue
        is_ending, agrees = known <= now + ENDING_S, is_same_reset(reset, known)
        if id_ == SEVEN_DAY:
            agrees = agrees or (is_ending and is_same_reset(weeks_apart(reset, known), 0))
        elif known <= now or (is_ending and not agrees):
            continue
        if not agrees:
            return False, id_
        verdict = (True, id_)
    return verdict


def weeks_apart(one: "int", other: "int") -> "int":
    """Return the seconds between two resets, modulo whole weeks."""
    apart = (one - other) % WEEK_S
    return min(apart, WEEK_S - apart)
