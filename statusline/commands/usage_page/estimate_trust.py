"""How far to trust the estimates, in one sentence."""

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
    """What the transcripts job knows of its estimates, as in its entry.

    ``points`` (percent) is what they were learned from, ``off`` by what fraction of that official numbers differ from
    what local work explains; ``elsewhere`` is whether that shows much use elsewhere, None where that is open.
    """

    points: float
    off: float
    elsewhere: bool | None

    def as_json(self) -> dict[str, object]:
        """Return it in the shape of ``usage --json``."""
        return {"points": self.points, "off": self.off, "elsewhere": self.elsewhere}

    @property
    def sentence(self) -> str:
        """How far to trust the estimates."""
        off = f"{max(round(self.off * 100), 1)}%"
        if self.elsewhere:
            differ = f"official numbers differ by {off} from what was done on this machine"
            return f"There is much use elsewhere: {differ}, so an estimate can be far off."
        if self.elsewhere is None:
            return f"Estimates are rough: they were learned from only {self.points:.0f} points of official numbers."
        return f"Estimates are off by about {off} of what they add to the last official number."


def read_trust(place: Path, account: str) -> Trust | None:
    """Return how far to trust the estimates of an account; None where there are none, or nothing was learned.

    ``place`` is the folder of the files of one config directory.
    """
    value = mapping(read_entry(str(place / TRANSCRIPTS_FILE)).value)
    fields = mapping(value.get("trust")) if value.get("account") == account else {}
    points, off, elsewhere = number(fields.get("points")), number(fields.get("off")), fields.get("elsewhere")
    if points is None or off is None:
        return None
    return Trust(points, off, elsewhere if isinstance(elsewhere, bool) else None)
