"""Idempotency-Key: a request that is sent again brings the same answer, and is never a second turn."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from conversations.domain import Receipt
from conversations.services import clock
from conversations.store import receipts
from conversations.store.tables import ReceiptRow, SessionRow, UsageRow
from tests.conversations.api.asking import events, problem
from tests.scripted_bedrock import ScriptedBedrock

ORDER = {"message": "Hello", "session_id": "s"}


def ask(api: httpx.Client, key: str = "k-1", **changes: object) -> httpx.Response:
    return api.post("/chat", json=ORDER | changes, headers={"Idempotency-Key": key})


def messages(api: httpx.Client, session_id: str = "s") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/history/{session_id}").json()["messages"]
    return found


def look_too_early(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first look for a receipt comes before the receipt does. Returns the keys looked for."""
    looks: list[str] = []
    find = receipts.find

    def find_late(session_id: str, key: str, *, now: dt.datetime) -> Receipt | None:
        looks.append(key)
        return None if len(looks) == 1 else find(session_id, key, now=now)

    monkeypatch.setattr(receipts, "find", find_late)
    return looks


def test_the_same_request_again_brings_the_same_bytes(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.reply("Grüße \U0001f600 \u2028 and more")
    first, second = ask(api), ask(api)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")
    assert (len(bedrock.requests), len(messages(api))) == (1, 2)


def test_an_answer_is_replayed_when_the_session_has_gone_on(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    first = ask(api)
    for number in range(3):
        api.post("/chat", json={"message": str(number), "session_id": "s"})
    assert ask(api).content == first.content
    assert len(bedrock.requests) == 4


def test_an_answer_is_replayed_as_a_stream_and_a_stream_as_an_answer(api: httpx.Client) -> None:
    first = ask(api)
    again = ask(api, stream=True)
    assert again.headers["idempotency-replayed"] == "true"
    assert events(again) == [
        ("start", {name: first.json()[name] for name in ("session_id", "message_id", "model_id", "region")}),
        ("delta", {"text": first.json()["response"]}),
        ("done", first.json()),
    ]
    streamed = ask(api, "k-2", stream=True)
    assert "idempotency-replayed" not in streamed.headers
    assert ask(api, "k-2").json() == events(streamed)[-1][1]


def test_another_body_with_the_same_key_is_refused(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    ask(api)
    for other in ({"message": "Hello!"}, {"max_tokens": 5}, {"system": "Be brief."}):
        assert problem(ask(api, **other)) == (422, "idempotency_key_reused")
    assert len(bedrock.requests) == 1


def test_without_a_session_id_a_retry_makes_no_second_session(api: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first, second = (api.post("/chat", json={"message": "Hello"}, headers=headers) for _ in range(2))
    assert first.content == second.content
    assert len(api.get("/sessions").json()["sessions"]) == 1
    other = api.post("/chat", json={"message": "Hello"}, headers={"Idempotency-Key": "k-2"})
    assert other.json()["session_id"] != first.json()["session_id"]


def test_while_the_first_is_under_way_its_retry_is_told_to_wait(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    bedrock.stream("Hel", gate, "lo")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, api, stream=True)
        assert gate.reached.wait(10)
        waiting = ask(api)
        assert problem(waiting) == (409, "turn_in_progress")
        assert waiting.headers["retry-after"] == "1"
        assert problem(ask(api, message="Other")) == (422, "idempotency_key_reused")
        gate.open()
        assert events(first.result())[-1][0] == "done"
    assert ask(api).json() == events(first.result())[-1][1]


def test_concurrent_retries_are_one_turn(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(api), range(24)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert (len(bedrock.requests), len(messages(api))) == (1, 2)


def test_a_failed_turn_is_tried_again_with_its_key(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ModelErrorException")
    assert problem(ask(api)) == (502, "model_error")
    assert problem(ask(api, message="Other")) == (422, "idempotency_key_reused")
    assert ask(api).status_code == 200
    assert len(messages(api)) == 2


def test_an_answer_that_came_between_a_look_and_the_turn_is_found(
    api: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(api)
    looks = look_too_early(monkeypatch)
    assert ask(api).content == first.content
    assert (len(looks), len(bedrock.requests)) == (2, 1)


def test_a_turn_that_was_overtaken_by_its_own_retry_answers_with_its_answer(
    api: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(api)
    api.post("/chat", json={"message": "Next", "session_id": "s"}, headers={"Idempotency-Key": "k-2"})
    look_too_early(monkeypatch)
    assert ask(api).content == first.content
    history = api.get("/history/s").json()
    assert (len(history["messages"]), history["pending"]) == (4, None)
    assert sum(row.turns for row in UsageRow.query("anonymous")) == 2


def test_receipts_live_a_day(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(api)
    (receipt,) = ReceiptRow.query("s", ReceiptRow.timestamp.startswith("#receipt#"))
    kept = receipt.expires_at - clock.now().timestamp()
    assert 86_000 < kept <= 86_400
    receipt.expires_at = int(clock.now().timestamp()) - 1
    receipt.save()
    second = ask(api)
    assert second.status_code == 200
    assert second.json()["message_id"] != first.json()["message_id"]
    assert len(messages(api)) == 4


def test_receipts_are_erased_with_their_session(api: httpx.Client) -> None:
    first = ask(api)
    api.delete("/history/s")
    assert list(SessionRow.query("s")) == []
    assert ask(api).json()["message_id"] != first.json()["message_id"]


def test_a_receipt_is_nobody_elses(api: httpx.Client) -> None:
    ask(api)
    session = SessionRow.get("s", "#session")
    session.owner = "somebody"
    session.save()
    assert problem(ask(api)) == (404, "session_not_found")


@pytest.mark.parametrize("key", ["", "a" * 129, "ü", "a\tb"])
def test_refuses_a_key_that_is_none(api: httpx.Client, bedrock: ScriptedBedrock, key: str) -> None:
    answer = api.post("/chat", json=ORDER, headers=[(b"Idempotency-Key", key.encode("latin-1"))])
    assert problem(answer) == (400, "invalid_request")
    assert [error["attr"] for error in answer.json()["errors"]] == ["Idempotency-Key"]
    assert bedrock.requests == []


def test_a_long_key_of_every_kind_of_character_is_fine(api: httpx.Client) -> None:
    key = '"' + "".join(chr(code) for code in range(0x20, 0x7F)) + "x" * 30 + '"'
    assert ask(api, key).content == ask(api, key).content


def test_a_turn_without_a_key_takes_no_notice_of_receipts(api: httpx.Client) -> None:
    ask(api)
    assert api.post("/chat", json=ORDER).status_code == 200
    assert len(messages(api)) == 4
