"""Rules and the dashboard ask for metrics that the code emits, by labels that these have."""

import json
import re
from collections.abc import Iterator
from typing import get_args

from telemetry.turn import Outcome, Stage
from tests.deployment.monitoring import dashboard
from tests.deployment.monitoring.emitted import scraped
from tests.deployment.monitoring.rules import all_rules

# What Prometheus adds, and what it makes of alerts itself.
OF_PROMETHEUS = {"namespace", "job", "instance", "pod"}
ALSO_THERE = {"up"}
WORDS = {"by", "on", "or", "and", "unless", "sum", "max", "count", "rate", "increase", "vector", "absent"} | {
    "histogram_quantile",
    "group_left",
}
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SELECTOR = re.compile(rf"({_NAME})\{{(.*?)\}}")
_GROUPED = re.compile(r"\b(?:by|on|group_left)\s*\(([^)]*)\)")


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each series that an expression names, with the labels that it selects by."""
    for name, selector in _SELECTOR.findall(expression):
        yield name, set(re.findall(rf"({_NAME})\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', '""', selector)))
    rest = _GROUPED.sub("", _SELECTOR.sub("", expression))
    rest = re.sub(r"\[\w+\]|\boffset \w+|\b[\d.]+\b", "", rest)
    for name in set(re.findall(_NAME, rest)) - WORDS:
        yield name, set()


def grouped(expression: str) -> set[str]:
    """Labels that it sums or joins by."""
    found = {label.strip() for group in _GROUPED.findall(expression) for label in group.split(",")}
    return found - {"", "le"}


def recorded() -> set[str]:
    return {rule["record"] for rule in all_rules() if "record" in rule}


def test_rules_and_panels_ask_for_what_is_scraped_or_recorded() -> None:
    emitted = scraped()
    every = [str(rule["expr"]) for rule in all_rules()] + dashboard.expressions()
    labels = set().union(*emitted.values()) | OF_PROMETHEUS

    for expression in every:
        for name, selected in asked(expression):
            assert name in {*emitted, *recorded(), *ALSO_THERE}, f"{name} in {expression}"
            assert selected <= emitted.get(name, labels) | OF_PROMETHEUS, f"{selected} in {expression}"
        assert grouped(expression) <= labels, expression


def test_what_is_recorded_is_asked_for() -> None:
    every = " ".join([str(rule["expr"]) for rule in all_rules()] + dashboard.expressions())

    assert {name for name in recorded() if not re.search(rf"(?<![\w:]){name}(?![\w:])", every)} == set()


def test_variables_of_the_dashboard_are_labels_that_there_are() -> None:
    emitted = scraped()
    queries = [
        each["query"]["query"] for each in dashboard.dashboard()["templating"]["list"] if each["type"] == "query"
    ]

    for query in queries:
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()  # type: ignore[union-attr]  # else it fails
        assert label in emitted[metric] | OF_PROMETHEUS


def test_the_dashboard_shows_every_metric() -> None:
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in scraped()}
    shown = json.dumps(dashboard.expressions()) + " ".join(
        str(rule["expr"]) for rule in all_rules() if "record" in rule and rule["record"] in str(dashboard.expressions())
    )

    assert {name for name in families if name not in shown} == set()


def test_outcomes_and_stages_are_those_that_turns_have() -> None:
    every = " ".join([str(rule["expr"]) for rule in all_rules()] + dashboard.expressions())
    of_turns = " ".join(selector for name, selector in _SELECTOR.findall(every) if "chatbot_turn" in name)

    assert set(re.findall(r'outcome="(\w+)"', of_turns)) <= set(get_args(Outcome))
    assert set(re.findall(r'stage="(\w+)"', of_turns)) <= {*get_args(Stage), "queue"}
