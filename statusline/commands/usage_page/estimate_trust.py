"""How good the estimates are, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.entry import read_entry
from cache.model.jsonio import mapping, number
from cache.model.layout import TRANSCRIPTS_FILE

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Trust:
    """How good the estimates are, from the entry of the transcripts job.

    ``points`` (percent) is the official increase they were learned from; ``off`` is the fraction by which official
    numbers differ from local work; ``elsewhere`` is whether that shows much use elsewhere, None if undecided.
    """

    points: float
    off: float
    elsewhere: bool | None

    def as_json(self) -> dict[str, object]:
        """Return the object of ``usage --json``."""
        return {"points": self.points, "off": self.off, "elsewhere": self.elsewhere}

    @property
    def sentence(self) -> str:
        """The sentence about the estimates."""
        off = f"{max(round(self.off * 100), 1)}%"
        if self.elsewhere:
            differ = f"official numbers differ by {off} from the use on this machine"
            return f"Much of the use is elsewhere: {differ}, so estimates can be far off."
        if self.elsewhere is None:
            return f"Estimates are rough: they were learned from only {self.points:.0f} points of official numbers."
        return f"Estimates are off by about {off} of what they add to the last official number."


def read_trust(place: Path, account: str) -> Trust | None:
    """Return how good the estimates of an account are; None without estimates, or if nothing was learned.

    ``place`` is the folder of the files of one config directory.
    """
    value = mapping(read_entry(str(place / TRANSCRIPTS_FILE)).value)
    fields = mapping(value.get("trust")) if value.get("account") == account else {}
    points, off, elsewhere = number(fields.get("points")), number(fields.get("off")), fields.get("elsewhere")
    if points is None or off is None:
        return None
    return Trust(points, off, elsewhere if isinstance(elsewhere, bool) else None)
