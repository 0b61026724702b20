"""Draws how long a tick takes with more and more of something, from the numbers that tests/bench/growth.py has kept."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from drawing import COLORS, EDGE, ROOT, frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from statusline.commands.support.grounds import Ground

KEPT = ROOT / "tests" / "data" / "growth.json"
TITLE = "How long the line takes to draw, with more and more of something"
ACROSS, WIDTH, HEIGHT = 3, 280, 96  # panels in a row; pixels of one plot
BETWEEN, ABOVE, BELOW = 40, 34, 22  # pixels around a plot
BLUE = 4


def growth_chart(kept: Mapping[str, Any], on: Ground) -> str:
    """Return an SVG with a panel for each sweep, all with the same scale from 0."""
    sweeps = kept["sweeps"]
    top = 1.3 * max(max(sweep["medians"]) for sweep in sweeps)
    body = []
    for number, sweep in enumerate(sweeps):
        x = EDGE + number % ACROSS * (WIDTH + BETWEEN)
        y = EDGE + ABOVE + number // ACROSS * (HEIGHT + ABOVE + BELOW)
        body += _panel(sweep, kept["bare"], top, (x, y), on)
    rows = -(-len(sweeps) // ACROSS)
    size = 2 * EDGE + ACROSS * WIDTH + (ACROSS - 1) * BETWEEN, EDGE + rows * (HEIGHT + ABOVE + BELOW) + 8
    return frame(TITLE, body, size, on)


def _panel(sweep: Mapping[str, Any], bare: float, top: float, at: tuple[int, int], on: Ground) -> list[str]:
    """Return one plot: the medians over evenly spaced sizes, and the bare interpreter as a dashed line."""
    x, y = at
    blue, quiet = COLORS[on][BLUE], COLORS[on][8]
    step = WIDTH / (len(sweep["sizes"]) - 1)
    points = [(x + place * step, y + HEIGHT * (1 - ms / top)) for place, ms in enumerate(sweep["medians"])]
    dashed = y + HEIGHT * (1 - bare / top)
    parts = [
        _text(x, y - 14, sweep["unit"], on.ink, size=12),
        f'<path d="M{x} {y + HEIGHT}h{WIDTH}" stroke="{quiet}" fill="none"/>',
        f'<path d="M{x} {dashed:.1f}h{WIDTH}" stroke="{quiet}" stroke-dasharray="4 4" fill="none"/>',
        _text(x + WIDTH, dashed + 14, f"Python alone {bare:.1f} ms", on.ink, anchor="end"),
        f'<polyline points="{_pairs(points)}" stroke="{blue}" stroke-width="2" fill="none"/>',
    ]
    for (across, down), size, ms in zip(points, sweep["sizes"], sweep["medians"], strict=True):
        anchor = "start" if across == x else "end" if across > x + WIDTH - 1 else "middle"
        parts += [
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{blue}"/>',
            _text(across, y + HEIGHT + 15, f"{size:,}", on.ink, anchor=anchor),
            _text(across, down - 8, f"{ms:.1f} ms", on.ink, anchor=anchor),
        ]
    return parts


def _pairs(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{across:.1f},{down:.1f}" for across, down in points)


def _text(x: float, y: float, text: str, ink: str, *, size: int = 10, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text {place} font-size="{size}" text-anchor="{anchor}" fill="{ink}">{escape(text)}</text>'
