"""What sessions and a refresher left in the cache earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cache.model.entry import Entry
from cache.model.windows import ESTIMATE, LABELS, Window, is_endpoint
from cache.readings.directory import owner_key
from cache.readings.endpoint_answer import answer_json
from cache.readings.reading import Reading
from cache.readings.snapshot import Snapshot, save_news, take_snapshot
from cache.readings.store import Readings, directory_in, read_readings
from cache.readings.writer import write_readings

if TYPE_CHECKING:
    from cache.readings.reading import Limits

UNKNOWN = "unknown"


def hear_limits(
    cache: Path, limits: Mapping[str, tuple[float, int | None]], at: float, *, process: str = "p1", home: str = "/none"
) -> dict[str, Window]:
    """Run two ticks of a process: one when it starts, ten seconds before ``at``, and one with its first answer."""
    variables = {"HOME": home}

    def read(name: str) -> str:
        return variables.get(name, "")

    saved_snapshot(str(cache), process, {}, at - 10, read=read)
    return saved_snapshot(str(cache), process, dict(limits), at, read=read).windows


def saved_snapshot(cache: str, process: str, limits: Limits, now: float, **options: Any) -> Snapshot:
    """Take a snapshot and save its news, as a tick does."""
    snapshot = take_snapshot(cache, process, limits, now, **options)
    save_news(cache, snapshot, now)
    return snapshot


def keep_usage(place: Path, windows: Sequence[Window], entry: Entry, cache: Path | None = None) -> None:
    """Write an entry of the usage job and the readings behind its windows, each with the age that it has.

    ``place`` is the folder of a config directory without a state file; ``cache`` is the cache directory where that is
    another. The account is that of the entry's value.
    """
    entry.value = {"account": UNKNOWN, "account_since": 0, **(entry.value or {})}
    entry.value["windows"] = [each.as_json() for each in windows if each.source != ESTIMATE]
    account = str(entry.value["account"])
    told = [each for each in windows if is_endpoint(each.source)]
    at = max((each.observed_at for each in told), default=0)
    entry.answer = answer_json(account, at, told)
    entry.parts.setdefault("sessions", Entry({"waiting": []}, entry.fetched_at, entry.due_at).as_json())
    place.mkdir(parents=True, exist_ok=True)
    (place / "usage.json").write_text(entry.to_text())
    name = place.name if place.parent.name == "dirs" else ""
    readings = (read_readings(str(cache)) if cache else None) or Readings({})  # whatever is there is replaced
    directory = directory_in(readings, name)
    directory.account, directory.state_mark = account, [0, 0]
    directory.owners.drop(owner_key(account, name))
    owner = directory.owner(account)
    owner.answered_at = at
    for number, each in enumerate(windows):
        if each.id in LABELS and each.source != ESTIMATE:
            limits: Any = {each.id: (each.percent, each.resets_at)}
            made_at = each.observed_at
            owner.add(Reading(made_at, made_at, f"p{number}", limits, each.source, dated=each.age_known))
            owner.note_resets(limits)
    guesses = [each.as_json() for each in windows if each.source == ESTIMATE]
    if guesses:
        guessed = Entry({"account": account, "windows": guesses, "complete": True}, entry.fetched_at, entry.due_at)
        (place / "transcripts.json").write_text(guessed.to_text())
    (cache or place).joinpath("readings.json.tmp").unlink(missing_ok=True)
    assert write_readings(str(cache or place), readings, name, directory, at)
