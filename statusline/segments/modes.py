"""How the session is set up: modes, styles and names."""

from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def thinking(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``thinking``: extended thinking is on."""
    return Segment([("detail", "thinking")]) if session.part("thinking", "enabled") is True else None


def output_style(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Explanatory``: the output style, unless it is the default one."""
    name = session.name("output_style", "name")
    return None if name is None or name.lower() == "default" else Segment([("detail", name)])


def vim(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``INSERT``: the vim mode."""
    mode = session.name("vim", "mode")
    return Segment([("vim", mode)]) if mode else None


def agent(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``reviewer``: the agent that the session runs as."""
    name = session.name("agent", "name") or session.words("agent_type")
    return Segment([("agent", name)]) if name else None


def session_name(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``fix-login``: the name of the session."""
    name = session.words("session_name")
    return Segment([("detail", name)]) if name else None


def version(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``v2.1.330``: Claude Code's version."""
    name = session.words("version")
    return Segment([("detail", f"v{name}")]) if name else None


def clock(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``04:14``: the time of day when the line was drawn."""
    text = options.clock(now, now)
    return Segment([("glyph", "clock"), ("detail", text)]) if text else None
