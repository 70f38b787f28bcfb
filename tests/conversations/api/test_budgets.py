"""A caller with a budget: reserved before the model is called, settled when it is known, refused when it is spent."""

import datetime as dt
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.conf import settings as project
from pytest_django import Settings

from access.budgets import accounts, reconciling
from access.budgets.budget import Budget, BudgetMonth
from conversations.api import views
from conversations.services import clock, turn_budget
from conversations.store import usage
from tests.conversations.api.asking import events, problem
from tests.faulty_dynamodb import FaultyDynamoDB
from tests.scripted_bedrock import ScriptedBedrock, Tokens

ORDER = {"message": "Hello", "session_id": "s"}
LIMIT, REMAINING = "budget-limit-usd", "budget-remaining-usd"
# What a turn of ORDER reserves: 69 tokens at 800 nano-dollars and 2,000 at 3,200, rounded up, twice.
RESERVED = Decimal("0.012910402")


@pytest.fixture(autouse=True)
def _nothing_reconciled_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "lately", reconciling.Lately())


def budget(api: httpx.Client) -> dict[str, Any]:
    """The caller's budget, spent and reserved and left as numbers."""
    told: dict[str, Any] = api.get("/usage").json()["budget"]
    return {name: Decimal(told[f"{name}_usd"]) for name in ("limit", "spent", "reserved", "remaining")}


def cost(api: httpx.Client) -> Decimal:
    """What the ledger has."""
    return Decimal(api.get("/usage").json()["totals"]["cost_usd"])


def months_end() -> dt.datetime:
    return (clock.now().replace(day=1) + dt.timedelta(days=31)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )


