"""Metrics for CloudWatch: lines that it understands, few of them, and every value in them once."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]  # it has no types, and no stubs here
import pytest

from telemetry import instruments
from telemetry.calls import ModelCall, store_call
from telemetry.emf import EMF
from telemetry.metrics import LIMITS_UNCHECKED, REQUEST_SLOTS, STORE_SECONDS, TURN_SECONDS, TURNS
from tests.measured import measuring_into

from .emf_schema import DIMENSION, MOST_BYTES, SCHEMA, VALUE

PRO = "us.amazon.nova-pro-v1:0"
Told = dict[tuple[str, tuple[tuple[str, str], ...]], Any]


class Lines(list[bytes]):
    """What was written."""

    def told(self) -> Told:
        """Every value by its metric and dimensions. Fails for a document that CloudWatch would not take."""
        found: Told = {}
        for line in self:
            assert len(line) <= MOST_BYTES
            document = json.loads(line)
            jsonschema.validate(document, SCHEMA)
            for name, dimensions, unit in _named(document):
                jsonschema.validate(document[name], VALUE)
                assert found.setdefault((name, dimensions), (document[name], unit)) == (document[name], unit)
        return found


def _named(document: dict[str, Any]) -> Iterator[tuple[str, tuple[tuple[str, str], ...], str]]:
    for directive in document["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "Chatbot"
        (names,) = directive["Dimensions"]
        for name in names:
            jsonschema.validate(document[name], DIMENSION)
        assert names[0] == "service"
        assert document["service"] == "chatbot-api"
        for metric in directive["Metrics"]:
            yield metric["Name"], tuple((name, document[name]) for name in names[1:]), metric["Unit"]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What goes to CloudWatch from now on."""
    lines = Lines()
    with measuring_into(EMF("chatbot-api", lines.append)):
        yield lines


def test_one_request_is_one_line_of_sums_and_values(lines: Lines) -> None:
    TURNS.add("answered", "", "json")
    for seconds in (0.004, 0.003):
        store_call("UpdateItem", "ok", seconds)
    ModelCall(PRO).attempted(PRO, "us-east-1", "ok", 0.9)
    REQUEST_SLOTS.add(5)
    instruments.backend().flush()

    assert len(lines) == 1
    assert lines.told() == {
        ("chatbot_turns_total", (("outcome", "answered"),)): (1.0, "Count"),
        ("chatbot_store_call_duration_seconds", ()): ([0.004, 0.003], "Seconds"),
        ("chatbot_model_attempts_total", ()): (1.0, "Count"),
    }


def test_labels_that_are_no_dimension_are_summed_up(lines: Lines) -> None:
    for limit in ("rate", "turns", "rate"):
        LIMITS_UNCHECKED.add(limit)
    instruments.backend().flush()

    assert lines.told() == {("chatbot_limits_unchecked_total", ()): (3.0, "Count")}


def test_two_values_of_a_dimension_are_two_lines(lines: Lines) -> None:
    for outcome in ("answered", "failed", "answered"):
        TURNS.add(outcome, "", "json")
    instruments.backend().flush()

    assert len(lines) == 2
    assert lines.told() == {
        ("chatbot_turns_total", (("outcome", "answered"),)): (2.0, "Count"),
        ("chatbot_turns_total", (("outcome", "failed"),)): (1.0, "Count"),
    }


def test_two_metrics_with_two_values_of_a_dimension_are_two_lines(lines: Lines) -> None:
    TURNS.add("answered", "", "json")
    TURN_SECONDS.observe(1.5, "failed", "json")
    instruments.backend().flush()

    assert len(lines) == 2
    assert lines.told() == {
        ("chatbot_turns_total", (("outcome", "answered"),)): (1.0, "Count"),
        ("chatbot_turn_duration_seconds", (("outcome", "failed"),)): (1.5, "Seconds"),
    }


def test_more_values_than_a_line_may_hold_go_into_further_lines(lines: Lines) -> None:
    for _ in range(250):
        STORE_SECONDS.observe(0.004, "Query", "ok")
    instruments.backend().flush()

    assert [len(json.loads(line)["chatbot_store_call_duration_seconds"]) for line in lines] == [100, 100, 50]


def test_what_was_written_is_not_written_again(lines: Lines) -> None:
    instruments.backend().flush()
    LIMITS_UNCHECKED.add("rate")
    for _ in range(2):
        instruments.backend().flush()

    assert len(lines) == 1


def test_a_turn_writes_its_metrics_at_the_end_of_its_request(api: httpx.Client, lines: Lines) -> None:
    api.post("/chat", json={"message": "Hello"}).raise_for_status()

    told = lines.told()
    model, input_tokens = ("gen_ai_request_model", PRO), ("gen_ai_token_type", "input")
    assert told["chatbot_turns_total", (("outcome", "answered"),)] == (1.0, "Count")
    assert told["gen_ai_client_token_usage", (model, input_tokens)][1] == "Count"
    assert told["chatbot_cost_usd_total", (("model", PRO),)][1] == "None"
    assert {name for name, _ in told} == {
        *("chatbot_turns_total", "chatbot_turn_duration_seconds", "chatbot_turn_stage_seconds"),
        *("chatbot_session_cache_total", "chatbot_cost_usd_total", "chatbot_model_attempts_total"),
        *("gen_ai_client_operation_duration_seconds", "gen_ai_client_token_usage"),
        *("chatbot_store_call_duration_seconds", "http_server_request_duration_seconds"),
    }
    assert len(lines) == 2  # tokens are of two types
