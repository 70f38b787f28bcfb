"""Signatures of requests to AWS, version 4, for the one kind of request that is made all the time: a POST of a body.

botocore signs everything that AWS has and takes ten times as long. What is signed here, and how, is the same
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html); a test compares both.
"""

import datetime as dt
import hmac
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """Of one moment: those of a role are replaced by others every few hours."""

    access_key: str
    secret_key: str
    token: str | None


class Scope(NamedTuple):
    """Where a signature counts: `service` is its signing name (`bedrock`, not `bedrock-runtime`)."""

    region: str
    service: str


def signed(
    headers: Mapping[str, str], *, path: str, body: bytes, scope: Scope, credentials: Credentials, now: dt.datetime
) -> dict[str, str]:
    """These headers (names in lower case, `host` among them) and those that sign them.

    `path` is as it is sent, without a query; `now` is UTC.
    """
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    unsorted = {**headers, "x-amz-date": stamp}
    if credentials.token:
        unsorted["x-amz-security-token"] = credentials.token
    complete = dict(sorted(unsorted.items()))
    names = ";".join(complete)
    lines = "".join([f"{name}:{value}\n" for name, value in complete.items()])
    canonical = f"POST\n{quote(path, safe='/~')}\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    day = stamp[:8]
    place = f"{day}/{scope.region}/{scope.service}/aws4_request"
    text = f"{_ALGORITHM}\n{stamp}\n{place}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_key(credentials.secret_key, day, scope), text.encode(), "sha256").hex()
    complete["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{place}, SignedHeaders={names}, Signature={signature}"
    )
    return complete


@lru_cache(maxsize=32)  # a day's key for each service and region; credentials change every few hours
def _key(secret_key: str, day: str, scope: Scope) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, *scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