def test_a_turn_is_paid_from_the_budget(api: httpx.Client, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    answer = api.post("/chat", json=ORDER)
    assert LIMIT not in answer.headers
    spent = Decimal(answer.json()["usage"]["cost_usd"])
    assert api.get("/usage").json()["budget"] == {
        "limit_usd": "1.000000000",
        "spent_usd": f"{spent:.9f}",
        "reserved_usd": "0.000000000",
        "remaining_usd": f"{1 - spent:.9f}",
        "resets_at": months_end().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    assert cost(api) == spent


def test_what_turns_under_way_can_cost_is_reserved(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = 2 * RESERVED - Decimal("0.000000001")
    gate = bedrock.gate()
    bedrock.stream("Half ", gate, "an answer")
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json={**ORDER, "stream": True})
        assert gate.reached.wait(10)
        assert (budget(api)["spent"], budget(api)["reserved"]) == (0, RESERVED)
        refusal = api.post("/chat", json={**ORDER, "session_id": "another"})
        gate.open()
        assert events(streamed.result())[-1][0] == "done"
    assert problem(refusal) == (429, "budget_exhausted")
    assert refusal.headers["retry-after"] == "5"
    assert api.post("/chat", json={**ORDER, "session_id": "another"}).status_code == 200


def test_a_budget_that_is_spent_refuses_and_nothing_is_begun(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = RESERVED - Decimal("0.000000001")
    answer = api.post("/chat", json=ORDER)
    assert problem(answer) == (429, "budget_exhausted")
    body = answer.json()
    assert (body["detail"], body["retryable"]) == (
        "This caller's budget for the month does not suffice for the turn.",
        True,
    )
    left = math.ceil((months_end() - clock.now()).total_seconds())
    assert body["retry_after"] == int(answer.headers["retry-after"])
    assert left <= body["retry_after"] <= left + 60
    assert bedrock.requests == []
    assert problem(api.get("/history/s")) == (404, "session_not_found")
    settings.MONTHLY_BUDGET_USD = RESERVED
    assert api.post("/chat", json=ORDER).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_history_that_is_too_dear_keeps_the_message(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, stream: bool
) -> None:
    bedrock.reply("word " * 2_000)
    api.post("/chat", json=ORDER).raise_for_status()
    settings.MONTHLY_BUDGET_USD = cost(api) + RESERVED
    calls = len(bedrock.requests)
    assert problem(api.post("/chat", json={**ORDER, "stream": stream})) == (429, "budget_exhausted")
    assert len(bedrock.requests) == calls
    pending = api.get("/history/s").json()["pending"]
    assert (pending["message"], pending["state"], pending["error_code"]) == ("Hello", "failed", "budget_exhausted")
    assert budget(api)["reserved"] == 0


def test_an_answer_given_before_is_told_again_without_a_budget(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = RESERVED
    first = api.post("/chat", json=ORDER, headers={"Idempotency-Key": "key"})
    settings.MONTHLY_BUDGET_USD = Decimal(0)
    again = api.post("/chat", json=ORDER, headers={"Idempotency-Key": "key"})
    assert (again.status_code, again.content) == (200, first.content)
    assert (LIMIT in first.headers, LIMIT in again.headers) == (False, False)


def test_a_model_without_a_known_price_is_refused(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.BEDROCK_MODELS = ["unheard-of"]
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    assert problem(api.post("/chat", json={**ORDER, "model_id": "unheard-of"})) == (400, "unknown_model")
    assert bedrock.requests == []
    assert problem(api.get("/history/s")) == (404, "session_not_found")


def test_a_turn_without_an_answer_costs_what_bedrock_billed(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    bedrock.reply("", usage=Tokens(100, 0), times=2)
    assert problem(api.post("/chat", json=ORDER)) == (502, "model_error")
    billed = Decimal("0.000160001")  # rounded up
    assert (budget(api)["spent"], budget(api)["reserved"], cost(api)) == (billed, Decimal(0), Decimal(0))
    bedrock.fail("ModelErrorException")
    api.post("/chat", json=ORDER)
    assert (budget(api)["spent"], budget(api)["reserved"]) == (billed, 0)


def test_a_stopped_turn_gives_back_what_it_did_not_use(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    gate = bedrock.gate()
    bedrock.stream("Half ", gate, "an answer")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(api.post, "/chat", json={**ORDER, "stream": True})
        assert gate.reached.wait(10)
        api.delete("/sessions/s/pending")
        assert events(asked.result())[-1][1]["stop_reason"] == "cancelled"
    told = budget(api)
    assert (told["spent"], told["reserved"]) == (cost(api), 0)
    assert told["spent"] > 0


@pytest.mark.parametrize("stream", [False, True])
def test_warns_from_80_percent(api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, stream: bool) -> None:
    """A stream as of its reservation, because its headers are sent before it is settled."""
    bedrock.reply("dear", usage=Tokens(10_000, 0))
    api.post("/chat", json=ORDER)
    settings.MONTHLY_BUDGET_USD = limit = 5 * RESERVED
    assert LIMIT not in api.get("/usage").headers
    bedrock.reply("dear", usage=Tokens(55_000, 0))
    answer = api.post("/chat", json={**ORDER, "stream": stream, "session_id": "another"})
    assert (LIMIT in answer.headers) is not stream
    told = budget(api)
    usage_answer = api.get("/usage")
    warning = {LIMIT: f"{limit:.9f}", REMAINING: f"{told['remaining']:.9f}"}
    assert {name: usage_answer.headers[name] for name in warning} == warning
    if not stream:
        assert {name: answer.headers[name] for name in warning} == warning


def test_a_stream_warns_as_of_its_reservation(api: httpx.Client, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_USD = RESERVED
    answer = api.post("/chat", json={**ORDER, "stream": True})
    assert (answer.headers[LIMIT], answer.headers[REMAINING]) == (f"{RESERVED:.9f}", "0.000000000")
    assert events(answer)[-1][0] == "done"


def test_a_keys_own_budget_pays_for_its_turns_and_the_owners_does_not(
    api: httpx.Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    api.post("/chat", json=ORDER).raise_for_status()
    of_owner = cost(api)
    own = Budget("anonymous", 10**9, key_id="key-1")
    with monkeypatch.context() as patch:
        patch.setattr(views, "budget_of", lambda _: own)
        api.post("/chat", json={**ORDER, "session_id": "another"}).raise_for_status()
        of_key = cost(api) - of_owner
        assert of_key > 0
        assert (budget(api)["spent"], usage.booked(BudgetMonth.at(own, clock.now()))) == (of_key, int(of_key * 10**9))
    every = BudgetMonth.at(Budget("anonymous", 10**9), clock.now())
    assert (budget(api)["spent"], usage.booked(every)) == (of_owner, int(of_owner * 10**9))


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_given_though_it_cannot_be_settled(
    dynamodb: FaultyDynamoDB, api: httpx.Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    monkeypatch.setattr(turn_budget, "SETTLE_SECONDS", 0.1)
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    api.post("/chat", json={**ORDER, "session_id": "another"}).raise_for_status()
    dynamodb.fault("reset", "UpdateItem", times=None, skip=2)
    answer = api.post("/chat", json={**ORDER, "stream": stream})
    dynamodb.recover()
    assert answer.status_code == 200
    assert [message["role"] for message in api.get("/history/s").json()["messages"]] == ["user", "assistant"]
    assert budget(api)["reserved"] == RESERVED
    later = clock.now() + dt.timedelta(seconds=project.CHAT_DEADLINE_SECONDS + 100)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (budget(api)["spent"], budget(api)["reserved"]) == (cost(api), 0)


def test_a_turn_across_the_months_end_is_booked_and_paid_where_it_began(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    midnight = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: midnight - dt.timedelta(seconds=1))
    gate = bedrock.gate()
    bedrock.stream("Half ", gate, "an answer")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(api.post, "/chat", json={**ORDER, "stream": True})
        assert gate.reached.wait(10)
        monkeypatch.setattr(clock, "now", lambda: midnight)
        gate.open()
        assert events(asked.result())[-1][0] == "done"
    assert (budget(api)["spent"], budget(api)["reserved"]) == (0, 0)
    october = api.get("/usage", params={"from": "2026-10-31", "to": "2026-11-01"}).json()
    assert [(day["date"], day["turns"]) for day in october["days"]] == [("2026-10-31", 1)]
    spent = int(Decimal(october["totals"]["cost_usd"]) * 10**9)
    month = BudgetMonth.at(Budget("anonymous", 10**9), midnight - dt.timedelta(seconds=1))
    assert (accounts.read(month).committed, accounts.read(month).reservations) == (spent, {})


@pytest.mark.parametrize(
    ("limit", "calls"),
    [
        (None, ["UpdateItem", "TransactWriteItems"]),
        (Decimal(1), ["GetItem", "UpdateItem", "UpdateItem", "TransactWriteItems", "UpdateItem"]),
    ],
    ids=["none", "some"],
)
def test_only_a_caller_with_a_budget_pays_for_it(
    dynamodb: FaultyDynamoDB, api: httpx.Client, settings: Settings, limit: Decimal | None, calls: list[str]
) -> None:
    settings.MONTHLY_BUDGET_USD = limit
    api.post("/chat", json={**ORDER, "session_id": "another"}).raise_for_status()
    before = len(dynamodb.calls)
    api.post("/chat", json=ORDER).raise_for_status()
    assert dynamodb.calls[before:] == calls


def test_nothing_of_accounts_is_imported_before_a_budget_needs_it() -> None:
    program = (
        "import chatbot_project.wsgi, django.urls, sys; django.urls.get_resolver().url_patterns; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=project.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in loaded if name.startswith("access.budgets")} == {"access.budgets", "access.budgets.budget"}
