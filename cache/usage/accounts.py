"""What is kept for an account in whatever config directory it is used: its request budget and its last answer."""

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
from cache.refresh.lock import locked
from cache.refresh.storage import make_ours
from cache.refresh.sweep import sweep
from cache.sources.endpoint.decode import MALFORMED
from cache.sources.endpoint.rate_limit_state import Ledger, ledger_file, read_ledger
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
def locked_ledger(
    request: Request, before: Entry, account: str, former_id: str, login_times: list[int]
) -> Iterator[Ledger]:
    """Hold an account's ledger against other config directories; raise Unsettled where one of them has it."""
    path = ledger_file(request.cache, request.place, account)
    if path.parent.name == ACCOUNTS_FOLDER:
        make_ours(path.parent)
        sweep(path.parent, time.time())  # what the files are dated by
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(path.with_suffix(LOCK_SUFFIX)))
        except errors.Busy:
            raise errors.Unsettled("another config directory of this account is being refreshed") from None
        if path.exists():
            ledger = read_ledger(path)
        else:
            is_same_login = login_times in before.watch.values()
            ledger = _former_ledger(request.place, before, account, {former_id, *[UNKNOWN] * is_same_login})
        ledger.account = account
        yield ledger


def _former_ledger(place: Path, before: Entry, account: str, former_ids: set[str]) -> Ledger:
    """Return a ledger for an account that has none: of the time before its name was known, or of an earlier version.

    Both kept it in the folder of the config directory, under one of ``former_ids``; an earlier version kept other
    accounts' values beside it.
    """
    value, kept = mapping(before.value), _object_in(place / ENDPOINT_FILE)
    is_same = (words(value.get("account")) or UNKNOWN) in former_ids
    ledger = read_ledger(place / ENDPOINT_FILE) if is_same else Ledger()
    if ledger.answer is not None:
        ledger.answer = {**ledger.answer, "account": account}
        return ledger
    if not is_same:
        aside = _object_in(place / FORMER_ACCOUNTS_FILE)
        former = next((mapping(aside[id_]) for id_ in former_ids - {UNKNOWN} if id_ in aside), {})
        value, kept = mapping(former.get("value")), {}
    ledger.answer, ledger.plan = _answer_in(value, kept, account), words(value.get("plan"))
    return ledger


def _answer_in(value: dict[str, Any], kept: dict[str, Any], account: str) -> dict[str, Any] | None:
    """Return the endpoint's last answer as an earlier version kept it, None where there was none."""
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
    """Give history and calibration of an earlier version's account id to the first organization it is seen with."""
    account = words(mapping(before.value).get("account"))
    if UNKNOWN in {state.account, state.former_id} or account in {None, state.account}:
        return
    for module, name in ((history, HISTORY_FILE), (observations, INDEX_FILE)):
        with contextlib.suppress(errors.Failure):
            module.rename_account(request.place / name, state.former_id, state.account)
