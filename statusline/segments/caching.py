"""The prompt cache: how much it saves, when it goes cold, and why it missed."""

from cache.model.jsonio import mapping, words
from statusline.segments.segment import WARN, Segment, percent_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

SOON_S = 60  # shown only when the cache goes cold within this time
MISS_SHOWN_S = 60  # how long a miss is shown
LONGEST_TTL_S = 2 * 3600  # the cache lives an hour at most; an expiry beyond is odd
CAUSES = {
    "ttl_expired_5m": "idle over 5m",
    "ttl_expired_1h": "idle over 1h",
    "likely_server_side": "server side",
    "unknown": "",
}


def cache_hits(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``cache 80%``: the share of this session's input that came from the cache, Claude Code's own ratio."""
    ratio = session.number("prompt_cache", "hit_ratio")
    if ratio is None or not 0 <= ratio <= 1 or session.part("prompt_cache", "caching_observed") is not True:
        return None
    return Segment([("label", "cache "), ("value", percent_text(ratio * 100))])


def cache_ttl(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``cache cold in 48s``: how long the cache stays warm, in its last minute; at any time by option ``always``."""
    if session.part("prompt_cache", "caching_observed") is not True:
        return None
    expires_at = session.moment("prompt_cache", "expires_at")
    left_s = 0 if expires_at is None else expires_at - now
    always = options.get("always") is True
    if left_s > LONGEST_TTL_S or (not always and not 0 < left_s < SOON_S):
        return None
    if left_s <= 0 or session.part("prompt_cache", "warm") is not True:
        return Segment([("label", "cache "), ("detail", "cold")]) if always else None
    span = f"{int(left_s)}s" if left_s < SOON_S else f"{int(left_s) // 60}m"
    form = [("detail", "cold in "), ("value", span)]
    return Segment([("label", "cache "), *form], form, level=WARN if left_s < SOON_S else None)


def cache_miss(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``cache miss: tools changed``: the cause of a cache miss, shown for one minute."""
    missed_at = session.moment("prompt_cache", "last_miss_at")
    if missed_at is None or not -5 <= now - missed_at <= MISS_SHOWN_S:  # its clock may be a little ahead of ours
        return None
    miss = ("value", "cache miss")
    cause = miss_cause(session.part("prompt_cache", "last_miss_cause"))
    return Segment([miss, ("detail", f": {cause}")], [miss], level=WARN) if cause else Segment([miss], level=WARN)


def miss_cause(value: "object") -> "str":
    """Return the first cause in words, empty where none is known.

    Source: ``last_miss_cause.causes`` of the statusline contract, a list of names such as ``tools_changed``.
    """
    causes = mapping(value).get("causes")
    for each in causes if isinstance(causes, list) else [value]:
        name = words(each)
        if name is not None:
            return CAUSES.get(name, name.replace("_", " "))[:40]
    return ""
