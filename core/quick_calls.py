"""Calls to AWS without the SDK's work around them.

A chat makes three calls, and botocore's work around each (its hooks, the rules of endpoints, the walk through shapes,
the books of its retries) is most of what a chat would cost: docs/PERFORMANCE.md. So the few operations that are called
all the time are posted from here, with the SDK's own credentials, endpoint and certificates. One attempt, no more: what
to do about a failure is the caller's to say, who has the SDK's client at hand.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.credentials import Credentials as SDKCredentials
from botocore.utils import get_environ_proxies, get_token_from_environment

from core.aws_clients import ca_bundle, credentials
from core.aws_signature import Credentials, Scope, signed
from core.connection_pool import ConnectionPool
from core.http_exchange import Answer, post

_DEFAULT_PORTS = {"http": 80, "https": 443}


def quick_calls(client: Any) -> "QuickCalls | None":  # noqa: ANN401  # botocore makes the client's class at run time
    """Calls to the service and region of this client; None where only the SDK knows how they are made.

    That is behind a proxy, and where requests are not signed as usual (AWS_BEARER_TOKEN_BEDROCK, a preferred scheme).
    """
    meta = client.meta
    signs_otherwise = (
        meta.config.signature_version != "v4"
        or meta.config.auth_scheme_preference
        or get_token_from_environment(meta.service_model.signing_name)
    )
    if signs_otherwise or get_environ_proxies(meta.endpoint_url):
        return None
    signer = credentials()
    return QuickCalls(client, signer) if signer else None


class QuickCalls:
    """Posts to one service in one region. Thread-safe; connections are kept alive."""

    def __init__(self, client: Any, signer: SDKCredentials) -> None:  # noqa: ANN401  # as above
        self._signer = signer
        meta, endpoint = client.meta, urlsplit(client.meta.endpoint_url)
        is_default_port = endpoint.port == _DEFAULT_PORTS[endpoint.scheme]
        self._host = endpoint.netloc.rpartition(":")[0] if is_default_port else endpoint.netloc
        self._base = endpoint.path.rstrip("/")
        self._scope = Scope(meta.region_name, meta.service_model.signing_name)
        self._user_agent = meta.config.user_agent
        self._read_seconds: float = meta.config.read_timeout
        self._pool = ConnectionPool(
            meta.endpoint_url,
            ca_bundle=ca_bundle(client),
            connections=meta.config.max_pool_connections,
            connect_seconds=meta.config.connect_timeout,
        )

    def post(self, path: str, body: bytes, headers: Mapping[str, str], *, read_seconds: float | None = None) -> Answer:
        """The answer, whatever its status, its body still to be read.

        `path` is as it is sent, names of `headers` are in lower case. `read_seconds` is how long the service may be
        silent, the client's own time unless given. Raises urllib3's errors, and botocore's where credentials cannot be
        had.
        """
        path = self._base + path
        frozen = self._signer.get_frozen_credentials()
        complete = signed(
            {**headers, "host": self._host},
            path=path,
            body=body,
            scope=self._scope,
            credentials=Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token),
            now=dt.datetime.now(dt.UTC),
        )
        complete["user-agent"] = self._user_agent
        complete["accept-encoding"] = "identity"
        return post(self._pool, path, body, complete, seconds=read_seconds or self._read_seconds)

    def close(self) -> None:
        """Closes the connections that wait for a call."""
        self._pool.close()
