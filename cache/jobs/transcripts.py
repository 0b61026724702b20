"""The transcripts job: what was done on this machine, and what that tells of windows without a fresh number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.entry import Entry, read_entry
from cache.shared import known_windows
from cache.sources.calibration import observe
from cache.sources.claude_folder import config_directory, home_of
from cache.sources.estimate import estimates
from cache.sources.prices import read_prices
from cache.sources.store import FILE_NAME, opened
from cache.sources.transcripts import roots_of, scan
from cache.wire import mapping, whole

if TYPE_CHECKING:
    from cache.errors import Failure
    from cache.refresh import Request

LIMIT_S = 4  # 2 of them work; what is left open the next run goes on with
AGAIN_S, GO_ON_S = 60, 10  # seconds


def collect(
    request: Request,
    before: Entry,  # noqa: ARG001 - all that counts of former runs is in the index
    now: float,
) -> tuple[Entry, Failure | None]:
    """Return the entry with the estimated windows; raise Unwritable, Busy or Damaged where the index is of no use."""
    usage = read_entry(str(request.place / "usage.json"))
    account, windows = known_windows(request, usage, now)
    since, officials = whole(mapping(usage.value).get("account_since")) or 0, windows.values()
    with opened(request.place / FILE_NAME, read_prices(str(request.config))) as store:
        for official in officials:
            observe(store, account, official)
        found = scan(store, roots_of(config_directory(request.env), home_of(request.env)), now=now)
        estimated = estimates(store, account, officials, now, since)
    known = {
        "account": account,
        "windows": [each.as_json() for each in estimated.windows],
        "spent": {id_: each.as_json() for id_, each in estimated.spent.items()},
        "complete": found.finished,
    }
    again_s = AGAIN_S if found.finished else GO_ON_S
    return Entry(known, int(now), int(now) + again_s), None
