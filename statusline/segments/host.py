"""The repository at its host: where it is, and the pull request."""

from statusline.render.sanitize import safe_link
from statusline.segments.segment import WARN, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

# How the states of a review are called; others are shown as they are.
REVIEWS = {"changes requested": "changes", "review required": "review", "pending": "review"}


def pr(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``#123 approved``: the open pull request of the branch with its review, or ``!45`` at GitLab; linked to it."""
    number = session.count("pr", "number")
    if not number:
        return None
    sign = ("detail", "!") if session.part("pr", "kind") == "mr" else ("glyph", "pr")
    state = (session.words("pr", "review_state") or "").replace("_", " ")[:24]
    state, level = REVIEWS.get(state, state), WARN if state == "changes requested" else None
    details = {"state": [("word", f" {state}")]} if state else None
    link = safe_link(session.words("pr", "url"))
    return Segment([sign, ("detail", str(number))], details, level=level, link=link)


def repo(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``owner/name``: where the repository's origin is, linked to it."""
    host, owner, name = (session.words("workspace", "repo", key) for key in ("host", "owner", "name"))
    if owner is None or name is None:
        return None
    is_host = host is not None and host.replace("-", "").replace(".", "").isalnum()
    link = safe_link(f"https://{host}/{owner}/{name}") if is_host else ""
    return Segment([("detail", f"{owner}/{name}")], link=link)
