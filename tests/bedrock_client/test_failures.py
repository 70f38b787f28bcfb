"""What the exceptions mean that no server can be scripted to cause."""

import pytest
from botocore import exceptions as boto

from bedrock_client import BedrockError, DeadlineExceeded, ModelAccessDenied, ModelError, ModelUnavailable
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
