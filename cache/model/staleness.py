"""Decides for a session whether the usage of its config directory is due for a refresh."""

from cache.model.billing import BILLINGS
from cache.model.entry import has_changed, is_due
from cache.model.lazy import further_module
from cache.model.windows import AHEAD_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.model.entry import Entry

UNFINISHED = ("broken", "overdue", "unwritable")  # what such a refresh leaves undone, the next one would, too
NO_VERSION = "no_version"  # `cache.work.failures.NoVersion`
OTHERS_FIRST_S = 120  # seconds that a session which may not ask leaves to those that may


def reason_to_refresh(
    entry: "Entry", now: "float", oauth: "str", billing: "str", wanted: "str" = "", version: "str" = ""
) -> "str":
    """Return ``due``, ``changed`` (something that the entry depends on has changed), or nothing.

    ``wanted`` is the result of `cache.readings.snapshot.wanted`; ``version`` is Claude Code's, as the session reports
    it. ``oauth`` and ``billing`` are those of the session. A session that makes no requests (an API key, oauth off)
    waits for one that does; if none does, it refreshes the entry itself, and a session that makes requests does not
    wait for the resulting ``due_at``.
    """
    if entry.problem in UNFINISHED:
        return "due" if is_due(entry, now) else ""
    if wanted == "changed":
        return wanted
    settings = {*BILLINGS, "off"}
    if entry.fetched_at > now + AHEAD_S:
        return "due"  # the clock was set back: what is kept will not count for as long
    if (billing or oauth == "off") and entry.problem not in settings:
        return "due" if is_due(entry, now, OTHERS_FIRST_S) else ""
    if entry.problem == NO_VERSION and further_module("cache.model.version").is_version(version):
        return "changed"
    noted_by_another = entry.problem in settings and not billing and oauth != "off"
    if noted_by_another or has_changed(entry):
        return "changed"
    return "due" if wanted or is_due(entry, now) else ""
