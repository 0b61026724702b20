"""The prompt cache: how much it saves, when it goes cold, and why it missed."""

from cache.model.jsonio import mapping, number, words
from statusline.segments.segment import WARN, Segment, percent_text, token_text

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
    """``cache cold in 48s: 120k``: in its last minute how long the cache stays warm, and the tokens to fill it again.

    ``cache 38m`` before, by option ``always``.
    """
    if session.part("prompt_cache", "caching_observed") is not True:
        return None
    expires_at = session.moment("prompt_cache", "expires_at")
    left_s = 0 if expires_at is None else expires_at - now
    always = options.get("always") is True
    if left_s > LONGEST_TTL_S or (not always and not 0 < left_s < SOON_S):
        return None
    if left_s <= 0 or session.part("prompt_cache", "warm") is not True:
        return Segment([("label", "cache "), ("detail", "cold")]) if always else None
    if left_s >= SOON_S:
        return Segment([("label", "cache "), ("detail", f"{int(left_s) // 60}m")])
    tokens = session.count("prompt_cache", "recache_tokens_if_cold")
    details = {"tokens": [("detail", f": {token_text(tokens)}")]} if tokens else None
    return Segment([("label", "cache "), ("word", f"cold in {int(left_s)}s")], details, level=WARN)


def cache_miss(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``cache miss: tools changed +$0.41``: the cause of a cache miss and what it cost, shown for one minute.

    Claude Code adds up the tokens of all misses of a session: ``+$1.23 in 3``. On a plan, and for a model without a
    known price, it is tokens: ``+82k``.
    """
    missed_at = session.moment("prompt_cache", "last_miss_at")
    if missed_at is None or not -5 <= now - missed_at <= MISS_SHOWN_S:  # its clock may be a little ahead of ours
        return None
    cause = miss_cause(session.part("prompt_cache", "last_miss_cause"))
    taken = miss_taken(session, snapshot)
    details = {"cause": [("detail", f": {cause}")]} if cause else {}
    if taken:
        details["taken"] = [("detail", f" {taken}")]
    return Segment([("word", "cache miss")], details, level=WARN)


def miss_taken(session: "Session", snapshot: "Snapshot") -> "str":
    """Return what the misses of a session cost, such as ``+$0.41`` or ``+82k in 2``; empty where that is unknown."""
    tokens, misses = session.count("prompt_cache", "miss_recache_tokens"), session.count("prompt_cache", "misses")
    if not tokens:
        return ""
    amount = token_text(tokens)
    prices = mapping(snapshot.money.get("cache_prices")).get((session.words("model", "id") or "").partition("[")[0])
    if not snapshot.windows and not snapshot.plan and isinstance(prices, list) and len(prices) == 2:
        price = number(prices[session.part("prompt_cache", "ttl") == "1h"])
        if price is not None and tokens * price >= 0.005e6:
            amount = f"${tokens * price / 1e6:.2f}"
    return f"+{amount} in {misses}" if misses > 1 else f"+{amount}"


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
