"""When the issuer is asked for its keys, who waits for it, and who is served while it is away."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.conf import settings

from access.callers import Caller
from access.errors import InvalidCredentials, IssuerUnavailable
from access.oidc import caller_of
from access.oidc.issuer import KeySet, fetch_keys
from access.oidc.key_cache import AGAIN_SECONDS, COLD_AGAIN_SECONDS, FRESH_SECONDS, USABLE_SECONDS, KeyCache
from access.scopes import ALL_SCOPES
from tests.access.clock import Clock
from tests.access.local_issuer import DISCOVERY, KEYS, LocalIssuer, rsa_key

ALICE = Caller(owner="alice", scopes=ALL_SCOPES)
ONE_FETCH = [DISCOVERY, KEYS]
THREADS = 32


class Beside:
    """Work that was started beside a request, and is done when the test says so."""

    def __init__(self) -> None:
        self.works: list[Callable[[], None]] = []

    def start(self, work: Callable[[], None]) -> None:
        self.works.append(work)

    def finish(self) -> None:
        while self.works:
            self.works.pop()()


@pytest.fixture
def beside() -> Beside:
    return Beside()


@pytest.fixture
def keys(issuer: LocalIssuer, clock: Clock, beside: Beside) -> KeyCache:
    return KeyCache(partial(fetch_keys, issuer.url), clock=clock, start=beside.start)


def test_the_issuer_is_asked_once(issuer: LocalIssuer) -> None:
    for _ in range(5):
        assert caller_of(issuer.token()) == ALICE

    assert issuer.requests == ONE_FETCH


def test_many_threads_at_a_cold_start_cause_one_fetch(issuer: LocalIssuer) -> None:
    together = threading.Barrier(THREADS)
    token = issuer.token()
    issuer.open.clear()

    def call() -> Caller:
        together.wait()
        return caller_of(token)

    with ThreadPoolExecutor(THREADS) as pool:
        calls = [pool.submit(call) for _ in range(THREADS)]
        issuer.wait_for_requests(1)
        issuer.open.set()
        assert [call.result() for call in calls] == [ALICE] * THREADS
    assert issuer.requests == ONE_FETCH


def test_a_new_key_is_fetched_and_the_old_one_still_serves(issuer: LocalIssuer, keys: KeyCache, clock: Clock) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    issuer.publish("second", rsa_key("second"))
    clock.go(AGAIN_SECONDS)

    assert caller_of(issuer.token(kid="second"), keys=keys) == ALICE
    assert caller_of(issuer.token(), keys=keys) == ALICE
    assert issuer.requests == ONE_FETCH * 2


def test_a_withdrawn_key_is_refused_once_the_keys_are_renewed(
    issuer: LocalIssuer, keys: KeyCache, clock: Clock
) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    issuer.publish("second", rsa_key("second"))
    issuer.withdraw("first")
    assert caller_of(issuer.token(), keys=keys) == ALICE

    clock.go(AGAIN_SECONDS)
    assert caller_of(issuer.token(kid="second"), keys=keys) == ALICE
    with pytest.raises(InvalidCredentials, match="a key that its issuer does not publish"):
        caller_of(issuer.token(), keys=keys)


def test_strangers_cannot_make_us_ask(issuer: LocalIssuer, keys: KeyCache, clock: Clock) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE

    for number in range(200):
        with pytest.raises(InvalidCredentials):
            caller_of(issuer.token(kid=f"no-{number}", key=rsa_key("stranger")), keys=keys)
    assert issuer.requests == ONE_FETCH

    clock.go(AGAIN_SECONDS - 1)
    with pytest.raises(InvalidCredentials):
        caller_of(issuer.token(kid="no", key=rsa_key("stranger")), keys=keys)
    assert issuer.requests == ONE_FETCH

    clock.go(1)
    for number in range(200):
        with pytest.raises(InvalidCredentials):
            caller_of(issuer.token(kid=f"no-{number}", key=rsa_key("stranger")), keys=keys)
    assert issuer.requests == ONE_FETCH * 2


def test_known_keys_wait_for_nobody_while_the_issuer_is_asked_for_an_unknown_one(
    issuer: LocalIssuer, keys: KeyCache, clock: Clock
) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    issuer.publish("second", rsa_key("second"))
    clock.go(AGAIN_SECONDS)
    issuer.open.clear()

    with ThreadPoolExecutor(8) as pool:
        new = [pool.submit(caller_of, issuer.token(kid="second"), keys=keys) for _ in range(8)]
        issuer.wait_for_requests(3)
        assert caller_of(issuer.token(), keys=keys) == ALICE  # while the others wait
        issuer.open.set()
        assert [call.result() for call in new] == [ALICE] * 8
    assert issuer.requests == ONE_FETCH * 2


def test_keys_are_renewed_after_an_hour_beside_the_request(
    issuer: LocalIssuer, keys: KeyCache, clock: Clock, beside: Beside
) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    clock.go(FRESH_SECONDS - 1)
    assert caller_of(issuer.token(), keys=keys) == ALICE
    assert beside.works == []

    clock.go(1)
    for _ in range(5):
        assert caller_of(issuer.token(), keys=keys) == ALICE
    assert len(beside.works) == 1
    assert issuer.requests == ONE_FETCH

    issuer.publish("second", rsa_key("second"))
    beside.finish()
    assert caller_of(issuer.token(kid="second"), keys=keys) == ALICE
    assert issuer.requests == ONE_FETCH * 2


def test_renewing_runs_in_a_thread_of_its_own(issuer: LocalIssuer, clock: Clock) -> None:
    keys = KeyCache(partial(fetch_keys, issuer.url), clock=clock)
    assert caller_of(issuer.token(), keys=keys) == ALICE
    clock.go(FRESH_SECONDS)
    issuer.publish("second", rsa_key("second"))
    issuer.open.clear()

    assert caller_of(issuer.token(), keys=keys) == ALICE  # and the issuer has not answered yet
    issuer.wait_for_requests(3)
    issuer.open.set()
    assert caller_of(issuer.token(kid="second"), keys=keys) == ALICE  # waits for the answer under way
    assert issuer.requests == ONE_FETCH * 2


def test_known_keys_serve_for_a_day_while_the_issuer_is_away(
    issuer: LocalIssuer, keys: KeyCache, clock: Clock, beside: Beside, caplog: pytest.LogCaptureFixture
) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    issuer.down = True

    for _ in range(23):
        clock.go(FRESH_SECONDS)
        assert caller_of(issuer.token(), keys=keys) == ALICE
        beside.finish()
    assert len(issuer.requests) == 2 + 23
    assert {record.levelno for record in caplog.records if record.name == "access"} == {logging.WARNING}

    clock.go(USABLE_SECONDS)
    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token(), keys=keys)

    issuer.down = False
    clock.go(AGAIN_SECONDS)
    assert caller_of(issuer.token(), keys=keys) == ALICE


def test_an_issuer_that_is_away_is_asked_again_after_a_minute(
    issuer: LocalIssuer, keys: KeyCache, clock: Clock, beside: Beside
) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    issuer.down = True
    clock.go(FRESH_SECONDS)

    for _ in range(10):
        assert caller_of(issuer.token(), keys=keys) == ALICE
        beside.finish()
    assert len(issuer.requests) == 3

    clock.go(AGAIN_SECONDS)
    assert caller_of(issuer.token(), keys=keys) == ALICE
    beside.finish()
    assert len(issuer.requests) == 4


def test_nobody_can_say_who_calls_while_no_key_was_ever_fetched(
    issuer: LocalIssuer, keys: KeyCache, clock: Clock
) -> None:
    issuer.down = True

    for _ in range(10):
        with pytest.raises(IssuerUnavailable) as refused:
            caller_of(issuer.token(), keys=keys)
        assert refused.value.retry_after == COLD_AGAIN_SECONDS
    assert issuer.requests == [DISCOVERY]

    issuer.down = False
    clock.go(COLD_AGAIN_SECONDS)
    assert caller_of(issuer.token(), keys=keys) == ALICE


def test_callers_do_not_wait_one_after_the_other_for_an_issuer_that_is_slow_to_fail(
    issuer: LocalIssuer, clock: Clock
) -> None:
    fetches: list[float] = []

    def fetch_slowly() -> KeySet:
        fetches.append(clock())
        clock.go(2 * COLD_AGAIN_SECONDS)
        raise IssuerUnavailable("no answer")

    keys = KeyCache(fetch_slowly, clock=clock)
    for _ in range(5):
        with pytest.raises(IssuerUnavailable):
            caller_of(issuer.token(), keys=keys)

    assert len(fetches) == 1


def test_an_unknown_key_is_refused_while_the_issuer_is_away(issuer: LocalIssuer, keys: KeyCache, clock: Clock) -> None:
    assert caller_of(issuer.token(), keys=keys) == ALICE
    issuer.down = True
    clock.go(AGAIN_SECONDS)

    with pytest.raises(InvalidCredentials):
        caller_of(issuer.token(kid="second"), keys=keys)
    assert caller_of(issuer.token(), keys=keys) == ALICE


def test_known_keys_serve_when_no_thread_can_be_started(issuer: LocalIssuer, clock: Clock) -> None:
    def refuse(work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    keys = KeyCache(partial(fetch_keys, issuer.url), clock=clock, start=refuse)
    assert caller_of(issuer.token(), keys=keys) == ALICE
    clock.go(FRESH_SECONDS)

    assert caller_of(issuer.token(), keys=keys) == ALICE
    assert caller_of(issuer.token(), keys=keys) == ALICE


def test_works_on_greenlets() -> None:
    program = [sys.executable, "-m", "tests.access.oidc.on_greenlets"]
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.settings"}

    done = subprocess.run(program, cwd=settings.BASE_DIR, env=environment, capture_output=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"64 callers, 4 requests\n", b"")
