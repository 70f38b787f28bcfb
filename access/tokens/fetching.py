"""Public keys come over the network: one bounded GET, and no way for the other side to hold us or send us elsewhere."""

import time

import urllib3
from urllib3.util import Timeout, Url, parse_url

from access.errors import IssuerUnavailable

# For the connection and the status line; then for the body.
TIMEOUT_SECONDS = 3.0
MAX_BYTES = 256 * 1024
_PIECE_BYTES = 16 * 1024
_LOOPBACK = ("127.0.0.1", "localhost")


def may_be_fetched(url: str) -> bool:
    """Whether keys from there can be trusted: https, or this machine."""
    try:
        parts: Url = parse_url(url)
    except urllib3.exceptions.LocationParseError:
        return False
    return bool(parts.host) and (parts.scheme == "https" or (parts.scheme == "http" and parts.host in _LOOPBACK))


def fetch(url: str) -> bytes | None:
    """The body at `url`; None where nothing is (S3 says 403 for that). Raises IssuerUnavailable for anything else.

    A pool of its own for each call: hours lie between two, and a connection kept so long is dead when it is needed.
    """
    if not may_be_fetched(url):
        raise IssuerUnavailable("keys are published at an address that is not https")
    try:
        with (
            urllib3.PoolManager(timeout=Timeout(total=TIMEOUT_SECONDS), retries=False) as pool,
            pool.request("GET", url, redirect=False, preload_content=False, decode_content=False) as answer,
        ):
            if answer.status in {403, 404}:
                return None
            if answer.status != 200:  # noqa: PLR2004  # OK; a redirection is no answer either
                raise IssuerUnavailable(f"{url} answered with status {answer.status}")
            return _body(url, answer)
    except urllib3.exceptions.HTTPError as error:
        raise IssuerUnavailable(f"{url} cannot be read: {error}") from error


def _body(url: str, answer: urllib3.BaseHTTPResponse) -> bytes:
    until = time.monotonic() + TIMEOUT_SECONDS
    body = bytearray()
    while piece := answer.read1(_PIECE_BYTES):
        body += piece
        if len(body) > MAX_BYTES:
            raise IssuerUnavailable(f"{url} answered with more than {MAX_BYTES} bytes")
        if time.monotonic() > until:
            raise IssuerUnavailable(f"{url} took longer than {TIMEOUT_SECONDS} s to answer")
    return bytes(body)
