"""The client's address, and what may be believed of it."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from apig_wsgi import make_lambda_handler
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from pytest_django import Settings

from access.addresses import client_address, network_of

SOCKET = "203.0.113.9"


def seen(forwarded: str | None, remote: str = SOCKET) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize("forwarded", [None, "", "198.51.100.1", "198.51.100.1, 198.51.100.2"])
def test_without_proxies_it_is_the_sockets_whatever_the_header_says(settings: Settings, forwarded: str | None) -> None:
    settings.TRUSTED_PROXIES = 0
    assert seen(forwarded) == SOCKET


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1, 198.51.100.1", "198.51.100.1"),  # the first one was sent by the caller
        (1, "10.0.0.1,198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.1, 198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (2, "198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (2, "198.51.100.1", SOCKET),  # past a proxy that should have been there
        (1, "", SOCKET),
        (1, None, SOCKET),
        (1, "198.51.100.1,", SOCKET),
    ],
)
def test_behind_proxies_it_is_what_the_outermost_appended(
    settings: Settings, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert seen(forwarded) == address


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("198.51.100.1:4711", "198.51.100.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("  198.51.100.1\t", "198.51.100.1"),
        ("unknown", SOCKET),
        ("_hidden", SOCKET),
        ("198.51.100", SOCKET),
        ("198.51.100.1.2", SOCKET),
        ("0x7f.1", SOCKET),
        ("fe80::1%eth0", SOCKET),
        ("[2001:db8::1", "2001:db8::1"),
        ("[", SOCKET),
        (":", SOCKET),
        ("\u0661\u0669\u0668.51.100.1", SOCKET),
        ("'; DROP TABLE sessions; --", SOCKET),
    ],
)
def test_an_entry_is_an_address_or_it_is_not_looked_at(settings: Settings, entry: str, address: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert seen(f"10.0.0.1, {entry}") == address


@pytest.mark.parametrize(
    ("remote", "address"), [("::ffff:203.0.113.9", SOCKET), ("2001:0db8::0001", "2001:db8::1"), ("", "")]
)
def test_the_sockets_address_has_one_form(settings: Settings, remote: str, address: str) -> None:
    settings.TRUSTED_PROXIES = 0
    assert seen(None, remote=remote) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
    ],
)
def test_a_client_is_known_by_its_ipv4_address_or_the_64_around_its_ipv6(address: str, network: str) -> None:
    assert network_of(address) == network


def on_lambda(event: dict[str, Any]) -> str:
    """The address that is seen when apig-wsgi hands over this event."""
    found = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found.append(client_address(WSGIRequest(environ)))
        start_response("204 No Content", [])
        return []

    make_lambda_handler(application)(event, None)
    return found[0]


def function_url(forwarded: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"host": "localhost", "x-forwarded-for": forwarded},
        "requestContext": {"http": {"method": "GET", "path": "/", "sourceIp": SOCKET, "protocol": "HTTP/1.1"}},
    }


def load_balancer(forwarded: str) -> dict[str, Any]:
    return {
        "httpMethod": "GET",
        "path": "/",
        "headers": {"host": "localhost", "x-forwarded-for": forwarded},
        "queryStringParameters": {},
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:tg/a/b"}},
    }


def rest_api(forwarded: str) -> dict[str, Any]:
    return load_balancer(forwarded) | {"requestContext": {"identity": {"sourceIp": SOCKET}}}


@pytest.mark.parametrize("make_event", [function_url, rest_api])
@pytest.mark.parametrize("forwarded", ["", "10.0.0.1", f"10.0.0.1, {SOCKET}"])
def test_on_lambda_it_is_what_aws_saw(
    settings: Settings, make_event: Callable[[str], dict[str, Any]], forwarded: str
) -> None:
    settings.TRUSTED_PROXIES = 0
    assert on_lambda(make_event(forwarded)) == SOCKET


@pytest.mark.parametrize("forwarded", ["10.0.0.1, 198.51.100.1", f"10.0.0.1, 198.51.100.1, {SOCKET}"])
def test_behind_a_proxy_of_ours_lambda_may_have_appended_the_proxy(settings: Settings, forwarded: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert on_lambda(function_url(forwarded)) == "198.51.100.1"


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_load_balancer_in_front_of_lambda_is_a_proxy_without_being_named(settings: Settings, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert on_lambda(load_balancer("10.0.0.1, 198.51.100.1")) == "198.51.100.1"
    assert on_lambda(load_balancer("forged")) == ""
