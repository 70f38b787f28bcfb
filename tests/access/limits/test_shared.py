"""Limits of all processes together, in a real Redis; and what happens while it is away, or does not answer."""

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from access.callers import Caller
from access.errors import RateLimited
from access.limits import counting, strangers
from access.limits.callers import count_request, window_of
from access.limits.concurrency import turn
from access.limits.rates import parse_rate
from access.limits.shared import LOG_SECONDS, PAUSE_SECONDS, SharedStore
from access.limits.windows import Window
from access.scopes import ALL_SCOPES
from tests.access.clock import Clock

from .conftest import SendFrom
from .redis_server import RedisServer

ALICE = Caller("alice", ALL_SCOPES)
RATE = parse_rate("3/hour")


def take(store: SharedStore) -> Window | None:
    return store.ask(lambda: store.windows.take(RATE, "alice"), limit="rate")


def allowed(store: SharedStore) -> bool | None:
    window = take(store)
    return window.allowed if window else None


class SilentServer:
    """Takes every connection, and never says a word."""

    def __init__(self) -> None:
        self.connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.connections.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self.connections:
            connection.close()


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    server = SilentServer()
    yield server
    server.close()


def test_two_processes_with_a_thousand_requests_let_exactly_the_rate_through(redis_server: RedisServer) -> None:
    command = [sys.executable, "-m", "tests.access.limits.in_process", redis_server.url, "137/hour", "500"]
    processes = [
        subprocess.Popen(command, cwd=project.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum(map(int, answers)) == 137


def test_two_stores_see_the_same_window(redis_server: RedisServer) -> None:
    one, other = SharedStore(redis_server.url), SharedStore(redis_server.url)
    assert take(one) == Window(allowed=True, limit=3, remaining=2, reset_seconds=3600)
    assert [window.remaining for store in (other, one, other) if (window := take(store))] == [1, 0, 0]
    assert allowed(one) is False


def test_requests_are_counted_and_refused_through_redis(
    redis_server: RedisServer, request_from: SendFrom, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/hour"
    request = request_from("192.0.2.1")
    count_request(request, ALICE)
    assert window_of(request) == Window(allowed=True, limit=1, remaining=0, reset_seconds=3600)
    counting._make_shared.cache_clear()  # as another process would
    with pytest.raises(RateLimited):
        count_request(request_from("192.0.2.2"), ALICE)


def test_failures_of_an_address_are_counted_through_redis(redis_server: RedisServer, settings: Settings) -> None:
    settings.RATE_LIMIT_FAILURES = "1/hour"
    strangers.check("192.0.2.1")
    strangers.count("192.0.2.1")
    counting._make_shared.cache_clear()
    with pytest.raises(RateLimited):
        strangers.check("192.0.2.1")


def test_requests_pass_while_redis_is_away_and_count_again_when_it_is_back(
    redis_server: RedisServer, clock: Clock, unchecked: Callable[[str], float]
) -> None:
    store = SharedStore(redis_server.url, clock=clock)
    assert [allowed(store) for _ in range(4)] == [True, True, True, False]
    redis_server.kill()
    assert [allowed(store) for _ in range(5)] == [None] * 5
    assert unchecked("rate") == 5
    redis_server.start()
    clock.go(PAUSE_SECONDS)
    assert [allowed(store) for _ in range(4)] == [True, True, True, False]
    assert unchecked("rate") == 5


def test_everything_passes_over_http_while_redis_is_away(
    api: httpx.Client, redis_server: RedisServer, settings: Settings
) -> None:
    settings.RATE_LIMIT, settings.RATE_LIMIT_FAILURES, settings.MAX_CONCURRENT_TURNS = "1/hour", "1/hour", 1
    assert api.get("/sessions").status_code == 200
    assert api.get("/sessions").status_code == 429
    redis_server.kill()
    answers = [api.post("/chat", json={"message": "Hello"}) for _ in range(3)]
    assert [(answer.status_code, "RateLimit-Limit" in answer.headers) for answer in answers] == [(200, False)] * 3


def test_a_connection_that_redis_closed_costs_no_request_its_check(redis_server: RedisServer) -> None:
    store = SharedStore(redis_server.url)
    assert allowed(store) is True
    redis_server.kill()
    redis_server.start()
    assert allowed(store) is True


def test_a_redis_that_never_answers_is_asked_once_and_then_left_alone(
    silent_server: SilentServer, clock: Clock, unchecked: Callable[[str], float]
) -> None:
    store = SharedStore(silent_server.url, clock=clock)
    assert [allowed(store) for _ in range(100)] == [None] * 100
    assert len(silent_server.connections) == 1
    assert unchecked("rate") == 100
    clock.go(PAUSE_SECONDS)
    assert [allowed(store) for _ in range(100)] == [None] * 100
    assert len(silent_server.connections) == 2


def test_the_log_says_once_a_minute_that_redis_is_away(
    silent_server: SilentServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    store = SharedStore(silent_server.url.replace("//", "//:a-password@"), clock=clock)
    for seconds in (0, PAUSE_SECONDS, PAUSE_SECONDS, LOG_SECONDS):
        clock.go(seconds)
        take(store)
    assert len(silent_server.connections) == 4
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is away (TimeoutError): limits are not checked."
    ] * 2


def test_an_address_that_is_none_is_named_without_its_password() -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        SharedStore("http://:a-password@127.0.0.1")
    assert str(refused.value) == "REDIS_URL must be a URL that begins with redis:// or rediss://."


def test_turns_of_two_processes_count_together(redis_server: RedisServer, settings: Settings) -> None:
    settings.MAX_CONCURRENT_TURNS = 2
    with turn("owner:alice", seconds=60):
        counting._make_shared.cache_clear()
        with (
            turn("owner:alice", seconds=60),
            turn("owner:bob", seconds=60),
            pytest.raises(RateLimited),
            turn("owner:alice", seconds=60),
        ):
            pytest.fail("three at once")
    with turn("owner:alice", seconds=60), turn("owner:alice", seconds=60):
        pass


def test_the_place_of_a_process_that_died_is_given_back_when_its_lease_is_over(redis_server: RedisServer) -> None:
    store = SharedStore(redis_server.url)
    assert store.take_place("alice", "of the dead", most=1, seconds=0.3)
    assert not store.take_place("alice", "next", most=1, seconds=60)
    threading.Event().wait(0.35)
    assert store.take_place("alice", "next", most=1, seconds=60)
    assert not store.take_place("alice", "of the dead", most=1, seconds=60)


def test_a_short_lease_does_not_end_a_longer_one(redis_server: RedisServer) -> None:
    store = SharedStore(redis_server.url)
    store.take_place("alice", "long", most=2, seconds=60)
    store.take_place("alice", "short", most=2, seconds=0.1)
    threading.Event().wait(0.15)
    assert store.take_place("alice", "next", most=2, seconds=60)
    assert not store.take_place("alice", "too many", most=2, seconds=60)


def test_turns_pass_while_redis_is_away(
    redis_server: RedisServer, settings: Settings, unchecked: Callable[[str], float]
) -> None:
    settings.MAX_CONCURRENT_TURNS = 1
    with turn("owner:alice", seconds=60):
        redis_server.kill()
        with turn("owner:alice", seconds=60), turn("owner:alice", seconds=60):
            assert unchecked("turns") == 2
    assert unchecked("turns") == 3  # the first one's place was not given back
