"""Two servers, 32 callers on one session and on many, and one of the servers is killed in the middle."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from conversations.domain import LEASE_MARGIN_SECONDS
from tests.conversations.api.asking import problem
from tests.conversations.api.asking import said as prompt
from tests.processes.books import answered, booked, failures_booked, histories, said
from tests.processes.callers import Callers, Order
from tests.processes.conftest import StartServer
from tests.processes.waiting import until
from tests.scripted_bedrock import ModelCall, ScriptedBedrock
from tests.scripted_bedrock.connection import Connection
from tests.scripted_bedrock.script import echo

CALLERS, ROUNDS = 32, 3
SHARED = "shared"
DEADLINE_SECONDS = 4
LEASE_IS_OVER_SECONDS = DEADLINE_SECONDS + LEASE_MARGIN_SECONDS + 5
SLOWEST_MODEL_SECONDS = 0.04
HELD_MODEL = "us.amazon.nova-micro-v1:0"
HELD = [
    Order(f"held-{number}", f"Are you there, {number}?", key=key, stream=stream, model_id=HELD_MODEL)
    for number, (key, stream) in enumerate([("", False), ("", True), ("a-key", False), ("a-key", True)])
]


class Thoughtful:
    """A step of the script: repeat what was said, after some milliseconds."""

    def play(self, call: ModelCall, connection: Connection, /) -> None:
        connection.wait(threading.Event(), random.uniform(0, SLOWEST_MODEL_SECONDS))  # noqa: S311  # no secret
        echo(call, connection)


def orders_of(caller: int) -> list[Order]:
    """To the session of all and to another one, in turns.

    The first half of the callers are pairs who send the very same, with the same keys: one wants JSON, one a stream.
    """
    with_key = caller < CALLERS // 2
    name = f"pair-{caller // 2}" if with_key else f"single-{caller}"
    return [
        Order(
            session_id,
            f"{name} says {number} to {session_id}",
            key=f"{name}-{number}" if with_key else "",
            stream=caller % 2 == 0,
        )
        for number in range(ROUNDS)
        for session_id in (SHARED, name)
    ]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CALLERS + len(HELD)) as pool:
        yield pool


def pending(client: httpx.Client, url: str) -> list[tuple[str, str, str | None]]:
    """Message, state and error code of every turn that was held."""
    turns = [client.get(f"{url}/history/{order.session_id}").json()["pending"] for order in HELD]
    return [(turn["message"], turn["state"], turn["error_code"]) for turn in turns]


@pytest.mark.slow
def test_nothing_is_lost_or_stored_twice_when_one_of_two_servers_is_killed(
    start_server: StartServer, client: httpx.Client, bedrock: ScriptedBedrock, threads: ThreadPoolExecutor
) -> None:
    killed, left = (start_server(deadline_seconds=DEADLINE_SECONDS) for _ in range(2))
    held = bedrock.gate()
    bedrock.stream("Half", held, times=len(HELD), model_id=HELD_MODEL)
    bedrock._add(Thoughtful(), None, {})
    callers = Callers(client, (killed.url, left.url))

    calling = callers.start(threads, [orders_of(caller) for caller in range(CALLERS)])
    until(
        lambda: all(caller.result() is None for caller in calling if caller.done()) and len(callers.answers) > CALLERS
    )
    broken = [threads.submit(order.post, client, killed.url) for order in HELD]
    until(lambda: [call.model_id for call in bedrock.requests].count(HELD_MODEL) == len(HELD))
    killed.kill()

    assert all(isinstance(call.exception(), httpx.TransportError) for call in broken)
    assert pending(client, left.url) == [(order.message, "pending", None) for order in HELD]
    assert {problem(order.post(client, left.url)) for order in HELD} == {(409, "turn_in_progress")}
    interrupted = [(order.message, "failed", "interrupted") for order in HELD]
    until(lambda: pending(client, left.url) == interrupted, seconds=LEASE_IS_OVER_SECONDS, step=0.5)
    for order in HELD:
        callers.send(order, first=1)
    for caller in calling:
        caller.result()

    stored = histories(client, left.url)
    check_stored(callers, stored)
    check_prompts(bedrock.requests, stored)


def check_stored(callers: Callers, stored: dict[str, dict[str, Any]]) -> None:
    """Everything answered is there as it was answered, nothing else is, and the ledger knows no more and no less."""
    found = {
        (session_id, question): answer
        for session_id, history in stored.items()
        for question, answer in answered(history).items()
    }
    assert set(callers.answers) <= set(found) <= set(callers.answers) | callers.lost
    for order, body in callers.answers.items():
        names = {"message_id": "message_id", "content": "response", "usage": "usage", "created_at": "created_at"}
        assert {name: found[order][name] for name in names} == {name: body[names[name]] for name in names}
    assert {answer["content"] for answer in found.values()} == {f"You said: {question}" for _, question in found}
    for session_id, history in stored.items():
        assert history["pending"] is None or (session_id, history["pending"]["message"]) in callers.lost
    assert booked() == said(stored.values())
    # Turns of the server that was killed, each booked once by whoever came upon it: those that were held, and of those
    # that were under way besides as many as had begun. One that was sent with a key has an answer since.
    assert len(HELD) <= failures_booked() <= len(HELD) + len(callers.broken)
    assert set(callers.statuses) == {200, 409}


def check_prompts(calls: list[ModelCall], stored: dict[str, dict[str, Any]]) -> None:
    """Whichever server asked the model, it knew all that was said before."""
    prompts = {call.last_text: [text for _, text in prompt(call)] for call in calls}
    for history in stored.values():
        texts = [message["content"] for message in history["messages"]]
        for number, question in list(enumerate(texts))[::2]:
            assert prompts[question] == texts[: number + 1]
