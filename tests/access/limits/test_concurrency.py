"""Turns of one caller at once, in one process."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest
from pytest_django import Settings

from access.errors import RateLimited
from access.limits import concurrency
from access.limits.concurrency import turn
from tests.conversations.api.asking import problem
from tests.processes.open_stream import open_stream
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock

HELLO = {"message": "Hello"}


def is_free(api: httpx.Client) -> bool:
    """Whether a turn finds its place."""
    return api.post("/chat", json=HELLO).status_code == httpx.codes.OK


def test_a_thousand_at_once_find_exactly_as_many_places_as_there_are(settings: Settings) -> None:
    settings.MAX_CONCURRENT_TURNS = 7
    everybody = Barrier(32)

    def find_a_place(_: int) -> bool:
        try:
            with turn("owner:alice", seconds=60):
                everybody.wait(20)  # the others have found theirs, or none
                return True
        except RateLimited:
            everybody.wait(20)
            return False

    with ThreadPoolExecutor(32) as pool:
        rounds = [sum(pool.map(find_a_place, range(32))) for _ in range(31)]
    assert rounds == [7] * 31
    assert not concurrency._running


def test_callers_do_not_take_each_others_places(settings: Settings) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    with (
        turn("owner:alice", seconds=60),
        turn("owner:bob", seconds=60),
        pytest.raises(RateLimited),
        turn("owner:alice", seconds=60),
    ):
        pytest.fail("two at once")


def test_a_turn_that_fails_gives_its_place_back(settings: Settings) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    for _ in range(2):
        with pytest.raises(LookupError), turn("owner:alice", seconds=60):
            raise LookupError
    assert not concurrency._running


def test_zero_is_any_number(settings: Settings) -> None:
    settings.MAX_CONCURRENT_TURNS = 0
    with turn("owner:alice", seconds=60), turn("owner:alice", seconds=60):
        assert not concurrency._running


@pytest.mark.parametrize("stream", [False, True])
def test_one_too_many_is_refused_before_it_begins(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, stream: bool
) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    gate = bedrock.gate()
    bedrock.stream("Half", gate, " and whole")
    with open_stream(api, str(api.base_url).rstrip("/"), session_id="first") as first:
        first.until_text("Half")
        refused = api.post("/chat", json=HELLO | {"session_id": "second", "stream": stream})
        assert (problem(refused), refused.headers["Retry-After"]) == ((429, "rate_limited"), "1")
        assert api.get("/history/second").status_code == 404
        assert api.get("/sessions").status_code == 200  # only turns have places
        gate.open()
        assert first.last()[0] == "done"
    assert is_free(api)


def test_a_turn_has_its_place_until_it_ends_though_its_caller_has_gone(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    gate = bedrock.gate()
    bedrock.stream("Half", gate, " and whole")
    with open_stream(api, str(api.base_url).rstrip("/"), session_id="left") as left:
        left.until_text("Half")
    assert not is_free(api)
    gate.open()
    until(lambda: is_free(api))
    (_, answer) = api.get("/history/left").json()["messages"]
    assert answer["content"] == "Half and whole"


@pytest.mark.parametrize("stream", [False, True])
def test_refused_failed_and_replayed_turns_leave_nothing_behind(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, stream: bool
) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    bedrock.fail("ValidationException")
    order = HELLO | {"session_id": "s", "stream": stream}
    assert api.post("/chat", json=order | {"model_id": "nobody"}).status_code == 400
    assert api.post("/chat", json=order).status_code == 502
    for _ in range(2):
        assert api.post("/chat", json=order, headers={"Idempotency-Key": "k"}).status_code == 200
    until(lambda: not concurrency._running)
    assert is_free(api)
