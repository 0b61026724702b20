"""How full the plan's windows are."""

from cache.window import ESTIMATE, Window
from statusline.moment import span_text
from statusline.segment import Segment, percent_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.snapshot import Snapshot
    from statusline.segment import Options
    from statusline.session import Session

STALE_AFTER_S = 20 * 60  # an older number says its age


def five_hour(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``5h 42% ↻1h58m``: the five-hour window."""
    return window_segment(snapshot.windows.get("five_hour"), now, options)


def seven_day(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``7d 61% ↻4d15h``: the weekly window."""
    return window_segment(snapshot.windows.get("seven_day"), now, options)


def window_segment(window: "Window | None", now: "float", options: "Options") -> "Segment | None":
    """Return label, percentage, reset and, where it matters, age or ``est`` of one window."""
    if window is None:
        return None
    estimated = window.source == ESTIMATE
    number = f"~{percent_text(window.percent)} est" if estimated else percent_text(window.percent)
    said = [("label", f"{window.label} "), ("value", number)]
    age_s = now - window.observed_at
    if age_s > STALE_AFTER_S and not estimated:
        said.append(("detail", f" {span_text(age_s)} old"))
    if window.resets_at is None:
        return Segment(said, level=options.level(window.percent))
    reset = ("detail", f" ↻{options.reset(window.resets_at, now)}")
    return Segment([*said, reset], said, level=options.level(window.percent))
