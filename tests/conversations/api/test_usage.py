"""GET /usage: what the caller's owner used, which is what the history says."""

import datetime as dt
from decimal import Decimal
from typing import Any

import httpx
import pytest

from conversations.services import clock
from conversations.store.tables import UsageRow
from tests.conversations.api.asking import problem
from tests.faulty_dynamodb import FaultyDynamoDB
from tests.scripted_bedrock import ScriptedBedrock, Tokens

PRO, MICRO = "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
NOTHING = {
    "turns": 0,
    "errors": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "cache_read_tokens": 0,
    "cache_write_tokens": 0,
    "cost_usd": "0.000000000",
}


def at(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """From now on it is noon of this day."""
    noon = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: noon)


def summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    sums = {name: sum(row[name] for row in rows) for name in NOTHING if name != "cost_usd"}
    return sums | {"cost_usd": f"{sum(Decimal(row['cost_usd']) for row in rows):.9f}"}


def test_of_nothing_is_nothing_in_this_month(api: httpx.Client) -> None:
    today = dt.datetime.now(dt.UTC).date()
    assert api.get("/usage").json() == {
        "from": today.replace(day=1).isoformat(),
        "to": today.isoformat(),
        "days": [],
        "totals": NOTHING,
        "budget": None,
    }


def test_is_told_by_day_and_model(api: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    bedrock.reply("One", usage=Tokens(100, 10, cache_read=20, cache_write=5))
    bedrock.reply("Two", usage=Tokens(7, 3))
    at(monkeypatch, "2026-10-31")
    api.post("/chat", json={"message": "Hello"})
    api.post("/chat", json={"message": "Hello", "model_id": MICRO})
    bedrock.fail("ModelErrorException")
    at(monkeypatch, "2026-11-01")
    api.post("/chat", json={"message": "Hello"})
    october = {
        "date": "2026-10-31",
        "model_id": PRO,
        "turns": 1,
        "errors": 0,
        "input_tokens": 100,
        "output_tokens": 10,
        "cache_read_tokens": 20,
        "cache_write_tokens": 5,
        "cost_usd": "0.000120000",
    }
    micro = october | {"model_id": MICRO, "input_tokens": 7, "output_tokens": 3, "cache_read_tokens": 0}
    micro |= {"cache_write_tokens": 0, "cost_usd": "0.000000665"}
    november = NOTHING | {"date": "2026-11-01", "model_id": PRO, "errors": 1}
    days = [micro, october, november]
    body = api.get("/usage", params={"from": "2026-10-31", "to": "2026-11-01"}).json()
    assert body == {
        "from": "2026-10-31",
        "to": "2026-11-01",
        "days": days,
        "totals": summed(days),
        "budget": None,
    }
    assert api.get("/usage", params={"to": "2026-10-31"}).json()["days"] == [micro, october]
    assert api.get("/usage", params={"from": "2026-11-01", "to": "2026-11-01"}).json()["days"] == [november]


def test_equals_the_history(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    for number in range(12):  # sessions of many shards of the ledger
        order = {"message": f"Hello {number}", "session_id": f"s{number % 9}", "model_id": [PRO, MICRO][number % 2]}
        api.post("/chat", json=order).raise_for_status()
    bedrock.fail("AccessDeniedException")
    api.post("/chat", json={"message": "Refused", "session_id": "s1"})
    histories = [api.get(f"/history/s{number}").json()["messages"] for number in range(9)]
    answers = [message for messages in histories for message in messages if message["usage"]]
    body = api.get("/usage").json()
    assert len(list(UsageRow.query("anonymous"))) > 2
    for row in body["days"]:
        of_model = [answer["usage"] for answer in answers if answer["model_id"] == row["model_id"]]
        sums = {name: sum(usage[name] for usage in of_model) for name in of_model[0] if name != "cost_usd"}
        cost = sum(Decimal(usage["cost_usd"]) for usage in of_model)
        assert {name: row[name] for name in sums} == sums
        assert (row["turns"], row["errors"], Decimal(row["cost_usd"])) == (len(of_model), row["model_id"] == PRO, cost)
    assert (len(answers), body["totals"]) == (12, summed(body["days"]))


def test_shows_nobody_elses(api: httpx.Client) -> None:
    api.post("/chat", json={"message": "Hello"})
    (row,) = UsageRow.query("anonymous")
    UsageRow("bob", row.day_model_shard, day_shard=row.day_shard, turns=5).save()
    UsageRow("anonymous2", row.day_model_shard, day_shard=row.day_shard, turns=7).save()
    assert api.get("/usage").json()["totals"]["turns"] == 1


@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ({"from": "yesterday"}, "from", "invalid"),
        ({"to": "2026-02-30"}, "to", "invalid"),
        ({"from": ""}, "from", "invalid"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "from", "invalid_range"),
        ({"from": "2026-01-01", "to": "2026-04-03"}, "from", "invalid_range"),
    ],
)
def test_refuses_days_that_make_no_report(api: httpx.Client, query: dict[str, str], attr: str, code: str) -> None:
    answer = api.get("/usage", params=query)
    assert problem(answer) == (400, "invalid_request")
    assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [(attr, code)]


def test_reports_92_days(api: httpx.Client) -> None:
    query = {"from": "2026-01-01", "to": "2026-04-02"}
    assert api.get("/usage", params=query).json() == {**query, "days": [], "totals": NOTHING, "budget": None}


def test_says_that_the_store_is_away(dynamodb: FaultyDynamoDB, api: httpx.Client) -> None:
    dynamodb.fault("request_throttle", "Query", times=None)
    assert problem(api.get("/usage")) == (503, "store_unavailable")
