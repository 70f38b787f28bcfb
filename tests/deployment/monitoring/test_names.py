"""Rules and the dashboard ask for metrics that the code emits, by labels that these have."""

import json
import re
from typing import get_args

from telemetry.turn import Outcome, Stage
from tests.deployment.monitoring import dashboard
from tests.deployment.monitoring.emitted import scraped
from tests.deployment.monitoring.rules import all_rules
from tests.deployment.monitoring.series import ALSO_THERE, SELECTOR, asked, grouped, recorded

# Labels that Prometheus adds.
OF_PROMETHEUS = {"namespace", "job", "instance", "pod"}


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
    of_turns = " ".join(selector for name, selector in SELECTOR.findall(every) if "chatbot_turn" in name)

    assert set(re.findall(r'outcome="(\w+)"', of_turns)) <= set(get_args(Outcome))
    assert set(re.findall(r'stage="(\w+)"', of_turns)) <= {*get_args(Stage), "queue"}
