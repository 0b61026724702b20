"""The transcripts job: reads the transcripts of this machine, and estimates windows without a fresh number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.entry import Entry, read_entry
from cache.model.jsonio import mapping, whole, words
from cache.model.layout import INDEX_FILE, USAGE_FILE
from cache.model.windows import FIVE_HOUR
from cache.money.amounts import amounts, block_of, branch_amounts, cache_prices, spans_of
from cache.money.periods import DAY_S, zone_of
from cache.readings.directory import UNKNOWN
from cache.sources.claude.paths import config_directory, home_of
from cache.sources.claude.settings import cleanup_days
from cache.sources.configuration import read_configuration
from cache.sources.transcripts.coverage import complete_from, note_complete
from cache.sources.transcripts.estimate import SignedInAccount, estimates, running_window
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.observations import is_known, observe, rename
from cache.sources.transcripts.prices import Prices, overrides_in
from cache.sources.transcripts.rollup import roll_up
from cache.sources.transcripts.scan import roots_of, scan
from cache.usage.readings_update import known_windows

if TYPE_CHECKING:
    from cache.sources.transcripts.index import Store
    from cache.work.failures import Failure
    from cache.work.request import Request

LIMIT_S = 4  # 2 of them of reading, 1 of adding up; the next run does the rest
ADDING_S = 1.0
AGAIN_S, GO_ON_S = 60, 10  # seconds
QUIET_S = 300  # the longest wait where nothing is new: it doubles each time; a tick sees its own transcript grow


def collect(
    request: Request,
    before: Entry,
    now: float,
) -> tuple[Entry, Failure | None]:
    """Return the entry with the estimated windows and the money spent.

    Raises Unwritable, Busy or Damaged where the index cannot be used.
    """
    usage = read_entry(str(request.folder / USAGE_FILE))
    account, windows = known_windows(request, usage, now)
    value, officials = mapping(usage.value), windows.values()
    signed_in = SignedInAccount(account, whole(value.get("account_since")) or 0, words(value.get("plan")))
    wishes = read_configuration(str(request.config))
    with open_index(request.folder / INDEX_FILE, Prices(overrides_in(wishes.get("prices")))) as store:
        if not is_known(store, account):
            _rename_former(store, request, account)
        for official in officials:
            observe(store, account, official, signed_in.plan)
        found = scan(store, roots_of(config_directory(request.env), home_of(request.env)), now=now)
        finished = found.finished and roll_up(store, now, request.monotonic() + ADDING_S, request.monotonic)
        if found.finished:
            note_complete(store, now, lambda: cleanup_days(request.env) * DAY_S)
        estimated = estimates(store, signed_in, officials, now)
        block = block_of(running_window(store, signed_in, FIVE_HOUR, windows.get(FIVE_HOUR), now), signed_in.since)
        spans = spans_of(now, zone_of(mapping(wishes.get("time")).get("zone")), block)
        money = {
            **amounts(store, spans, now, found.known_from, mapping(mapping(before.value).get("money"))),
            "account": account,
            "complete_from": complete_from(store, now),
            "cache_prices": cache_prices(store, now),
        }
        branches = branch_amounts(store)
    known: dict[str, object] = {
        "account": account,
        "windows": [each.as_json() for each in estimated.windows],
        "spent": {id_: each.as_json() for id_, each in estimated.spent.items()},
        "trust": estimated.trust.as_json() if estimated.trust else None,
        "complete": finished,
        "money": money,
        "branches": branches,
    }
    again_s = AGAIN_S if finished else GO_ON_S
    if finished and not found.bytes_read and before.problem is None:
        quiet_s = min(max(again_s, 2 * (before.due_at - before.fetched_at)), QUIET_S)
        # When a day or a block is over, the line has no amount for the next one before it is added up.
        again_s = min([quiet_s, *(span.end + 1 - int(now) for span in spans.values() if span.end > now)])
    return Entry(known, int(now), int(now) + again_s), None


def _rename_former(store: Store, request: Request, account: str) -> None:
    """Move what an earlier version kept under the account's id alone to the first organization seen with it.

    The usage job does so too, but may find the index locked by this one.
    """
    from cache.sources.claude.state import read_claude_state  # noqa: PLC0415 - it brings msgspec; this is done once

    state = read_claude_state(request.env)
    if state.account == account != UNKNOWN:
        rename(store, state.former_id, account)
