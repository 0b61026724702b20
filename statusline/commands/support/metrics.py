"""Usage as metric families, in text that is valid as OpenMetrics and in Prometheus' older format.

Gauges only, without timestamps: the older format has neither `info` nor `stateset`, and node_exporter's textfile
collector refuses a whole file that has one (prometheus/node_exporter#1988). It takes UNIT and EOF lines for comments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import statusline
from cache.model.jsonio import number, whole, words
from cache.model.windows import AHEAD_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from statusline.commands.usage_page.known_numbers import KnownUsage

    Labels = Mapping[str, str]

OUR_LABELS = ("account", "currency", "label", "plan", "problem", "source", "version", "window")

# In the order of the text: name, unit (the name ends in it), help.
FAMILIES = (
    ("hudline_window_used_ratio", "ratio", "How full a usage window is: 1 is the limit, which can be exceeded."),
    ("hudline_window_reset_timestamp_seconds", "seconds", "When a usage window resets."),
    (
        "hudline_window_observed_timestamp_seconds",
        "seconds",
        "When the number of a usage window was observed.",
    ),
    (
        "hudline_window_age_seconds",
        "seconds",
        "How old the number of a usage window was, if known.",
    ),
    ("hudline_window_info", "", "A usage window, its label, and where its number comes from."),
    ("hudline_window_spent_dollars", "dollars", "Spent on this machine in a window without a known percentage."),
    ("hudline_spend_used", "", "Money spent beyond the plan, in major units of the currency."),
    ("hudline_spend_limit", "", "The most that may be spent beyond the plan, in major units of the currency."),
    ("hudline_spend_used_ratio", "ratio", "How much of the spend limit is used: 1 is the limit."),
    ("hudline_spend_age_seconds", "seconds", "How old the amount spent was when this was written."),
    ("hudline_runs_out_timestamp_seconds", "seconds", "When a plan-wide window is full at its recent pace."),
    ("hudline_problem", "", "Why numbers are missing or old, by name: 1 while it lasts; 0 for none."),
    ("hudline_due_timestamp_seconds", "seconds", "When the next refresh is due."),
    ("hudline_account_info", "", "The account, as a short hash, and its plan."),
    ("hudline_export_timestamp_seconds", "seconds", "When this was written."),
    ("hudline_build_info", "", "The version that wrote this."),
)


@dataclass
class Family:
    """One metric: its samples are pairs of labels and a value."""

    name: str
    unit: str
    help: str
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)


def families(usage: KnownUsage, labels: Labels, now: float) -> list[Family]:
    """Return the known numbers as metric families that have samples, with ``labels`` on every sample."""
    found = {name: Family(name, unit, says) for name, unit, says in FAMILIES}
    for name, own, value in _samples(usage, now):
        if value is not None:
            found[name].samples.append(({**labels, **own}, value))
    return [each for each in found.values() if each.samples]


def _samples(usage: KnownUsage, now: float) -> Iterator[tuple[str, dict[str, str], float | None]]:
    account = {"account": usage.account}
    yield from _of_windows(usage, account, now)
    yield from _of_spend(usage, account, now)
    if usage.out is not None:
        yield "hudline_runs_out_timestamp_seconds", {**account, "window": usage.out[1]}, usage.out[0]
    yield "hudline_problem", {**account, "problem": usage.problem or "none"}, float(usage.problem is not None)
    yield "hudline_due_timestamp_seconds", account, usage.due_at or None
    yield "hudline_account_info", {**account, "plan": usage.plan or "unknown"}, 1
    yield "hudline_export_timestamp_seconds", {}, int(now)
    yield "hudline_build_info", {"version": statusline.__version__}, 1


def _of_windows(
    usage: KnownUsage, account: dict[str, str], now: float
) -> Iterator[tuple[str, dict[str, str], float | None]]:
    for id_, each in usage.windows.items():
        own = {**account, "window": id_}
        yield "hudline_window_used_ratio", own, round(each.percent / 100, 6)
        yield "hudline_window_reset_timestamp_seconds", own, each.resets_at
        if each.age_known:  # else it may be hours older than it was seen
            yield "hudline_window_observed_timestamp_seconds", own, each.observed_at
            yield "hudline_window_age_seconds", own, age_of(each.observed_at, now)
        yield "hudline_window_info", {**own, "label": each.label, "source": each.source}, 1
    for id_, usd in usage.spent.items():
        yield "hudline_window_spent_dollars", {**account, "window": id_}, usd


def age_of(observed_at: object, now: float) -> int | None:
    """Return an age in whole seconds, None if the time of the observation is not known, or in the future."""
    seen_at = whole(observed_at)
    return None if seen_at is None or seen_at > now + AHEAD_S else max(int(now) - seen_at, 0)


def _of_spend(
    usage: KnownUsage, account: dict[str, str], now: float
) -> Iterator[tuple[str, dict[str, str], float | None]]:
    own = {**account, "currency": words(usage.spend.get("currency")) or "unknown"}
    percent = number(usage.spend.get("percent"))
    yield "hudline_spend_used", own, number(usage.spend.get("used"))
    yield "hudline_spend_limit", own, number(usage.spend.get("limit"))
    yield "hudline_spend_used_ratio", own, None if percent is None else round(percent / 100, 6)
    yield "hudline_spend_age_seconds", own, age_of(usage.spend.get("observed_at"), now)


def openmetrics(found: Iterable[Family]) -> str:
    """Return metric families as text that ends in ``# EOF``."""
    return "".join(line + "\n" for each in found for line in _lines(each)) + "# EOF\n"


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} gauge"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    for labels, value in family.samples:
        inside = ",".join(f'{name}="{_escape(content)}"' for name, content in labels.items())
        yield f"{family.name}{f'{{{inside}}}' if inside else ''} {value!r}"


def _escape(value: str) -> str:
    text = value.encode("utf-8", "replace").decode()  # half of a surrogate pair is no UTF-8
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
