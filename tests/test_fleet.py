"""The dashboard and the alerts for many machines ask for nothing that ``statusline export`` does not write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families

from cache.work.failures import Expired, Failure, NoPlan, NoScope, Off, SignedOut
from tests.statusline.commands.test_export_command import everything
from tests.support.kept_numbers import estimate, keep, statusline, window
from tests.support.paths import ROOT

GITHUB = ROOT / ".github"
ADDED_BY_PROMETHEUS = {"instance", "job"}
BOARD = json.loads((GITHUB / "grafana.json").read_text(encoding="utf-8"))
RULES = msgspec.yaml.decode((GITHUB / "prometheus-rules.yml").read_bytes())["groups"][0]["rules"]
ASKED = {
    **{f"panel {each['title']}": each["targets"][0]["expr"].replace("$account", ".*") for each in BOARD["panels"]},
    **{f"alert {each['alert']}": each["expr"] for each in RULES},
}


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, str]]]:
    """Return name and labels of all that ``export`` writes: with percentages, and where only spending is known."""
    known, spent = tmp_path_factory.mktemp("known"), tmp_path_factory.mktemp("spent")
    everything(known)
    keep(spent / "cache", window("seven_day", 3))
    estimate(spent / "cache", spent={"five_hour": {"usd": 0.16, "resets_at": None}})
    texts = [statusline(home, "export").stdout for home in (known, spent)]
    families = [each for text in texts for each in text_string_to_metric_families(text)]
    return [(sample.name, dict(sample.labels)) for each in families for sample in each.samples]


def selectors(asked: Any) -> Iterator[tuple[promql_parser.VectorSelector, set[str]]]:
    """Return what an expression selects, each with the labels by which it is grouped."""
    by = set(asked.modifier.labels) if isinstance(asked, promql_parser.AggregateExpr) and asked.modifier else set()
    if isinstance(asked, promql_parser.VectorSelector):
        yield asked, by
    parts = [getattr(asked, name, None) for name in ("expr", "lhs", "rhs", "vector_selector")]
    for each in [*parts, *getattr(asked, "args", [])]:
        if each is not None:
            yield from ((found, by | above) for found, above in selectors(each))


def suits(labels: dict[str, str], matcher: promql_parser.Matcher) -> bool:
    value = labels.get(matcher.name, "")
    if matcher.op in (promql_parser.MatchOp.Re, promql_parser.MatchOp.NotRe):
        same = re.fullmatch(matcher.value, value) is not None
    else:
        same = value == matcher.value
    return same == (matcher.op in (promql_parser.MatchOp.Re, promql_parser.MatchOp.Equal))


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_is_exported(series: list[tuple[str, dict[str, str]]], name: str) -> None:
    found = list(selectors(promql_parser.parse(ASKED[name])))
    assert found
    for selector, by in found:
        of_name = [labels for known, labels in series if known == selector.name]
        assert of_name, selector.name
        for labels in of_name:
            assert by - ADDED_BY_PROMETHEUS <= set(labels)
            assert {each.name for each in selector.matchers.matchers} <= set(labels)
        if selector.name != "hudline_problem":
            matchers = selector.matchers.matchers
            assert any(all(suits(labels, each) for each in matchers) for labels in of_name)


def test_the_alerts_divide_all_problems_among_them() -> None:
    """A failure is about the login, or another one, or there is nothing to get: never two of them."""
    kinds = [each.name for each in all_kinds(Failure)]
    told = {}
    for alert in ("ClaudeLoginExpired", "ClaudeNumbersMissing"):
        ((selector, _),) = selectors(promql_parser.parse(ASKED[f"alert {alert}"]))
        told[alert] = {
            each for each in kinds if all(suits({"problem": each}, matcher) for matcher in selector.matchers.matchers)
        }
    assert told["ClaudeLoginExpired"] == {Expired.name, SignedOut.name, NoScope.name}
    nothing_to_get = {Off.name, NoPlan.name} | {each.name for each in all_kinds(NoPlan)}
    assert told["ClaudeNumbersMissing"] == set(kinds) - told["ClaudeLoginExpired"] - nothing_to_get


def all_kinds(kind: type[Failure]) -> Iterator[type[Failure]]:
    for each in kind.__subclasses__():
        yield each
        yield from all_kinds(each)


def test_the_panels_have_a_unit_an_explanation_and_a_place_of_their_own() -> None:
    cells: set[tuple[int, int]] = set()
    for each in BOARD["panels"]:
        assert each["description"]
        assert each["fieldConfig"]["defaults"]["unit"]
        at = each["gridPos"]
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not mine & cells
        assert at["x"] + at["w"] <= 24
        cells |= mine


def test_the_page_lists_the_alerts_and_links_both_files() -> None:
    page = (GITHUB / "fleet.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE)
    assert listed == [each["alert"] for each in RULES]
    for name in ("grafana.json", "prometheus-rules.yml"):
        assert f"({name})" in page
        assert Path(GITHUB / name).is_file()
