"""The bytes and metrics that the calculator reckons with are those of answered turns."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from benchmarks.cost import telling
from benchmarks.cost.workload import Workload
from deployment.lambda_handler import handler
from telemetry.emf import EMF
from telemetry.log_lines import JSONLines, RequestNames
from tests.events import recorded
from tests.measured import measuring_into
from tests.scripted_bedrock import ScriptedBedrock

TRACE = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"


class Context:
    """What Lambda hands to a function beside its event; its ids are as long as Lambda's."""

    aws_request_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Printed(logging.Handler):
    """Log lines of telemetry, and lines of metrics, as they are printed."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JSONLines())
        self.addFilter(RequestNames())
        self.lines: list[bytes] = []
        self.metrics: list[bytes] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record).encode())


@pytest.fixture
def printed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Printed]:
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    printed, logger = Printed(), logging.getLogger("telemetry")
    level = logger.level
    logger.addHandler(printed)
    logger.setLevel(logging.INFO)
    with measuring_into(EMF("chatbot-api", printed.metrics.append)):
        yield printed
    logger.setLevel(level)
    logger.removeHandler(printed)


def chat(*, stream: bool) -> None:
    event = recorded("alb") | {
        "headers": {"host": "localhost", "content-type": "application/json"},
        "body": json.dumps({"message": "Hello", "stream": stream}),
        "isBase64Encoded": False,
    }
    assert handler(event, Context())["statusCode"] == 200


def size(lines: list[bytes]) -> int:
    """What is printed, with the ends of lines."""
    return sum(len(line) + 1 for line in lines)


def paid_for(lines: list[bytes]) -> set[tuple[str, ...]]:
    """Each metric with the values of its dimensions."""
    documents: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return {
        (metric["Name"], *(document[name] for name in names))
        for document in documents
        for directive in document["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


@pytest.mark.parametrize("stream", [False, True])
def test_lines_are_as_long_as_reckoned(
    tables: None, bedrock: ScriptedBedrock, printed: Printed, *, stream: bool
) -> None:
    chat(stream=stream)

    assert size(printed.lines) <= Workload().log_bytes <= 1.2 * size(printed.lines)
    assert size(printed.metrics) <= telling.METRICS_BYTES <= 1.2 * size(printed.metrics)


def test_metrics_are_as_many_as_reckoned(tables: None, bedrock: ScriptedBedrock, printed: Printed) -> None:
    chat(stream=False)
    chat(stream=True)

    assert len(paid_for(printed.metrics)) == telling.METRICS
