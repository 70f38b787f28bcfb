"""Two servers, a thousand requests at once and one small budget; and a server that is killed with reservations."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from access.budgets import reconciling
from conversations.domain import LEASE_MARGIN_SECONDS
from conversations.services import clock
from tests.conversations.api.asking import problem
from tests.processes.books import booked
from tests.processes.conftest import StartServer
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock, Tokens

REQUESTS, AT_ONCE = 1_000, 64
DEADLINE_SECONDS = 20
NANO = 10**9
LIMIT = Decimal("0.005")
# 2 * (68 tokens * 800 + 4 tokens * 3,200 + 1) nano-dollars.
MOST_A_TURN_RESERVES = Decimal("0.000134402")


def budget(client: httpx.Client, url: str) -> dict[str, Decimal]:
    told: dict[str, Any] = client.get(f"{url}/usage").raise_for_status().json()["budget"]
    return {name: Decimal(told[f"{name}_usd"]) for name in ("limit", "spent", "reserved", "remaining")}


@pytest.mark.slow
def test_a_thousand_requests_at_once_spend_the_budget_and_no_more(
    start_server: StartServer, client: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONTHLY_BUDGET_USD", str(LIMIT))
    servers = [start_server(deadline_seconds=DEADLINE_SECONDS) for _ in range(2)]
    bedrock.reply("Yes.", usage=Tokens(70, 4), times=None)
    paid: list[Decimal] = []

    def ask(number: int) -> bool:
        """Whether it is answered; the only other thing that may happen is that the budget does not suffice."""
        url = servers[number % 2].url
        order = {"message": f"{number:04}", "session_id": f"s{number}", "max_tokens": 4}
        answer = client.post(f"{url}/chat", json=order)
        if number % 50 == 0:
            told = budget(client, url)
            assert told["spent"] + told["reserved"] <= LIMIT
        if answer.is_success:
            paid.append(Decimal(answer.json()["usage"]["cost_usd"]))
            return True
        assert problem(answer) == (429, "budget_exhausted")
        return False

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(REQUESTS)))
    assert 0 < answers.count(True) < REQUESTS
    # Alone, a turn is refused only when the budget has no room for it.
    assert not all(ask(REQUESTS + number) for number in range(REQUESTS))

    spent = sum(paid)
    assert LIMIT - MOST_A_TURN_RESERVES < spent <= LIMIT
    assert len(bedrock.requests) == len(paid) == booked().turns
    assert Decimal(booked().cost_nano_usd) / NANO == spent
    for server in servers:
        assert budget(client, server.url) == {
            "limit": LIMIT,
            "spent": spent,
            "reserved": Decimal(0),
            "remaining": LIMIT - spent,
        }


@pytest.mark.slow
def test_what_a_killed_server_had_reserved_is_released_when_its_leases_are_over(
    start_server: StartServer,
    api: httpx.Client,
    client: httpx.Client,
    bedrock: ScriptedBedrock,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.MONTHLY_BUDGET_USD = LIMIT
    monkeypatch.setenv("MONTHLY_BUDGET_USD", str(LIMIT))
    monkeypatch.setattr(reconciling, "lately", reconciling.Lately())
    killed = start_server(deadline_seconds=DEADLINE_SECONDS)
    order = {"message": "Hello", "max_tokens": 4}
    client.post(f"{killed.url}/chat", json=order).raise_for_status()
    bedrock.hang(times=3)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(client.post, f"{killed.url}/chat", json=order) for _ in range(3)]
        until(lambda: len(bedrock.requests) == 4)
        held = budget(client, killed.url)
        killed.kill()
        assert all(isinstance(call.exception(), httpx.TransportError) for call in asked)

    assert held["reserved"] > 0
    assert budget(api, "") == held
    later = clock.now() + dt.timedelta(seconds=DEADLINE_SECONDS + LEASE_MARGIN_SECONDS + 61)
    monkeypatch.setattr(clock, "now", lambda: later)
    spent = Decimal(booked().cost_nano_usd) / NANO
    assert budget(api, "") == {**held, "spent": spent, "reserved": Decimal(0), "remaining": LIMIT - spent}
    assert api.post("/chat", json=order).status_code == 200
