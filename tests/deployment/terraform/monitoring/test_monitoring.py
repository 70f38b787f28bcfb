"""The stack `monitoring`: what it makes is there, asks for metrics that there are, and leads to the runbook."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings

from benchmarks.cost import telling
from tests.deployment.monitoring.emitted import told_to_cloudwatch
from tests.deployment.monitoring.rules import all_rules
from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, STACKS, Stack, difference, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
REGION = "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
RUNBOOK = settings.BASE_DIR / "docs" / "RUNBOOK.md"
SHAPES = json.loads((STACKS / "data" / "shapes.tf.json").read_text())["locals"]["shapes"]
EVERYTHING: dict[str, Any] = {
    "region": REGION,
    "alarm_topic_arns": [TOPIC],
    "alarm_emails": ["on-call@example.com"],
    "function_name": "chatbot-api",
    "function_concurrency": 100,
    "load_balancer": {"name": "app/chatbot/0123456789abcdef", "target_group": "targetgroup/chatbot/0123456789abcdef"},
}
OF_FUNCTION = {
    *("failed-turns", "server-errors", "slow-turns-p50", "slow-turns-p95", "slow-turns-p99", "model-throttled"),
    *("turns-found-dead", "budget-spent", "limits-unchecked", "cost"),
    *("function-errors", "function-throttles", "function-duration", "function-concurrency"),
}
OF_BALANCER = {"load-balancer-errors", "target-errors", "target-latency"}
OF_TABLES = {
    f"{table}-{what}"
    for table in ("ChatbotConversations", "ChatbotUsage", "ChatbotApiKeys")
    for what in ("throttled", "errors")
}
# What AWS's services tell of themselves, as their pages name it.
OF_AWS = {
    "AWS/Lambda": {"Errors", "Throttles", "Duration", "ConcurrentExecutions", "Invocations"},
    "AWS/DynamoDB": {
        *("ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors"),
        *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
    },
    "AWS/ApplicationELB": {
        *("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "RequestCount", "TargetResponseTime"),
    },
}
# MiniStack keeps these, and tells them to boto3, but not in the protocol that Terraform's provider speaks.
UNTOLD = {"actions_enabled", "alarm_actions", "alarm_description", "ok_actions", "treat_missing_data"}
UNTOLD_OF_ONE_METRIC = {
    *("dimensions", "evaluate_low_sample_count_percentiles", "extended_statistic", "period", "statistic"),
}
Alarm = dict[str, Any]


@pytest.fixture(scope="module")
def stack(aws: str, provider: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return Stack("monitoring", tmp_path_factory.mktemp("monitoring"), aws, EVERYTHING, provider)


@pytest.fixture(scope="module")
def planned(stack: Stack) -> dict[str, Alarm]:
    """Every resource of the first plan, by its address."""
    return {change["address"]: change["change"]["after"] for change in stack.plan()}


@pytest.fixture(scope="module")
def alarms(planned: dict[str, Alarm]) -> dict[str, Alarm]:
    """Alarms by what their names end in."""
    return {
        found["alarm_name"].removeprefix("chatbot-production-"): found
        for address, found in planned.items()
        if address.startswith("aws_cloudwatch_metric_alarm.")
    }


@pytest.fixture(scope="module")
def outputs(stack: Stack, planned: dict[str, Alarm]) -> dict[str, Any]:
    """The stack, applied after the first plan."""
    return stack.apply()


def metrics_of(alarm: Alarm) -> list[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of what an alarm looks at."""
    if alarm["metric_name"]:
        return [(alarm["namespace"], alarm["metric_name"], alarm["dimensions"])]
    found = [query["metric"][0] for query in alarm["metric_query"] if query["metric"]]
    return [(each["namespace"], each["metric_name"], each["dimensions"]) for each in found]


def shown(body: str) -> list[tuple[str, str, dict[str, str]]]:
    """The same of the dashboard."""
    metrics = [metric for widget in json.loads(body)["widgets"] for metric in widget["properties"]["metrics"]]
    told = [[part for part in metric if isinstance(part, str)] for metric in metrics]
    return [(namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))) for namespace, name, *rest in told]


