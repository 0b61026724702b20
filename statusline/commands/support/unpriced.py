"""How amounts are marked in which a model's price is unknown, and the sentence that explains the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.work.redact import scrub
from statusline.render.sanitize import sanitize
from statusline.render.width import cut

if TYPE_CHECKING:
    from collections.abc import Collection

NAMED = 3  # models
NAME_CELLS = 40


def mark_of(unpriced: Collection[str]) -> str:
    """Return what goes before an amount with these models of unknown price: ``~`` if there are any."""
    return "~" if unpriced else ""


def price_sentence(unpriced: Collection[str]) -> str:
    """Return why amounts are marked, and what to do; ``unpriced`` are the models, an empty name is unknown, too."""
    names = [cut(sanitize(scrub(each)), NAME_CELLS) for each in sorted(unpriced) if each]
    shown = [*names[:NAMED], f"{len(names) - NAMED} more"] if len(names) > NAMED else names or ["a model"]
    models = " and ".join([each for each in (", ".join(shown[:-1]), shown[-1]) if each])
    reason = f"the prices of {models} are unknown, so Sonnet's are used unless you set `prices` in the configuration"
    return f"Amounts with ~ are estimates: {reason}."
