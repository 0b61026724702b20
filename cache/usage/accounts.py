"""The state that all config directories of one account share: its request budget and its last answer."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import msgspec

from cache.model.files import read_file
from cache.model.jsonio import mapping, whole, words
from cache.model.layout import (
    ACCOUNTS_FOLDER,
    ENDPOINT_FILE,
    FORMER_ACCOUNTS_FILE,
    HISTORY_FILE,
    INDEX_FILE,
    LOCK_SUFFIX,
)
from cache.model.windows import is_endpoint, windows_in
from cache.readings.directory import UNKNOWN
from cache.readings.endpoint_answer import answer_json
from cache.refresh.lock import hold_lock
from cache.refresh.storage import make_ours
from cache.refresh.sweep import sweep
from cache.sources.endpoint.decode import MALFORMED
from cache.sources.endpoint.rate_limit_state import RateLimitState, rate_limit_file, read_rate_limit
from cache.sources.transcripts import observations
from cache.usage import history
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cache.model.entry import Entry
    from cache.sources.claude.state import ClaudeState
    from cache.work.request import Request


@contextlib.contextmanager
def hold_rate_limit(
    request: Request, before: Entry, account: str, former_id: str, login_times: list[int]
) -> Iterator[RateLimitState]:
    """Lock an account's state against other config directories and yield it; raise Unsettled where one has it."""
    path = rate_limit_file(request.cache, request.folder, account)
    if path.parent.name == ACCOUNTS_FOLDER:
        make_ours(path.parent)
        sweep(path.parent, time.time())  # the clock of the files
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(hold_lock(path.with_suffix(LOCK_SUFFIX)))
        except errors.Busy:
            raise errors.Unsettled("another config directory of this account is being refreshed") from None
        if path.exists():
            rate_limit = read_rate_limit(path)
        else:
            is_same_login = login_times in before.watch.values()
            rate_limit = _former_rate_limit(request.folder, before, account, {former_id, *[UNKNOWN] * is_same_login})
        rate_limit.account = account
        yield rate_limit


def _former_rate_limit(place: Path, before: Entry, account: str, former_ids: set[str]) -> RateLimitState:
    """Return a state for an account that has no file: from before its name was known, or from an earlier version.

    Both kept it in the folder of the config directory, under one of ``former_ids``; an earlier version kept the values
    of other accounts beside it.
    """
    value, kept = mapping(before.value), _object_in(place / ENDPOINT_FILE)
    is_same = (words(value.get("account")) or UNKNOWN) in former_ids
    rate_limit = read_rate_limit(place / ENDPOINT_FILE) if is_same else RateLimitState()
    if rate_limit.answer is not None:
        rate_limit.answer = {**rate_limit.answer, "account": account}
        return rate_limit
    if not is_same:
        aside = _object_in(place / FORMER_ACCOUNTS_FILE)
        former = next((mapping(aside[id_]) for id_ in former_ids - {UNKNOWN} if id_ in aside), {})
        value, kept = mapping(former.get("value")), {}
    rate_limit.keep_answer(_answer_in(value, kept, account))
    rate_limit.plan = words(value.get("plan"))
    return rate_limit


def _answer_in(value: dict[str, Any], kept: dict[str, Any], account: str) -> dict[str, Any] | None:
    """Return the last answer that an earlier version kept, None where there was none."""
    windows = [each for each in windows_in(value.get("windows")) if is_endpoint(each.source)]
    times = [each.observed_at for each in windows] or [whole(kept.get("answered_at")) or 0]
    if not min(times):
        return None
    spend = mapping(value.get("spend"))
    answer = answer_json(account, min(times), windows)
    return {
        **answer,
        "spend": {**spend, "observed_at": min(times)} if spend else None,
        "other": mapping(kept.get("other")),
    }


def _object_in(path: Path) -> dict[str, Any]:
    data = read_file(str(path), ours=True)
    try:
        return msgspec.json.decode(data or b"{}", type=dict[str, Any])
    except MALFORMED:
        return {}


def rename_former(request: Request, before: Entry, state: ClaudeState) -> None:
    """Move history and calibration from an earlier version's account id to the first organization seen with it."""
    account = words(mapping(before.value).get("account"))
    if UNKNOWN in {state.account, state.former_id} or account in {None, state.account}:
        return
    for module, name in ((history, HISTORY_FILE), (observations, INDEX_FILE)):
        with contextlib.suppress(errors.Failure):
            module.rename_account(request.folder / name, state.former_id, state.account)
