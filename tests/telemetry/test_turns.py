"""What is told of a turn, however it ends: a log line, and metrics."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from access.keys.create_key import create_key
from access.scopes import Scope
from conversations.domain import PendingTurn
from conversations.services import clock
from conversations.services.session_cache import cache
from conversations.store import turn_begin
from core.deadline import Deadline
from dynamodb_client.client import MAX_ATTEMPTS
from telemetry.calls import ModelCall
from telemetry.owners import owner_hash
from tests.faulty_dynamodb import FaultyDynamoDB
from tests.measured import Measured
from tests.scripted_bedrock import ScriptedBedrock, Tokens

from .conftest import Heard

PRO = "us.amazon.nova-pro-v1:0"
MICRO = "us.amazon.nova-micro-v1:0"
ORDER = {"message": "Hello", "session_id": "s"}
REQUEST = {"X-Request-ID": "r-1"}
CALL = f'gen_ai_operation_name="chat",gen_ai_provider_name="aws.bedrock",gen_ai_request_model="{PRO}"'
STAGES = ("queue", "begin", "context", "model", "commit")


def line(**differences: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """What is logged of a first turn that went well."""
    usual = {
        "level": "INFO",
        "logger": "telemetry.turn",
        "message": "turn",
        "request_id": "r-1",
        "outcome": "answered",
        "code": "",
        "answer": "json",
        "owner": owner_hash("anonymous"),
        "session_id": "s",
        "turn_id": "an id",
        "model": PRO,
        "region": "us-east-1",
        "stop_reason": "end_turn",
        "duration_ms": "measured",
        "store_calls": 2,
        "store_ms": "measured",
        "attempts": 1,
        "cache": "new",
        "input_tokens": 120,
        "output_tokens": 30,
        "cost_usd": "0.000192000",
        **{f"{stage}_ms": "measured" for stage in STAGES},
    }
    return {name: value for name, value in (usual | differences).items() if value is not None}


def stages(*names: str) -> dict[str, float]:
    return {f'chatbot_turn_stage_seconds_count{{stage="{name}"}}': 1.0 for name in names}


def turns(outcome: str, code: str = "", answer: str = "json") -> dict[str, float]:
    return {f'chatbot_turns_total{{answer="{answer}",code="{code}",outcome="{outcome}"}}': 1.0}


def counts(measured: Measured, *prefixes: str) -> dict[str, float]:
    """What has been counted, without sums of seconds."""
    return {name: value for name, value in measured.since(*prefixes).items() if "_seconds_sum" not in name}


@pytest.mark.parametrize("answer", ["json", "stream"])
def test_a_turn_that_is_answered(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard, measured: Measured, answer: str
) -> None:
    usage = Tokens(input=100, output=30, cache_read=20)
    if answer == "json":
        bedrock.reply("Hi", usage=usage)
    else:
        bedrock.stream("Hi", usage=usage)

    assert api.post("/chat", json=ORDER | {"stream": answer == "stream"}, headers=REQUEST).status_code == 200

    first_text = {"first_text_ms": "measured"} if answer == "stream" else {}
    assert heard.lines("turn") == [line(answer=answer, cost_usd="0.000180000", **first_text)]
    first_chunk = f"gen_ai_client_operation_time_to_first_chunk_seconds_count{{{CALL}}}"
    assert counts(measured, "chatbot_turn", "gen_ai", "chatbot_model", "chatbot_session", "chatbot_cost") == (
        turns("answered", answer=answer)
        | stages(*STAGES)
        | {
            f'chatbot_turn_duration_seconds_count{{answer="{answer}",outcome="answered"}}': 1.0,
            f'gen_ai_client_operation_duration_seconds_count{{error_type="",{CALL}}}': 1.0,
            f'gen_ai_client_token_usage_count{{{CALL},gen_ai_token_type="input"}}': 1.0,
            f'gen_ai_client_token_usage_sum{{{CALL},gen_ai_token_type="input"}}': 120.0,
            f'gen_ai_client_token_usage_count{{{CALL},gen_ai_token_type="output"}}': 1.0,
            f'gen_ai_client_token_usage_sum{{{CALL},gen_ai_token_type="output"}}': 30.0,
            f'chatbot_model_attempts_total{{model="{PRO}",outcome="ok",region="us-east-1"}}': 1.0,
            'chatbot_session_cache_total{result="new"}': 1.0,
            f'chatbot_cost_usd_total{{model="{PRO}"}}': 0.00018,
        }
        | ({first_chunk: 1.0} if answer == "stream" else {})
    )


def test_a_turn_finds_its_context_in_the_process_or_reads_what_is_not_there(
    api: httpx.Client, heard: Heard, measured: Measured
) -> None:
    for _ in range(2):
        api.post("/chat", json=ORDER).raise_for_status()
    earlier = dict(cache._entries)
    api.post("/chat", json=ORDER).raise_for_status()
    cache._entries.update(earlier)  # as in a process that did not answer the turn before
    api.post("/chat", json=ORDER).raise_for_status()
    cache._entries.clear()
    api.post("/chat", json=ORDER).raise_for_status()

    told = [(line["cache"], line["store_calls"]) for line in heard.lines("turn")]
    assert told == [("new", 2), ("hit", 2), ("hit", 2), ("behind", 3), ("miss", 3)]
    assert measured.since("chatbot_session_cache") == {
        f'chatbot_session_cache_total{{result="{result}"}}': count
        for result, count in {"new": 1.0, "hit": 2.0, "behind": 1.0, "miss": 1.0}.items()
    }


@pytest.mark.parametrize("answer", ["json", "stream"])
def test_a_turn_that_fails_at_the_model(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard, measured: Measured, answer: str
) -> None:
    bedrock.fail("ModelErrorException")

    assert api.post("/chat", json=ORDER | {"stream": answer == "stream"}, headers=REQUEST).status_code == 502

    nothing = {"stop_reason": "", "input_tokens": 0, "output_tokens": 0, "cost_usd": "0.000000000", "commit_ms": None}
    assert heard.lines("turn") == [line(outcome="failed", code="model_error", answer=answer, **nothing)]
    assert counts(measured, "chatbot_turn", "gen_ai", "chatbot_model", "chatbot_cost") == (
        turns("failed", "model_error", answer)
        | {"chatbot_turns_bad_total": 1.0}
        | stages("queue", "begin", "context", "model")
        | {
            f'chatbot_turn_duration_seconds_count{{answer="{answer}",outcome="failed"}}': 1.0,
            f'gen_ai_client_operation_duration_seconds_count{{error_type="model_error",{CALL}}}': 1.0,
            f'chatbot_model_attempts_total{{model="{PRO}",outcome="model_error",region="us-east-1"}}': 1.0,
        }
    )


def test_what_the_models_filters_block_is_no_fault_of_ours(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard, measured: Measured
) -> None:
    bedrock.fail("ValidationException", "This request has been blocked by our content filters.")

    assert api.post("/chat", json=ORDER).status_code == 422

    assert [(line["outcome"], line["code"]) for line in heard.lines("turn")] == [("failed", "content_blocked")]
    assert measured.since("chatbot_turns_") == turns("failed", "content_blocked")


@pytest.mark.parametrize("answer", ["json", "stream"])
def test_a_turn_that_is_refused(api: httpx.Client, heard: Heard, measured: Measured, answer: str) -> None:
    order = ORDER | {"stream": answer == "stream", "model_id": "amazon.nova-premier-v1:0"}

    assert api.post("/chat", json=order, headers=REQUEST).status_code == 400

    assert heard.lines("turn") == [
        line(
            outcome="refused",
            code="unknown_model",
            answer=answer,
            **dict.fromkeys(("session_id", "turn_id", "model", "region", "cache", "stop_reason"), ""),
            **dict.fromkeys(("store_calls", "attempts", "input_tokens", "output_tokens"), 0),
            **dict.fromkeys(("context_ms", "model_ms", "commit_ms")),
            cost_usd="0.000000000",
        )
    ]
    assert counts(measured, "chatbot_turn", "gen_ai", "chatbot_model") == (
        turns("refused", "unknown_model", answer) | stages("queue", "begin")
    )


@pytest.mark.parametrize("answer", ["json", "stream"])
def test_an_answer_that_is_told_again(api: httpx.Client, heard: Heard, measured: Measured, answer: str) -> None:
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        api.post("/chat", json=ORDER | {"stream": answer == "stream"}, headers=headers).raise_for_status()

    assert [line["outcome"] for line in heard.lines("turn")] == ["answered", "replayed"]
    assert len({line["session_id"] for line in heard.lines("turn")}) == 1
    assert measured.since("chatbot_turns_total") == (
        turns("answered", answer=answer) | turns("replayed", answer=answer)
    )
    assert sum(measured.since("chatbot_turn_duration_seconds_count").values()) == 1


def test_a_turn_under_way_counts_until_its_caller_stops_it(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard, measured: Measured
) -> None:
    gate = bedrock.gate()
    bedrock.stream("Half an ", "answer", gate, " and never this")
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json=ORDER | {"stream": True})
        assert gate.reached.wait(10)
        assert measured.since("chatbot_turns_in_flight", "chatbot_requests_in_flight") == {
            "chatbot_turns_in_flight": 1.0,
            "chatbot_requests_in_flight": 1.0,
        }
        api.delete("/sessions/s/pending").raise_for_status()
        streamed.result().raise_for_status()

    assert [(line["outcome"], line["stop_reason"]) for line in heard.lines("turn")] == [("stopped", "cancelled")]
    assert measured.since("chatbot_turns_total") == turns("stopped", answer="stream")
    assert measured.since("chatbot_turns_in_flight") == {}


def test_a_call_that_another_region_and_another_model_answer(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard, measured: Measured, settings: Settings
) -> None:
    settings.BEDROCK_REGIONS, settings.BEDROCK_FALLBACK_MODELS = ["us-east-1", "us-west-2"], [MICRO]
    bedrock.fail("ThrottlingException", model_id=PRO, region="us-east-1")
    api.post("/chat", json=ORDER).raise_for_status()
    bedrock.fail("ThrottlingException", model_id=PRO, times=2)
    api.post("/chat", json=ORDER).raise_for_status()

    first, second = heard.lines("turn")
    assert (first["attempts"], first["model"], first["region"]) == (2, PRO, "us-west-2")
    assert (second["attempts"], second["model"]) == (3, MICRO)
    found = measured.since("chatbot_model_")
    assert found.pop(f'chatbot_model_attempts_total{{model="{MICRO}",outcome="ok",region="{second["region"]}"}}') == 1
    assert found == {
        f'chatbot_model_attempts_total{{model="{PRO}",outcome="ok",region="us-west-2"}}': 1.0,
        f'chatbot_model_attempts_total{{model="{PRO}",outcome="model_throttled",region="us-east-1"}}': 2.0,
        f'chatbot_model_attempts_total{{model="{PRO}",outcome="model_throttled",region="us-west-2"}}': 1.0,
        f'chatbot_model_throttles_total{{model="{PRO}",region="us-east-1"}}': 2.0,
        f'chatbot_model_throttles_total{{model="{PRO}",region="us-west-2"}}': 1.0,
        f'chatbot_model_retries_total{{model="{PRO}"}}': 3.0,
        f'chatbot_model_fallbacks_total{{kind="region",model="{PRO}"}}': 1.0,
        f'chatbot_model_fallbacks_total{{kind="model",model="{PRO}"}}': 1.0,
    }


def test_a_model_that_the_settings_do_not_name_has_no_label_of_its_own(measured: Measured) -> None:
    ModelCall("a-model").attempted("a-model", "us-east-1", "ok", 0.1)

    assert measured.since("chatbot_model_") == {
        'chatbot_model_attempts_total{model="other",outcome="ok",region="us-east-1"}': 1.0
    }


def test_a_turn_beyond_the_budget(api: httpx.Client, heard: Heard, measured: Measured, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal("0.000000001")

    assert api.post("/chat", json=ORDER).status_code == 429

    assert [(line["outcome"], line["code"]) for line in heard.lines("turn")] == [("refused", "budget_exhausted")]
    assert measured.since("chatbot_budget") == {"chatbot_budget_refusals_total": 1.0}


def test_a_turn_whose_process_died_counts_when_it_is_found(api: httpx.Client, measured: Measured) -> None:
    began = clock.now() - dt.timedelta(hours=1)
    pending = PendingTurn("dead", "Lost?", PRO, began, began + dt.timedelta(seconds=75))
    turn_begin.begin("s", owner="anonymous", title="Lost?", pending=pending, deadline=Deadline.after(5))

    for _ in range(2):
        api.post("/chat", json=ORDER).raise_for_status()

    assert measured.since("chatbot_turns_found_dead") == {"chatbot_turns_found_dead_total": 1.0}


def test_calls_to_the_table_by_operation_and_outcome(api: httpx.Client, measured: Measured) -> None:
    api.post("/chat", json=ORDER).raise_for_status()
    assert api.get("/history/another").status_code == 404

    assert counts(measured, "chatbot_store") == {
        f'chatbot_store_call_duration_seconds_count{{operation="{operation}",outcome="ok"}}': 1.0
        for operation in ("UpdateItem", "TransactWriteItems", "Query")
    }


def test_a_table_that_throttles(dynamodb: FaultyDynamoDB, api: httpx.Client, measured: Measured) -> None:
    dynamodb.fault("throttle", "Query", times=None)

    assert api.get("/history/s").status_code == 503

    assert measured.since("chatbot_store_throttles", "chatbot_store_call_duration_seconds_count") == {
        'chatbot_store_call_duration_seconds_count{operation="Query",outcome="throttled"}': 1.0,
        "chatbot_store_throttles_total": len(dynamodb.of("Query")),
    }
    assert len(dynamodb.of("Query")) == 1 + MAX_ATTEMPTS


def test_requests_that_limits_refuse(api: httpx.Client, measured: Measured, settings: Settings) -> None:
    settings.RATE_LIMIT, settings.RATE_LIMIT_FAILURES, settings.ALLOW_ANONYMOUS = "1/minute", "1/minute", False
    good = {"Authorization": f"Bearer {create_key(owner='ada', name='a', scopes=list(Scope)).secret}"}
    assert [api.get("/models", headers=good).status_code for _ in range(2)] == [200, 429]
    assert [api.get("/models").status_code for _ in range(2)] == [401, 429]

    assert measured.since("chatbot_rate_limit_refusals") == {
        'chatbot_rate_limit_refusals_total{limit="rate"}': 1.0,
        'chatbot_rate_limit_refusals_total{limit="failures"}': 1.0,
    }


def test_turns_at_once_beyond_the_limit(
    api: httpx.Client, bedrock: ScriptedBedrock, measured: Measured, settings: Settings
) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    gate = bedrock.gate()
    bedrock.stream("Hi", gate)
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json=ORDER | {"stream": True})
        assert gate.reached.wait(10)
        assert api.post("/chat", json={"message": "Another"}).status_code == 429
        gate.open()
        streamed.result().raise_for_status()

    assert measured.since("chatbot_rate_limit_refusals") == {'chatbot_rate_limit_refusals_total{limit="turns"}': 1.0}
