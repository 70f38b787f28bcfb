"""Every alert fires when it should and not when it should not, by promtool's clock."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from conversations.api.problems import PROBLEMS
from deployment.monitoring import rule_files
from telemetry.labels import FAULTS
from tests.deployment.monitoring.alert_cases import CASES, Case, Series
from tests.deployment.monitoring.dashboard import expressions
from tests.deployment.monitoring.rules import alerts, all_rules, group_names, run_promtool

RUNBOOK = settings.BASE_DIR / "docs" / "RUNBOOK.md"
IN_AN_ENTRY = ["What it means", "What users see", "Look at", "Do", "Escalate"]


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The rules' files, which promtool can read."""
    files = [str(file) for file in rule_files.write(tmp_path_factory.mktemp("rules"))]
    run_promtool("check", "rules", *files)
    return files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_fires_when_it_should_and_only_then(case: Case, rules: list[str], tmp_path: Path) -> None:
    tests = [
        _test(case, case.fires, {case.not_yet: [], case.at: [{"labels": _fired(case), "value": 1}]}),
        *[_test(case, series, {case.at: []}) for series in case.quiet],
    ]

    _run(case, tests, rules, tmp_path)


def _run(case: Case, tests: list[dict[str, Any]], rules: list[str], folder: Path) -> None:
    document = {
        "rule_files": rules,
        "evaluation_interval": case.interval,
        # What alerts ask for is recorded before they ask.
        "group_eval_order": group_names(),
        "tests": tests,
    }
    file = folder / "tests.yaml"
    file.write_text(yaml.safe_dump(document, width=1000))
    run_promtool("test", "rules", str(file))


def _test(case: Case, series: Series, expected: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    told = {"alertname": case.alert, "alertstate": "firing", "severity": case.severity, **case.labels}
    selector = ",".join(f'{label}="{value}"' for label, value in told.items())
    return {
        "interval": case.interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": f"ALERTS{{{selector}}}", "eval_time": at, "exp_samples": samples}
            for at, samples in expected.items()
        ],
    }


def _fired(case: Case) -> str:
    labels = {"alertname": case.alert, "alertstate": "firing", "severity": case.severity, **case.labels}
    labels |= {"namespace": case.namespace} if case.namespace else {}
    return "ALERTS{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def test_every_rule_that_alerts_is_tested() -> None:
    tested = {(case.alert, case.severity, *_chosen(case.labels)) for case in CASES}

    assert {(rule["alert"], rule["labels"]["severity"], *_chosen(rule["labels"])) for rule in alerts()} == tested


def _chosen(labels: dict[str, str]) -> list[str]:
    return [labels[name] for name in ("window", "quantile") if name in labels]


def test_what_it_says_can_be_read(rules: list[str], tmp_path: Path) -> None:
    """Labels and values find their places in the sentences; all others are read by `promtool check rules`."""
    (case,) = [case for case in CASES if case.alert == "ChatbotModelThrottled"]
    said = {
        "exp_labels": {"severity": "warning", "namespace": "chatbot", **case.labels},
        "exp_annotations": {
            "summary": "Bedrock throttles us.amazon.nova-pro-v1:0",
            "description": "Bedrock refused 20% of the requests to us.amazon.nova-pro-v1:0 because a quota is used up. "
            "Answers come later, or not at all.",
            "runbook_url": "docs/RUNBOOK.md#chatbotmodelthrottled",
        },
    }
    test = _test(case, case.fires, {})
    test["alert_rule_test"] = [{"eval_time": case.at, "alertname": case.alert, "exp_alerts": [said]}]

    _run(case, [test], rules, tmp_path)


def test_errors_are_ours_and_the_models_and_no_callers() -> None:
    meant = {code for code, (status, *_) in PROBLEMS.items() if status >= 500} | {"model_throttled"}
    assert meant == FAULTS

    # Nobody else says which codes they are.
    asked = [str(rule["expr"]) for rule in all_rules()] + expressions()
    assert {found for each in asked for found in re.findall(r"\bcode(=~?|!~)(\"[^\"]*\")", each)} == {("=", '""')}


def test_every_alert_says_what_it_is_and_where_to_read_on() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert list(rule["annotations"]) == ["summary", "description", "runbook_url"]
        assert rule["annotations"]["runbook_url"] == f"docs/RUNBOOK.md#{rule['alert'].lower()}"


def test_the_runbook_has_an_entry_for_every_alert() -> None:
    entries = re.split(r"^## ", RUNBOOK.read_text(), flags=re.MULTILINE)[1:]
    found = {entry.partition("\n")[0]: re.findall(r"^\*\*(.+?)\.\*\*", entry, flags=re.MULTILINE) for entry in entries}

    assert {name: found.get(name) for name in {rule["alert"] for rule in alerts()}} == {
        rule["alert"]: IN_AN_ENTRY for rule in alerts()
    }