def test_every_alarm_is_there_and_told_to_somebody(alarms: dict[str, Alarm], outputs: dict[str, Any], aws: str) -> None:
    cloudwatch = boto3.client(
        "cloudwatch", region_name=REGION, endpoint_url=aws, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )
    made = [found for page in cloudwatch.get_paginator("describe_alarms").paginate() for found in page["MetricAlarms"]]

    assert set(alarms) == OF_FUNCTION | OF_BALANCER | OF_TABLES
    assert outputs["alarms"] == sorted(f"chatbot-production-{name}" for name in alarms)
    assert sorted(found["AlarmName"] for found in made) == outputs["alarms"]
    for found in made:
        planned = alarms[found["AlarmName"].removeprefix("chatbot-production-")]
        assert set(found["AlarmActions"]) == set(found["OKActions"]) == {TOPIC, outputs["topic_arn"]}
        assert found["AlarmDescription"] == planned["alarm_description"]
        assert found["TreatMissingData"] == "notBreaching"
        assert (found["Threshold"], found["EvaluationPeriods"]) == (planned["threshold"], planned["evaluation_periods"])
        if planned["metric_name"]:
            told = {each["Name"]: each["Value"] for each in found["Dimensions"]}
            assert (told, found["Period"]) == (planned["dimensions"], planned["period"])
            # It keeps no percentile.
            assert found["Statistic"] == (planned["statistic"] or "Average")


def test_planning_again_finds_nothing_but_what_the_emulator_does_not_tell(
    stack: Stack, outputs: dict[str, Any]
) -> None:
    changes = {change["address"]: set(difference(change)) for change in stack.plan()}

    single = {
        address: found - UNTOLD - UNTOLD_OF_ONE_METRIC for address, found in changes.items() if ".single[" in address
    }
    reckoned = {address: found - UNTOLD for address, found in changes.items() if ".reckoned[" in address}
    assert single.keys() | reckoned.keys() == changes.keys()
    assert {*map(frozenset, (*single.values(), *reckoned.values()))} == {frozenset()}


def test_alarms_and_the_dashboard_ask_for_metrics_that_there_are(
    alarms: dict[str, Alarm], planned: dict[str, Alarm]
) -> None:
    told = told_to_cloudwatch()
    asked = [metric for alarm in alarms.values() for metric in metrics_of(alarm)]
    asked += shown(planned["aws_cloudwatch_dashboard.this"]["dashboard_body"])

    ours = {(name, frozenset(dimensions)) for namespace, name, dimensions in asked if namespace == "Chatbot"}
    assert {each for each in ours if told.get(each[0]) != each[1]} == set()
    assert len(ours) > len(OF_FUNCTION) / 2
    for namespace, name, _ in asked:
        assert namespace == "Chatbot" or name in OF_AWS[namespace]


def test_what_is_reckoned_names_every_metric_that_is_fetched(alarms: dict[str, Alarm]) -> None:
    reckoned = {name: alarm for name, alarm in alarms.items() if not alarm["metric_name"]}

    assert len(reckoned) == 5 + len(OF_TABLES) + 1
    for name, alarm in reckoned.items():
        (expression,) = [query["expression"] for query in alarm["metric_query"] if query["expression"]]
        fetched = {query["id"] for query in alarm["metric_query"] if query["metric"]}
        assert set(re.findall(r"\b[a-z]\w*", expression)) == fetched, name
        assert len(alarm["metric_query"]) <= 10, name


def test_tables_are_watched_with_their_indexes(alarms: dict[str, Alarm]) -> None:
    names = {"conversations": "ChatbotConversations", "usage": "ChatbotUsage", "api_keys": "ChatbotApiKeys"}

    for key, table in names.items():
        watched = {
            dimensions.get("GlobalSecondaryIndexName") for _, _, dimensions in metrics_of(alarms[f"{table}-throttled"])
        }
        assert watched == {None, *SHAPES[key]["indexes"]}


def test_the_cost_is_that_of_all_metrics_that_the_alarms_ask(alarms: dict[str, Alarm]) -> None:
    asked = {
        kind: sum(len(metrics_of(alarms[name])) for name in names)
        for kind, names in {"tables": OF_TABLES, "function": OF_FUNCTION, "balancer": OF_BALANCER}.items()
    }

    assert asked == {
        "tables": telling.ALARMS_OF_TABLES,
        "function": telling.ALARMS_OF_FUNCTION,
        "balancer": telling.ALARMS_OF_BALANCER,
    }


