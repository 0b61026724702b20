"""Parses the rows of ``limits`` in the usage answer: which limit, how full, until when, and whether it is binding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from cache.model.windows import FIVE_HOUR, LABELS, SEVEN_DAY
from cache.sources.endpoint.decode import NULL, Parts, flag, is_null, name, part, percent, raw_of, reset

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS_AT_MOST = 200
SCOPED = "weekly_scoped"  # the kind of limits of one model, or of one surface such as Claude Code
_KINDS = {"session": FIVE_HOUR, "weekly_all": SEVEN_DAY}  # of rows, for the plan-wide windows


@dataclass
class Reading:
    """One limit in one part of the answer; percent 0-1000, ``resets_at`` in epoch seconds.

    ``id`` is that of a window, None for any other limit, which has a ``label`` and, in ``limits``, a ``kind``.
    ``active`` means that the answer marks it as the binding limit.
    """

    id: str | None
    label: str
    percent: float | None
    resets_at: int | None
    kind: str | None = None
    active: bool = False

    def counts(self, now: float) -> bool:
        """Return whether there is a percentage, of a window that has not ended."""
        return self.percent is not None and not self.has_ended(now)

    def has_ended(self, now: float) -> bool:
        """Return whether its reset has passed."""
        return self.resets_at is not None and self.resets_at <= now


class _Row(msgspec.Struct):
    kind: msgspec.Raw = NULL
    percent: msgspec.Raw = NULL
    resets_at: msgspec.Raw = NULL
    scope: msgspec.Raw = NULL
    is_active: msgspec.Raw = NULL


@dataclass(frozen=True)
class _Scope:
    """What a row applies to, as names that are safe to show; None where the row does not have one."""

    model_id: str | None
    model: str | None
    surface: str | None


def read_rows(limits: msgspec.Raw) -> tuple[list[Reading], bool]:
    """Return the readings in ``limits``, and whether all of it could be read.

    Null or missing counts as understood: there are no rows.
    """
    raws = part(limits, list[msgspec.Raw])
    if raws is None:
        return [], is_null(limits)
    rows = [part(raw, _Row) for raw in raws[:ROWS_AT_MOST]]
    known = [row for row in rows if row is not None]
    is_whole = len(known) == len(rows) and all(_is_readable(row.percent) for row in known)
    return list(_readings(known)), is_whole


def _is_readable(raw: msgspec.Raw) -> bool:
    return is_null(raw) or percent(raw) is not None


def _readings(rows: list[_Row]) -> Iterator[Reading]:
    scopes = [_scope(row.scope) for row in rows]
    # One of two rows of a model may have only its id: both get the same name.
    names: dict[str | None, str] = {}
    for scope in scopes:
        if scope.model is not None:
            names.setdefault(scope.model_id, scope.model)
    for row, scope in zip(rows, scopes, strict=True):
        kind, model = name(row.kind) or "limit", scope.model
        if scope.model_id is not None:
            model = names.get(scope.model_id) or model_name(scope.model_id)
        id_, label = _id_and_label(kind, model, scope.surface)
        yield Reading(id_, label, percent(row.percent), reset(row.resets_at), kind, flag(row.is_active) is True)


def _scope(raw: msgspec.Raw) -> _Scope:
    scope = part(raw, Parts) or {}
    model = part(raw_of(scope, "model"), Parts) or {}
    return _Scope(name(raw_of(model, "id")), name(raw_of(model, "display_name")), name(raw_of(scope, "surface")))


def _id_and_label(kind: str, model: str | None, surface: str | None) -> tuple[str | None, str]:
    """Return id and label of a limit; the id is None where it is not a window."""
    if kind == SCOPED:
        return (None, surface or kind) if model is None else (f"{SEVEN_DAY}:{model.lower()}", model)
    if kind in _KINDS and model is None and surface is None:
        return _KINDS[kind], LABELS[_KINDS[kind]]
    return None, " ".join(each for each in (kind, surface, model) if each)


_MODEL_ID = re.compile(r"claude-([a-z0-9]+(?:-[a-z0-9]+)*?)(?:-[0-9]{8})?(?:\[\w+\])?")


def model_name(id_: str) -> str:
    """Return the display name of a model id: ``Opus 4.5`` for ``claude-opus-4-5-20251101``."""
    found = _MODEL_ID.fullmatch(id_.lower())
    return re.sub("(?<=[0-9])-(?=[0-9])", ".", found[1]).replace("-", " ").title() if found else id_
