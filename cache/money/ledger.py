"""What was spent, by day, project, branch, model or session, from the sums in the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cache.model.git_head import repository_of
from cache.money.periods import date_of, hour_of
from cache.sources.transcripts.prices import LONG_PROMPT, Tokens, cost_at
from cache.sources.transcripts.rollup import COLUMNS
from cache.sources.transcripts.tables import SLOT_S, SUMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from cache.sources.transcripts.index import Store

KEYS = ("day", "project", "branch", "model", "session")
HOUR = "hour"  # likewise a key: an hour of the week, over all weeks

# The columns of `spending` by which each key is grouped.
_COLUMNS = {
    "day": ("slot",),
    HOUR: ("slot",),
    "project": ("folder",),
    "branch": ("folder", "branch"),
    "model": (),
    "session": ("session", "folder"),
}


class Spent(NamedTuple):
    """What one day, project, branch, model or session took.

    ``key`` are its names, ``day`` being ``2026-11-29`` and ``hour`` two numbers, such as ``0`` and ``13`` for Monday at
    one in the afternoon; a name is empty where it is unknown. ``tokens`` are by kind;
    ``all_tokens`` is their sum, and more where an older index knew no kinds. ``unpriced`` are the models whose price is
    unknown, so that ``dollars`` is an estimate.
    """

    key: tuple[str, ...]
    answers: int
    tokens: Tokens
    all_tokens: int
    dollars: float
    unpriced: frozenset[str] = frozenset()

    def __add__(self, other: object) -> Spent:
        """Return both together, under this key."""
        if not isinstance(other, Spent):
            return NotImplemented
        tokens = Tokens(*map(sum, zip(self.tokens, other.tokens, strict=True)))
        answers, all_tokens = self.answers + other.answers, self.all_tokens + other.all_tokens
        unpriced = self.unpriced | other.unpriced
        return Spent(self.key, answers, tokens, all_tokens, self.dollars + other.dollars, unpriced)


NOTHING = Spent((), 0, Tokens(0, 0, 0, 0, 0), 0, 0.0)


def names_of(key: str) -> tuple[str, ...]:
    """Return what the parts of a key are called."""
    return {"branch": ("project", "branch"), "session": ("session", "project")}.get(key, (key,))


def spent_by(
    store: Store,
    key: str,
    start: float,
    end: float,
    zone: tzinfo | None = None,
    project_of: Callable[[str], str] | None = None,
) -> list[Spent]:
    """Return what was spent from ``start`` until before ``end`` (epoch seconds) by one of `KEYS` or `HOUR`.

    Days are those of ``zone``, the latest last; else the dearest is first. A session has the project where it spent
    most. ``project_of`` returns the project of a folder, by default that of `project_in`.
    """
    columns = ["model", "long", *_COLUMNS[key]]
    sums = ", ".join(f"sum({each})" for each in SUMS)
    query = f"SELECT {', '.join(columns)}, {sums} FROM ({_ROWS}) GROUP BY {', '.join(columns)}"  # noqa: S608
    first, last = -(-int(start) // SLOT_S), int(end) // SLOT_S
    edges = (start, min(first * SLOT_S, end), max(last * SLOT_S, start), end) if first <= last else (start, end, 0, 0)
    name = _Names(store, key, zone, project_of or project_in)
    found: dict[tuple[str, ...], Spent] = {}
    for row in store.rows(query, (first, last, LONG_PROMPT, *edges)):
        ids, (answers, *kinds, tokens, known) = row[: len(columns)], row[len(columns) :]
        model, names = name.models.get(ids[0], ""), name.of(ids)
        cost = cost_at(store.prices.of(model, long_prompt=bool(ids[1])), tuple(kinds))
        unpriced = store.prices.unpriced(model, cost)
        one = Spent(names, answers, Tokens(*kinds), tokens, known + cost, unpriced)
        found[names] = found[names] + one if names in found else one
    if key == "session":
        found = _by_session(found.values())
    return sorted(found.values(), key=lambda each: each.key if key == "day" else (-each.dollars, each.key))


# Whole quarters from their sums, and what is left at both ends answer by answer.
_ROWS = (
    f"SELECT slot, model, long, session, branch, folder, {', '.join(SUMS)} FROM spending WHERE slot >= ? AND slot < ?"  # noqa: S608
    f" UNION ALL SELECT at / {SLOT_S}, {COLUMNS} FROM sightings"
    " WHERE counts AND ((at >= ? AND at < ?) OR (at >= ? AND at < ?)) GROUP BY 1, 2, 3, 4, 5, 6"
)


def _by_session(parts: Iterable[Spent]) -> dict[tuple[str, ...], Spent]:
    """Return each session once, with the project where it spent most."""
    found: dict[tuple[str, ...], Spent] = {}
    for part in sorted(parts, key=lambda each: -each.dollars):
        session = part.key[:1]
        found[session] = found[session] + part if session in found else part
    return found


class _Names:
    """Turns the ids of a row into names."""

    def __init__(self, store: Store, key: str, zone: tzinfo | None, project_of: Callable[[str], str]) -> None:
        self.models = store.models()
        self._key, self._zone, self._project_of = key, zone, project_of
        self._texts = {each: dict(store.rows(f"SELECT id, name FROM {each}")) for each in ("sessions", "branches")}  # noqa: S608
        self._folders = dict(store.rows("SELECT id, name FROM folders"))
        self._projects: dict[int, str] = {}

    def of(self, ids: tuple[Any, ...]) -> tuple[str, ...]:
        model, _, *rest = ids
        if self._key == "day":
            return (date_of(rest[0] * SLOT_S, self._zone).isoformat(),)
        if self._key == HOUR:
            return hour_of(rest[0] * SLOT_S, self._zone)
        if self._key == "model":
            return (self.models.get(model, ""),)
        if self._key == "session":
            return self._texts["sessions"].get(rest[0], ""), self._project(rest[1])
        if self._key == "branch":
            return self._project(rest[0]), self._texts["branches"].get(rest[1], "")
        return (self._project(rest[0]),)

    def _project(self, folder: int) -> str:
        if folder not in self._projects:
            name = self._folders.get(folder, "")
            self._projects[folder] = self._project_of(name) if name else ""
        return self._projects[folder]


def project_in(folder: str) -> str:
    """Return the folder of the checkout that a folder is in; itself where it is in none, or is gone."""
    repository = repository_of(folder)
    return repository.root if repository is not None else folder
