"""When a load balancer's key is fetched, how often strangers can cause that, and who is served meanwhile."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.callers import Caller
from access.errors import InvalidCredentials, IssuerUnavailable
from access.load_balancer import caller_of
from access.load_balancer.arns import keys_address
from access.load_balancer.public_keys import ABSENT_SECONDS, MAX_FETCHES, WINDOW_SECONDS, PublicKeys
from access.scopes import ALL_SCOPES
from tests.access.clock import Clock
from tests.access.publisher import Page, Publisher

from .signing import ARN, KID, STRANGER, header, publish

ALICE = Caller(owner="alice", scopes=ALL_SCOPES)
THREADS = 32


def new_kid() -> str:
    return str(uuid.uuid4())


def test_many_threads_at_a_cold_start_cause_one_fetch(keys: PublicKeys, publisher: Publisher) -> None:
    together = threading.Barrier(THREADS)
    value = header()
    publisher.open.clear()

    def call() -> Caller:
        together.wait()
        return caller_of(value, keys=keys)

    with ThreadPoolExecutor(THREADS) as pool:
        calls = [pool.submit(call) for _ in range(THREADS)]
        publisher.wait_for_requests(1)
        publisher.open.set()
        assert [call.result() for call in calls] == [ALICE] * THREADS
    assert publisher.requests == [f"/{KID}"]


def test_another_key_is_fetched_and_the_first_one_still_serves(keys: PublicKeys, publisher: Publisher) -> None:
    second = new_kid()
    publish(publisher, second, STRANGER)

    assert caller_of(header(), keys=keys) == ALICE
    assert caller_of(header(fields={"kid": second}, key=STRANGER), keys=keys) == ALICE
    assert caller_of(header(), keys=keys) == ALICE
    assert publisher.requests == [f"/{KID}", f"/{second}"]


def test_strangers_cannot_make_us_ask_more_than_a_few_times_a_minute(
    keys: PublicKeys, publisher: Publisher, clock: Clock
) -> None:
    assert caller_of(header(), keys=keys) == ALICE

    for _ in range(50):
        with pytest.raises((InvalidCredentials, IssuerUnavailable)):
            caller_of(header(fields={"kid": new_kid()}, key=STRANGER), keys=keys)
    assert len(publisher.requests) == MAX_FETCHES
    assert caller_of(header(), keys=keys) == ALICE

    with pytest.raises(IssuerUnavailable) as refused:
        caller_of(header(fields={"kid": new_kid()}), keys=keys)
    assert refused.value.retry_after == WINDOW_SECONDS

    clock.go(WINDOW_SECONDS)
    second = new_kid()
    publish(publisher, second, STRANGER)
    assert caller_of(header(fields={"kid": second}, key=STRANGER), keys=keys) == ALICE


@pytest.mark.parametrize("status", [403, 404])
def test_a_key_that_does_not_exist_is_not_asked_for_again_at_once(
    keys: PublicKeys, publisher: Publisher, clock: Clock, status: int
) -> None:
    missing = new_kid()
    publisher.pages[f"/{missing}"] = Page(b"", status)

    for _ in range(20):
        with pytest.raises(InvalidCredentials, match="a key that does not exist"):
            caller_of(header(fields={"kid": missing}), keys=keys)
    assert publisher.requests == [f"/{missing}"]

    clock.go(ABSENT_SECONDS)
    publish(publisher, missing)
    assert caller_of(header(fields={"kid": missing}), keys=keys) == ALICE


def test_known_keys_wait_for_nobody_while_another_is_fetched(keys: PublicKeys, publisher: Publisher) -> None:
    second = new_kid()
    publish(publisher, second, STRANGER)
    assert caller_of(header(), keys=keys) == ALICE
    publisher.open.clear()

    with ThreadPoolExecutor(1) as pool:
        new = pool.submit(caller_of, header(fields={"kid": second}, key=STRANGER), keys=keys)
        publisher.wait_for_requests(2)
        assert caller_of(header(), keys=keys) == ALICE  # while the other waits
        publisher.open.set()
        assert new.result() == ALICE


def test_known_keys_serve_while_nobody_publishes(keys: PublicKeys, publisher: Publisher, clock: Clock) -> None:
    assert caller_of(header(), keys=keys) == ALICE
    publisher.down = True

    with pytest.raises(IssuerUnavailable):
        caller_of(header(fields={"kid": new_kid()}), keys=keys)
    clock.go(7 * 86_400)
    assert caller_of(header(), keys=keys) == ALICE


def test_a_key_that_could_not_be_fetched_is_asked_for_again(keys: PublicKeys, publisher: Publisher) -> None:
    publisher.down = True
    with pytest.raises(IssuerUnavailable) as refused:
        caller_of(header(), keys=keys)
    assert refused.value.retry_after == 1

    publisher.down = False
    assert caller_of(header(), keys=keys) == ALICE


def test_the_number_of_keys_kept_is_bounded(keys: PublicKeys, publisher: Publisher, clock: Clock) -> None:
    assert caller_of(header(), keys=keys) == ALICE
    for _ in range(64):
        other = new_kid()
        publish(publisher, other, STRANGER)
        clock.go(WINDOW_SECONDS)
        assert caller_of(header(fields={"kid": other}, key=STRANGER), keys=keys) == ALICE

    assert caller_of(header(), keys=keys) == ALICE
    assert publisher.requests.count(f"/{KID}") == 2


@pytest.mark.parametrize(
    ("arn", "address"),
    [
        (ARN, "https://public-keys.auth.elb.eu-west-1.amazonaws.com"),
        (
            ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-east-1"),
            "https://s3-us-gov-east-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-east-1",
        ),
        (ARN.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1"), None),
        (ARN.replace("/app/", "/net/"), None),
        (ARN.replace("eu-west-1", "evil.example/"), None),
        (ARN + "\n", None),
        ("", None),
    ],
)
def test_the_region_says_where_keys_are_published(arn: str, address: str | None) -> None:
    assert keys_address(arn) == address
