"""A session, what is known besides, and a moment: to see what one segment says of them."""

from __future__ import annotations

from typing import Any

from cache.model.entry import NOTHING_YET
from cache.model.windows import OAUTH, Window
from cache.readings.snapshot import Snapshot
from statusline.payload import Session
from statusline.render.placed_segment import PlacedSegment, render_pieces
from statusline.render.theme import Style
from statusline.segments.registry import segment_function
from statusline.segments.segment import Options, Segment

NOW = 1795320860  # some seconds after the recorded payloads; 2026-11-22 04:14:20 UTC, a Sunday
UTC = {"zone": "utc"}


def window(
    id_: str, percent: float, *, label: str = "", source: str = OAUTH, age_s: int = 0, ahead_s: int = 7080
) -> Window:
    """Return a reading of a window that resets in 1h58m."""
    label = label or {"five_hour": "5h", "seven_day": "7d"}.get(id_) or id_.rpartition(":")[2].title()
    return Window(id_, label, percent, NOW + ahead_s, source, NOW - age_s)


def snapshot(*windows: Window, **facts: Any) -> Snapshot:
    """Return what is known: these windows, and any attribute of a snapshot by its name."""
    found = Snapshot(NOTHING_YET, {each.id: each for each in windows})
    for name, value in facts.items():
        setattr(found, name, value)
    return found


def segment(
    name: str,
    payload: object = None,
    known: Snapshot | None = None,
    options: dict[str, object] | None = None,
    env: dict[str, str] | None = None,
    **wishes: Any,
) -> Segment | None:
    """Return what a segment says; ``options`` are its own, ``wishes`` those of the whole configuration."""
    variables = env or {}
    session = Session(payload, lambda name: variables.get(name, ""))
    chosen = Options(options, **{**UTC, **wishes})
    return segment_function(name)(session, known or snapshot(), NOW, chosen)


def forms(found: Segment | None, *, marked: bool = False) -> list[str]:
    """Return the forms of a segment as text with the signs of ``unicode``; with the mark of its level if wished."""
    if found is None:
        return []
    placed = PlacedSegment(found, 1, "")
    placed.level = found.level if marked else None
    return ["".join(text for _, text in render_pieces(placed, shape, Style())) for shape in range(len(found.forms))]


def said(name: str, *args: Any, **kwargs: Any) -> str | None:
    """Return the fullest form of what a segment says, None if it is silent."""
    found = forms(segment(name, *args, **kwargs))
    return found[0] if found else None
