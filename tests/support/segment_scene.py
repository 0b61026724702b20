"""A session, what is known besides, and a moment: to see what one segment says of them."""

from __future__ import annotations

from typing import Any

from cache.model.entry import NOTHING_YET
from cache.model.windows import OAUTH, Window
from cache.readings.snapshot import Snapshot
from statusline.payload import Session
from statusline.render.placed_segment import PlacedSegment, all_pieces, prepare, render_pieces
from statusline.render.theme import Style
from statusline.segments.registry import segment_function
from statusline.segments.segment import Options, Segment

NOW = 1795320860  # some seconds after the recorded payloads; 2026-11-22 04:14:20 UTC, a Sunday
FAST = ("sign", "fast")
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


def text_of(found: Segment | None, *, marked: bool = False) -> str | None:
    """Return all that a segment can show but its bar, in the signs of ``unicode``; if wished with a mark."""
    if found is None:
        return None
    placed = PlacedSegment(found)
    placed.level = found.level if marked else None
    prepare(placed, Style())
    placed.size = placed.width
    placed.shown = {name: render_pieces(pieces, Style()) for name, pieces in (found.details or {}).items()}
    return "".join(text for _, text in all_pieces(placed, Style()))


def forms(found: Segment | None, *, marked: bool = False) -> list[str]:
    """Return what a segment shows with all its details, and without them where it has any; nothing if it is silent."""
    if found is None:
        return []
    short = Segment(found.pieces, level=found.level, is_name=found.is_name)
    short.age = found.age
    both = [text_of(found, marked=marked), text_of(short, marked=marked) if found.details else None]
    return [text for text in both if text is not None]


def said(name: str, *args: Any, **kwargs: Any) -> str | None:
    """Return all that a segment says but its pace, None if it is silent."""
    found = segment(name, *args, **kwargs)
    return None if found is None else text_of(without_pace(found))


def without_pace(found: Segment) -> Segment:
    """Return the segment without what it says of the pace."""
    pieces = [piece for at, piece in enumerate(found.pieces) if not {piece, *found.pieces[at - 1 : at]} & {FAST}]
    details = {name: each for name, each in (found.details or {}).items() if name != "slack"}
    made = Segment(pieces, details, level=found.level, link=found.link, is_name=found.is_name)
    made.age = found.age
    return made
