"""Addresses from which failures come."""

import httpx
import pytest
from pytest_django import Settings

from access.errors import RateLimited
from access.limits import strangers
from tests.access.keys.making import issue
from tests.conversations.api.asking import problem


def is_let_in(address: str) -> bool:
    try:
        strangers.check(address)
    except RateLimited:
        return False
    return True


@pytest.fixture(autouse=True)
def three_failures(settings: Settings) -> None:
    settings.RATE_LIMIT_FAILURES = "3/hour"


def fail(address: str, times: int = 3) -> None:
    for _ in range(times):
        strangers.count(address)


def test_an_address_is_refused_after_its_failures_and_no_other_is() -> None:
    fail("192.0.2.1", times=2)
    assert is_let_in("192.0.2.1")
    fail("192.0.2.1", times=1)
    assert not is_let_in("192.0.2.1")
    assert is_let_in("192.0.2.2")


def test_a_refused_address_is_told_when_to_come_back(settings: Settings) -> None:
    settings.RATE_LIMIT_FAILURES = "1/day"
    strangers.count("192.0.2.1")
    with pytest.raises(RateLimited) as refused:
        strangers.check("192.0.2.1")
    assert 86_000 < (refused.value.retry_after or 0) <= 86_400


def test_looking_is_no_failure() -> None:
    assert all(is_let_in("192.0.2.1") for _ in range(10))


def test_an_ipv6_network_is_one_address() -> None:
    for host in range(3):
        strangers.count(f"2001:db8:1:2::{host}")
    assert not is_let_in("2001:db8:1:2:ffff::1")
    assert is_let_in("2001:db8:1:3::1")


def test_an_ipv4_address_is_the_same_on_a_socket_of_both_kinds() -> None:
    fail("::ffff:192.0.2.1")
    assert not is_let_in("192.0.2.1")
    assert is_let_in("::ffff:192.0.2.2")


def test_an_empty_rate_is_none(settings: Settings) -> None:
    settings.RATE_LIMIT_FAILURES = ""
    fail("192.0.2.1", times=100)
    assert is_let_in("192.0.2.1")


def sign_in(api: httpx.Client, credentials: str, forwarded: str = "") -> int:
    """The status of a request with these credentials."""
    headers = {"Authorization": f"Bearer {credentials}", "X-Forwarded-For": forwarded}
    answer = api.get("/sessions", headers=headers)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        assert problem(answer) == (429, "rate_limited")
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
        assert "RateLimit-Limit" not in answer.headers
    return answer.status_code


def test_over_http_failures_become_429_and_a_key_in_use_goes_on(api: httpx.Client) -> None:
    known, new = issue().secret, issue().secret
    assert sign_in(api, known) == 200
    assert [sign_in(api, "garbage") for _ in range(5)] == [401, 401, 401, 429, 429]
    assert (sign_in(api, known), sign_in(api, new)) == (200, 429)


@pytest.mark.parametrize(
    ("proxies", "statuses"),
    [
        (0, [401, 401, 401, 429, 429]),  # all come through one socket
        (1, [401, 401, 401, 401, 401]),  # five clients
        (2, [401, 401, 401, 429, 429]),  # one client behind five proxies
    ],
)
def test_over_http_a_forged_header_gives_nobody_a_new_address(
    api: httpx.Client, settings: Settings, proxies: int, statuses: list[int]
) -> None:
    settings.TRUSTED_PROXIES = proxies
    routes = [f"10.0.0.{number}, 198.51.100.1, 192.0.2.{number}" for number in range(5)]
    assert [sign_in(api, "garbage", route) for route in routes] == statuses


def test_over_http_requests_without_credentials_are_failures_too(api: httpx.Client, settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = False
    assert [api.get("/sessions").status_code for _ in range(4)] == [401, 401, 401, 429]
