"""What the exceptions mean that no server can be scripted to cause."""

import struct
from typing import Any

import pytest
from botocore import eventstream
from botocore import exceptions as boto
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as http

from bedrock_client import (
    BedrockError,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelThrottled,
    ModelUnavailable,
)
from bedrock_client.errors import UnreadableAnswer
from bedrock_client.failures import bedrock_errors

ENDPOINT = "https://bedrock-runtime.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("raised", "meaning"),
    [
        (boto.NoCredentialsError(), ModelAccessDenied),
        (boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), ModelAccessDenied),
        (boto.CredentialRetrievalError(provider="assume-role", error_msg="expired"), ModelAccessDenied),
        (boto.UnauthorizedSSOTokenError(), ModelAccessDenied),
        (boto.TokenRetrievalError(provider="sso", error_msg="expired"), ModelAccessDenied),
        (boto.ProfileNotFound(profile="nobody"), ModelAccessDenied),
        (boto.EndpointConnectionError(endpoint_url=ENDPOINT), ModelUnavailable),
        (boto.ConnectTimeoutError(endpoint_url=ENDPOINT), ModelUnavailable),
        (boto.SSLError(endpoint_url=ENDPOINT, error=OSError("bad certificate")), ModelUnavailable),
        (boto.ProxyConnectionError(proxy_url="http://127.0.0.1:1"), ModelUnavailable),
        (boto.ConnectionClosedError(endpoint_url=ENDPOINT), ModelUnavailable),
        (boto.HTTPClientError(error="broken"), ModelUnavailable),
        (boto.ReadTimeoutError(endpoint_url=ENDPOINT), DeadlineExceeded),
        (boto.InvalidRegionError(region_name="nowhere!"), ModelError),
        (http.ReadTimeoutError(HTTPConnectionPool("127.0.0.1"), "/", "silence"), DeadlineExceeded),
        (http.ProtocolError("Connection broken"), ModelUnavailable),
        (http.SSLError("bad record"), ModelUnavailable),
        (eventstream.ChecksumMismatch(1, 2), UnreadableAnswer),
        (eventstream.DuplicateHeader(":event-type"), UnreadableAnswer),
        (struct.error("unpack requires a buffer of 4 bytes"), UnreadableAnswer),
        (KeyError("delta"), UnreadableAnswer),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_every_exception_of_the_sdk_has_a_meaning(raised: Exception, meaning: type[BedrockError]) -> None:
    with pytest.raises(meaning) as caught, bedrock_errors():
        raise raised

    assert caught.value.__cause__ is raised


def test_a_mistake_of_ours_stays_visible() -> None:
    with pytest.raises(ZeroDivisionError), bedrock_errors():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("throttlingException", ModelThrottled),
        ("internalServerException", ModelUnavailable),
        ("serviceUnavailableException", ModelUnavailable),
        ("modelStreamErrorException", ModelUnavailable),
        ("modelTimeoutException", DeadlineExceeded),
        ("validationException", ModelError),
        ("anExceptionOf2027", ModelError),
        ("", ModelError),
    ],
)
def test_an_exception_in_a_stream_means_what_it_means_in_a_refusal(code: str, meaning: type[BedrockError]) -> None:
    response: Any = {"Error": {"Code": code, "Message": "what the vendor says"}}

    with pytest.raises(meaning, match="what the vendor says"), bedrock_errors():
        raise boto.EventStreamError(response, "ConverseStream")
