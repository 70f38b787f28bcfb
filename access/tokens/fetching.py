"""What is asked of an issuer: bounded, and with no way for the other side to hold us or to send us elsewhere."""

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import urllib3
from urllib3.util import Timeout, Url, parse_url

from access.errors import IssuerUnavailable

# For the connection and the status line; then for the body.
TIMEOUT_SECONDS = 3.0
# The same for a form: an issuer works for its answer.
FORM_TIMEOUT_SECONDS = 10.0
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
    """The body at `url`; None where nothing is (S3 says 403 for that). Raises IssuerUnavailable for anything else."""
    status, body = _ask("GET", url, reading={200}, seconds=TIMEOUT_SECONDS)
    if status in {403, 404}:
        return None
    if status != 200:  # noqa: PLR2004  # OK; a redirection is no answer either
        raise IssuerUnavailable(f"{url} answered with status {status}")
    return body


def post_form(url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer to a form; the body is read where there is an answer or a refusal of RFC 6749.

    Raises IssuerUnavailable where nothing answers.
    """
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    body = urlencode(fields)
    return _ask("POST", url, reading={200, 400, 401}, seconds=FORM_TIMEOUT_SECONDS, body=body, headers=form)


def _ask(
    method: str,
    url: str,
    *,
    reading: set[int],
    seconds: float,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body; the body of a status that nobody is `reading` stays empty.

    A pool of its own for each call: hours lie between two, and a connection kept so long is dead when it is needed.
    """
    if not may_be_fetched(url):
        raise IssuerUnavailable("the issuer names an address that is not https")
    try:
        with (
            urllib3.PoolManager(timeout=Timeout(total=seconds), retries=False) as pool,
            pool.request(
                method,
                url,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
                decode_content=False,
            ) as answer,
        ):
            return answer.status, _body(url, answer, seconds) if answer.status in reading else b""
    except urllib3.exceptions.HTTPError as error:
        raise IssuerUnavailable(f"{url} cannot be read: {error}") from error


def _body(url: str, answer: urllib3.BaseHTTPResponse, seconds: float) -> bytes:
    until = time.monotonic() + seconds
    body = bytearray()
    while piece := answer.read1(_PIECE_BYTES):
        body += piece
        if len(body) > MAX_BYTES:
            raise IssuerUnavailable(f"{url} answered with more than {MAX_BYTES} bytes")
        if time.monotonic() > until:
            raise IssuerUnavailable(f"{url} took longer than {seconds} s to answer")
    return bytes(body)
