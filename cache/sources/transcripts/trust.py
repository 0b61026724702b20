"""How far an estimate can be trusted: whether official numbers rise as local work says that they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cache.sources.transcripts.calibration import Calibration

MUCH = 0.14  # of what rose; more that local work does not explain is much use elsewhere
ROUNDING = 0.5  # percent by which an increment of whole percents may be off
POINTS, INCREMENTS = 25.0, 6  # at least, to say anything of use elsewhere


class Trust(NamedTuple):
    """From how many ``points`` (percent) the estimate was learned, and what was ``off``.

    ``off`` is by how much the increments of official numbers differ from what local work explains, as a fraction of
    what they rose in all; ``elsewhere`` says that this shows much use elsewhere, None where there is too little to say.
    """

    points: float
    off: float
    elsewhere: bool | None

    def as_json(self) -> dict[str, object]:
        """Return it in the shape of the entry."""
        return {"points": round(self.points, 1), "off": round(self.off, 3), "elsewhere": self.elsewhere}


def trust(learned: Calibration) -> Trust:
    """Return how far an estimate by a calibration can be trusted.

    Without use elsewhere all increments are alike but for rounding. Use elsewhere makes some of them larger than
    others: those in which little was done here most of all, whether it was at the same time or in between.
    """
    increments = learned.increments
    rose = sum(max(each.percent, 0.0) for each in increments)
    is_whole = all(each.percent == int(each.percent) for each in increments)
    rounding = ROUNDING if is_whole else 0.0
    gaps = [abs(each.percent - each.dollars * learned.percent_per_dollar) for each in increments]
    off = sum(max(gap - rounding, 0.0) for gap in gaps) / rose if rose else 0.0
    is_enough = rose >= POINTS and len(increments) >= INCREMENTS
    return Trust(learned.points, off, off > MUCH if is_enough else None)