def test_failed_turns_are_those_of_the_alerts(alarms: dict[str, Alarm]) -> None:
    """Not the outcome `failed`: that of a message which the model's filters block is no fault of ours."""
    assert sorted((name, dimensions.get("outcome")) for _, name, dimensions in metrics_of(alarms["failed-turns"])) == [
        ("chatbot_turns_bad_total", None),
        ("chatbot_turns_total", "answered"),
        ("chatbot_turns_total", "stopped"),
    ]
    rules = {rule["record"]: rule["expr"] for rule in all_rules() if "record" in rule}
    assert rules["namespace:chatbot_turns_bad:rate5m"] == "sum by (namespace) (rate(chatbot_turns_bad_total[5m]))"


def test_errors_of_targets_are_among_the_requests_and_those_of_the_load_balancer_come_on_top(
    alarms: dict[str, Alarm],
) -> None:
    reckoned = {
        name: next(query["expression"] for query in alarms[name]["metric_query"] if query["expression"])
        for name in ("load-balancer-errors", "target-errors")
    }

    assert reckoned == {
        "load-balancer-errors": (
            "IF(FILL(errors, 0) >= 5, 100 * FILL(errors, 0) / (FILL(errors, 0) + FILL(requests, 0)), 0)"
        ),
        "target-errors": "IF(FILL(errors, 0) >= 5, 100 * FILL(errors, 0) / requests, 0)",
    }


def test_objectives_are_those_of_the_alerts(alarms: dict[str, Alarm]) -> None:
    slow = {name: alarm for name, alarm in alarms.items() if name.startswith("slow-turns-")}

    assert {name: (alarm["extended_statistic"], alarm["threshold"]) for name, alarm in slow.items()} == {
        "slow-turns-p50": ("p50", 2),
        "slow-turns-p95": ("p95", 5),
        "slow-turns-p99": ("p99", 10),
    }
    assert {alarm["dimensions"]["outcome"] for alarm in slow.values()} == {"answered"}
    assert (alarms["function-duration"]["threshold"], alarms["function-concurrency"]["threshold"]) == (270_000, 80)


def test_every_alarm_leads_to_the_runbook(alarms: dict[str, Alarm]) -> None:
    text = RUNBOOK.read_text()
    headings = {re.sub(r"\W+", "-", found.lower()) for found in re.findall(r"^## (.+)$", text, flags=re.MULTILINE)}
    last = text.partition("## Alarms of CloudWatch")[2]

    for name, alarm in alarms.items():
        assert alarm["alarm_description"].removeprefix("docs/RUNBOOK.md#") in headings, name
        row = re.sub(r"^Chatbot[A-Z]\w+-", "TABLE-", name)
        assert f"-{row}`" in last, name


def test_nothing_is_wrong_where_nothing_is_measured(alarms: dict[str, Alarm]) -> None:
    assert {alarm["treat_missing_data"] for alarm in alarms.values()} == {"notBreaching"}


def test_what_is_not_there_is_not_watched(aws: str, provider: dict[str, str], tmp_path: Path) -> None:
    bare = Stack("monitoring", tmp_path, aws, {"region": REGION}, provider)
    planned = {change["address"]: change["change"]["after"] for change in bare.plan()}

    names = {found.get("alarm_name") for found in planned.values()} - {None}
    assert names == {f"chatbot-production-{name}" for name in OF_TABLES}
    assert "aws_sns_topic.alarms[0]" not in planned
    assert {namespace for namespace, _, _ in shown(planned["aws_cloudwatch_dashboard.this"]["dashboard_body"])} == {
        "AWS/DynamoDB"
    }


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"alarm_topic_arns": ["on-call"]}, "Each is the ARN of a topic"),
        ({"model_ids": []}, "From 1 to 8: an alarm takes no more metrics."),
        ({"expected_daily_cost_usd": 0}, "More than 0."),
        ({"load_balancer": {"name": "chatbot", "target_group": "chatbot"}}, "app/NAME/ID and targetgroup/NAME/ID."),
        ({"region": "here"}, "This is no AWS region, as in us-east-1."),
    ],
)
def test_refuses_values_that_cannot_be_meant(stack: Stack, variables: dict[str, Any], sentence: str) -> None:
    assert sentence in stack.refusal(**variables)
