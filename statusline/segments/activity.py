"""What happens in the session, from its transcript, and MCP logins that fail."""

from cache.model.jsonio import mapping, words
from statusline.segments.segment import WARN, Segment, count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def last_tool(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``▸ Bash npm test``: the tool that was used last, and the program or file, without their arguments."""
    name, argument = (words(snapshot.activity.get(key)) for key in ("last_tool", "tool_argument"))
    details = {"argument": [("detail", f" {argument[:40]}")]} if argument else None
    return Segment([("glyph", "tool"), ("detail", name)], details) if name else None


def running_agents(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``2 agents``: how many sub-agents are at work."""
    count = count_of(snapshot.activity.get("running_agents"))
    text = f"{count} {'agent' if count == 1 else 'agents'}"
    return Segment([("glyph", "agent"), ("detail", text)]) if count else None


def todos(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``todo 3/7 Write the tests``: how many tasks are done, and the current one."""
    fields = mapping(snapshot.activity.get("todos"))
    done, total = count_of(fields.get("done")), count_of(fields.get("total"))
    if not total or done > total:
        return None
    count = [("glyph", "todo"), ("detail", f"{done}/{total}")]
    current = words(fields.get("current"))
    return Segment(count, {"current": [("detail", f" {current[:40]}")]} if current and done < total else None)


def turns(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``12 turns``: how many prompts the session had."""
    count = count_of(snapshot.activity.get("turns"))
    return Segment([("detail", f"{count} {'turn' if count == 1 else 'turns'}")]) if count else None


def mcp(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``mcp 1 expired 2 missing``: logins of MCP servers that no longer work."""
    counts = [(state, count_of(snapshot.mcp.get(state))) for state in ("expired", "missing")]
    states = " ".join(f"{count} {state}" for state, count in counts if count)
    return Segment([("glyph", "mcp"), ("word", states)], level=WARN) if states else None
