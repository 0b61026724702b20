"""How far an estimate can be trusted: whether official numbers rise as much as local work explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cache.sources.transcripts.calibration import Calibration

MUCH = 0.14  # of the rise; if local work leaves more than this unexplained, there is much usage elsewhere
ROUNDING = 0.5  # percent; the possible error of an increment between whole percents
POINTS, INCREMENTS = 25.0, 6  # the least that is needed to detect usage elsewhere


class Trust(NamedTuple):
    """How many ``points`` (percent) the estimate was learned from, and how well it fits.

    ``off`` is the difference between official increments and what local work explains, as a fraction of the whole
    rise; ``elsewhere`` whether this indicates much usage elsewhere, None where there is too little data.
    """

    points: float
    off: float
    elsewhere: bool | None

    def as_json(self) -> dict[str, object]:
        """Return it in the shape of the entry."""
        return {"points": round(self.points, 1), "off": round(self.off, 3), "elsewhere": self.elsewhere}


def trust(learned: Calibration) -> Trust:
    """Return how far estimates with a calibration can be trusted.

    Without usage elsewhere all increments have the same rate, except for rounding. Usage elsewhere makes some of them
    larger, most of all those with little local work, whether it was at the same time or in between.
    """
    increments = learned.increments
    rose = sum(max(each.percent, 0.0) for each in increments)
    is_whole = all(each.percent == int(each.percent) for each in increments)
    rounding = ROUNDING if is_whole else 0.0
    gaps = [abs(each.percent - each.dollars * learned.percent_per_dollar) for each in increments]
    off = sum(max(gap - rounding, 0.0) for gap in gaps) / rose if rose else 0.0
    is_enough = rose >= POINTS and len(increments) >= INCREMENTS
    return Trust(learned.points, off, off > MUCH if is_enough else None)
