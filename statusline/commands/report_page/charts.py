"""The charts of the report: static SVG elements, each with a title and a description.

Shapes stretch with the page while text and marks keep their size: positions across are percentages, curves are in a
nested drawing that stretches, and the labels of the axes are HTML around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from cache.model.clock import date_text
from cache.money.ledger import NOTHING
from statusline.commands.report_page.wording import DAYS, dollars, hour_text, spent_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statusline.commands.report_page.curves import Curve
    from statusline.commands.report_page.facts import Facts, Week

WIDTH, HEIGHT = 1000, 100  # of what stretches
HIT, RESET = "M-5 10L0 0L5 10z", "M0 0V7"  # a triangle, a tick
ROW = 18  # pixels of a row of hours
LARGEST = 6.5  # pixels: the radius of the busiest hour; on a narrow page an hour is 13 wide


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Add an element with a text; in names of attributes ``_`` is ``-``, and ``class_`` is ``class``."""
    element = SubElement(parent, tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    element.text = text or None
    return element


def curve_chart(parent: Element, id_: str, title: str, description: str, curve: Curve, facts: Facts) -> None:
    """Add the chart of a window: its curve, a triangle where the limit was reached, a tick below at each reset."""
    plot = _plot(parent, ["100%", "50%", "0%"], _dates(curve.start, curve.end, facts))
    svg = _drawing(plot, id_, title, description)
    stretched = _stretched(svg)
    _grid(stretched)
    for points in curve.lines:
        path = _path([(_part(at, curve.start, curve.end), percent) for at, percent in points])
        add(stretched, "path", d=path, class_="curve")
    for at in curve.marked:
        _mark(svg, _part(at, curve.start, curve.end), 0, HIT, "hit")
    for at in curve.resets:
        _mark(svg, _part(at, curve.start, curve.end), 100, RESET, "reset")


def week_chart(parent: Element, id_: str, title: str, description: str, week: Week, facts: Facts) -> None:
    """Add the chart of the running week: what was used, and an even pace of what counts as a dashed line."""
    plot = _plot(parent, ["100%", "50%", "0%"], _dates(week.start, week.end, facts))
    svg = _drawing(plot, id_, title, description)
    stretched = _stretched(svg)
    _grid(stretched)
    even = _path([(_part(at, week.start, week.end), percent) for at, percent in week.even])
    add(stretched, "path", d=even, class_="even")
    points = [each for line in (week.curve.lines if week.curve else []) for each in line]
    points.append((float(week.window.observed_at), min(week.window.percent, 100.0)))
    path = _path([(_part(at, week.start, week.end), percent) for at, percent in points])
    add(stretched, "path", d=path, class_="curve")
    _mark(svg, _part(facts.now, week.start, week.end), 0, f"M0 0V{HEIGHT + 40}", "now")


def day_chart(parent: Element, id_: str, title: str, description: str, facts: Facts) -> None:
    """Add a column for the money of each day."""
    dates = facts.dates
    days = {each.key[0]: each for each in facts.money.days} if facts.money else {}
    most = max((each.dollars for each in days.values()), default=0.0) or 1.0
    plot = _plot(parent, [dollars(most), dollars(most / 2), "$0"], _dates(facts.start, facts.now, facts))
    svg = _drawing(plot, id_, title, description)
    stretched = _stretched(svg)
    _grid(stretched)
    step = WIDTH / len(dates)
    for number, day in enumerate(dates):
        spent = days.get(day, NOTHING)
        height = spent.dollars / most * HEIGHT
        if spent.dollars > 0:
            box = {"x": _short((number + 0.1) * step), "y": _short(HEIGHT - height)}
            size = {"width": _short(step * 0.8), "height": _short(height)}
            bar = add(stretched, "rect", class_="bar", **box, **size)
            add(bar, "title", f"{date_text(facts.moment_of(day), facts.zone)}: {spent_text(spent)}")


def hour_chart(parent: Element, id_: str, title: str, description: str, facts: Facts) -> None:
    """Add a circle for each hour of the week, whose area is the money spent in it."""
    hours = {each.key: each for each in facts.money.hours} if facts.money else {}
    most = max((each.dollars for each in hours.values()), default=0.0) or 1.0
    plot = _plot(parent, DAYS, [hour_text(hour, facts.hours) for hour in (0, 6, 12, 18, 24)], class_="plot hours")
    svg = _drawing(plot, id_, title, description, height=len(DAYS) * ROW)
    for (day, hour), spent in sorted(hours.items(), key=lambda item: (int(item[0][0]), int(item[0][1]))):
        if spent.dollars > 0:
            across, radius = _percent((int(hour) + 0.5) / 24), max(LARGEST * (spent.dollars / most) ** 0.5, 1.0)
            down = _short((int(day) + 0.5) * ROW)
            circle = add(svg, "circle", cx=across, cy=down, r=_short(radius), class_="bar")
            add(circle, "title", f"{DAYS[int(day)]} {hour_text(int(hour), facts.hours)}: {spent_text(spent)}")


def share_bar(parent: Element, share: float) -> None:
    """Add a bar for a share, 0 to 1, of the largest row; the number beside it says the same."""
    svg = add(parent, "svg", class_="share", aria_hidden="true", width="100%", height="10")
    add(svg, "rect", class_="bar", width=_percent(share), height="10")


def _plot(parent: Element, ups: Sequence[str], acrosses: Sequence[str], class_: str = "plot") -> Element:
    """Add a drawing's place between the labels of its axes, which the description repeats for a screen reader."""
    plot = add(parent, "div", class_=class_)
    for name, labels in (("up", ups), ("across", acrosses)):
        axis = add(plot, "div", class_=name, aria_hidden="true")
        for label in labels:
            add(axis, "span", label)
    return plot


def _drawing(plot: Element, id_: str, title: str, description: str, height: int = 140) -> Element:
    ids = f"{id_}-title {id_}-desc"
    svg = add(plot, "svg", role="img", aria_labelledby=ids, width="100%", height=str(height))
    add(svg, "title", title, id=f"{id_}-title")
    add(svg, "desc", description, id=f"{id_}-desc")
    return svg


def _stretched(svg: Element) -> Element:
    view = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "preserveAspectRatio": "none"}
    return SubElement(svg, "svg", {"width": "100%", "height": "100%", **view})


def _grid(stretched: Element) -> None:
    lines = "".join(f"M0 {y}H{WIDTH}" for y in (0, HEIGHT // 2, HEIGHT))
    add(stretched, "path", d=lines, class_="grid")


def _mark(svg: Element, part: float, down: int, shape: str, class_: str) -> None:
    """Add a shape that does not stretch, ``part`` (0 to 1) across."""
    place = add(svg, "svg", x=_percent(part), y=f"{down}%", width="1", height="1", class_="mark")
    add(place, "path", d=shape, class_=class_)


def _dates(start: int, end: int, facts: Facts) -> list[str]:
    return [date_text(at, facts.zone) for at in (start, (start + end) / 2, end)]


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return the line through points: parts across (0 to 1) and percent."""
    places = [f"{_short(part * WIDTH)} {_short(HEIGHT - percent / 100 * HEIGHT)}" for part, percent in points]
    return "M" + "L".join(places) + ("h0.1" if len(places) == 1 else "")


def _part(at: float, start: float, end: float) -> float:
    return min(max((at - start) / max(end - start, 1), 0.0), 1.0)


def _percent(part: float) -> str:
    return f"{_short(part * 100)}%"


def _short(value: float) -> str:
    """Return a number with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")
