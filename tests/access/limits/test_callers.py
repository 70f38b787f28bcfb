"""Requests of known callers, counted: over HTTP, and for callers of every kind."""

from typing import Any

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from access.callers import ANONYMOUS, Caller
from access.errors import RateLimited
from access.limits.callers import count_request, window_of
from access.scopes import ALL_SCOPES
from tests.conversations.api.asking import events, problem
from tests.scripted_bedrock import ScriptedBedrock

from .conftest import SendFrom

ALICE = Caller("alice", ALL_SCOPES, credential_id="key-1")
ALICE_TOO = Caller("alice", ALL_SCOPES, credential_id="key-2")
BOB = Caller("bob", ALL_SCOPES)


def told(answer: Any) -> tuple[int, str | None, str | None]:  # noqa: ANN401  # httpx's or Django's
    """Status, limit and what remains; the time of the reset is a second more or less."""
    return answer.status_code, answer.headers.get("RateLimit-Limit"), answer.headers.get("RateLimit-Remaining")


def left(send: SendFrom, caller: Caller, address: str = "192.0.2.1") -> int | None:
    """What remains after one more request; -1 when it is refused, None where nothing is counted."""
    request = send(address)
    try:
        count_request(request, caller)
    except RateLimited:
        return -1
    window = window_of(request)
    return window.remaining if window else None


def test_answers_of_every_kind_say_what_is_left(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.RATE_LIMIT = "7/hour"
    bedrock.stream("Hello")
    assert told(api.get("/sessions")) == (200, "7", "6")
    assert told(api.get("/sessions", params={"limit": "many"})) == (400, "7", "5")
    assert told(api.get("/history/nobody")) == (404, "7", "4")
    assert told(api.patch("/chat")) == (405, "7", "3")
    stream = api.post("/chat", json={"message": "Hello", "stream": True})
    assert (told(stream), events(stream)[-1][0]) == ((200, "7", "2"), "done")
    assert told(api.head("/sessions")) == (200, "7", "1")
    assert told(api.delete("/history/nobody")) == (204, "7", "0")
    assert told(api.get("/sessions")) == (429, "7", "0")


def test_an_error_that_nobody_foresaw_says_what_is_left_too(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise LookupError

    monkeypatch.setattr("conversations.api.views.list_sessions", fail)
    settings.RATE_LIMIT = "7/hour"
    client.raise_request_exception = False
    assert told(client.get("/sessions")) == (500, "7", "6")


def test_one_too_many_is_told_when_to_come_back(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/hour"
    api.get("/sessions")
    answer = api.post("/chat", json={"message": "Hello"})
    assert problem(answer) == (429, "rate_limited")
    wait = answer.headers["Retry-After"]
    assert 0 < int(wait) <= 3600
    assert answer.headers["RateLimit-Reset"] == wait
    assert answer.json() == {
        "type": "urn:chatbot:problem:rate_limited",
        "title": "Rate limited",
        "status": 429,
        "detail": "More requests than this caller may send; wait before the next one.",
        "code": "rate_limited",
        "request_id": answer.headers["x-request-id"],
        "retryable": True,
        "retry_after": int(wait),
    }
    assert bedrock.requests == []


def test_replays_count_like_everything_else(api: httpx.Client, settings: Settings) -> None:
    settings.RATE_LIMIT = "2/hour"
    order = {"message": "Hello", "session_id": "s"}
    answers = [api.post("/chat", json=order, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [told(answer)[0] for answer in answers] == [200, 200, 429]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_strangers_and_pages_without_callers_are_told_nothing(client: Client, settings: Settings) -> None:
    settings.RATE_LIMIT = "7/hour"
    assert told(client.get("/health")) == (200, None, None)
    assert told(client.get("/nothing-here")) == (404, None, None)
    settings.ALLOW_ANONYMOUS = False
    assert told(client.get("/sessions")) == (401, None, None)


def test_an_empty_rate_is_none(request_from: SendFrom, settings: Settings) -> None:
    settings.RATE_LIMIT = ""
    assert [left(request_from, ALICE) for _ in range(3)] == [None] * 3


def test_all_credentials_of_an_owner_count_together(request_from: SendFrom, settings: Settings) -> None:
    settings.RATE_LIMIT = "3/hour"
    assert [left(request_from, caller) for caller in (ALICE, ALICE_TOO, ALICE, ALICE_TOO)] == [2, 1, 0, -1]
    assert left(request_from, ALICE, "192.0.2.2") == -1
    assert left(request_from, BOB) == 2


def test_a_rate_of_its_own_counts_alone_and_goes_before_the_settings(
    request_from: SendFrom, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/hour"
    own = Caller("alice", ALL_SCOPES, rate_limit="2/hour", credential_id="key-3")
    assert [left(request_from, caller) for caller in (ALICE, own, own, own, ALICE)] == [0, 1, 0, -1, -1]
    settings.RATE_LIMIT = ""
    assert left(request_from, own) == -1


def test_keys_with_the_same_rate_of_their_own_count_apart(request_from: SendFrom, settings: Settings) -> None:
    settings.RATE_LIMIT = "2/hour"
    keys = [Caller("alice", ALL_SCOPES, rate_limit="2/hour", credential_id=name) for name in ("key-3", "key-4")]
    assert [left(request_from, caller) for caller in (*keys, *keys, *keys, ALICE)] == [1, 1, 0, 0, -1, -1, 1]


def test_anonymous_callers_are_told_apart_by_their_addresses(request_from: SendFrom, settings: Settings) -> None:
    settings.RATE_LIMIT = "2/hour"
    addresses = ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    assert [left(request_from, ANONYMOUS, address) for address in addresses] == [1, 0, -1, 1, 1, 0, 1]


def test_no_owner_can_take_the_name_of_an_address_or_a_key(request_from: SendFrom, settings: Settings) -> None:
    settings.RATE_LIMIT = "2/hour"
    left(request_from, ANONYMOUS, "192.0.2.1")
    left(request_from, Caller("alice", ALL_SCOPES, rate_limit="2/hour", credential_id="key-1"))
    named = [Caller("address:192.0.2.1", ALL_SCOPES), Caller("key:key-1", ALL_SCOPES)]
    assert [left(request_from, caller) for caller in named] == [1, 1]


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [200, 429]), (1, [200, 200]), (2, [200, 429])])
def test_a_forged_header_gives_nobody_a_new_address(
    api: httpx.Client, settings: Settings, proxies: int, statuses: list[int]
) -> None:
    settings.RATE_LIMIT, settings.TRUSTED_PROXIES = "1/hour", proxies
    # Both come through the same socket. Behind one proxy the last entry is the client, behind two the one before it.
    forwarded = [
        f"{forged}, 198.51.100.1, {last}" for forged, last in (("10.0.0.1", "192.0.2.1"), ("10.0.0.2", "192.0.2.2"))
    ]
    answers = [api.get("/sessions", headers={"X-Forwarded-For": entries}) for entries in forwarded]
    assert [answer.status_code for answer in answers] == statuses
