"""From what boto3 raises to what it means: the one place that knows Bedrock's error names.

Names and statuses are those of the operation's reference:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
A stream spells them in lower camel case and has one more:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from botocore.eventstream import ParserError
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as http

from .errors import (
    BedrockError,
    ContentBlocked,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelThrottled,
    ModelUnavailable,
    ModelUnreachable,
    UnreadableAnswer,
)

_LONGEST_VENDOR_TEXT = 500
_BLOCKED_INPUT = "blocked by our content filters"

_BY_CODE: dict[str, type[BedrockError]] = {
    "ThrottlingException": ModelThrottled,
    "ModelNotReadyException": ModelThrottled,
    # A quota belongs to one region and one model, so the next of either may still have room.
    "ServiceQuotaExceededException": ModelThrottled,
    "InternalServerException": ModelUnavailable,
    "ServiceUnavailableException": ModelUnavailable,
    "ModelTimeoutException": DeadlineExceeded,
    "ModelErrorException": ModelError,
    # The reference says of it: "Retry your request."
    "ModelStreamErrorException": ModelUnavailable,
    "ValidationException": ModelError,
    "AccessDeniedException": ModelAccessDenied,
    # What is not found is a model our account cannot call here: never granted, past its end of life, not in the region.
    "ResourceNotFoundException": ModelAccessDenied,
    "UnrecognizedClientException": ModelAccessDenied,
    "ExpiredTokenException": ModelAccessDenied,
    "InvalidSignatureException": ModelAccessDenied,
    "IncompleteSignatureException": ModelAccessDenied,
    "MissingAuthenticationTokenException": ModelAccessDenied,
}
_BY_STATUS: dict[int, type[BedrockError]] = {
    401: ModelAccessDenied,
    403: ModelAccessDenied,
    404: ModelAccessDenied,
    408: DeadlineExceeded,
    429: ModelThrottled,
    504: DeadlineExceeded,
}
_FIRST_SERVER_ERROR = 500

_BAD_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.RefreshWithMFAUnsupportedError,
    boto.NoAuthTokenError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.LoginError,
    boto.ProfileNotFound,
)
# What parsers trip over when a body, or a frame of a stream, is not of the shape they expect.
_UNREADABLE = (ResponseParserError, ParserError, struct.error, AttributeError, KeyError, TypeError, ValueError)


@contextmanager
def bedrock_errors() -> Iterator[None]:
    """Around a boto3 call or the reading of its stream: what is raised leaves as a `BedrockError`, caused by it."""
    try:
        yield
    except boto.ClientError as error:
        raise _from_response(error) from error
    except boto.BotoCoreError as error:
        raise _from_transport(error) from error
    except http.HTTPError as error:
        # botocore translates what a call raises, and leaves what the reading of its stream raises as it is.
        raise _from_stream(error) from error
    except _UNREADABLE as error:
        raise UnreadableAnswer(f"an answer that cannot be read: {type(error).__name__}") from error


def _from_response(error: boto.ClientError) -> BedrockError:
    code = error.response.get("Error", {}).get("Code", "")
    text = str(error.response.get("Error", {}).get("Message", ""))
    metadata = error.response.get("ResponseMetadata", {})
    if _BLOCKED_INPUT in text:
        return ContentBlocked(f"{code}: the question was blocked")
    kind = _BY_CODE.get(code[:1].upper() + code[1:]) or _by_status(metadata.get("HTTPStatusCode", 0))
    message = f"{code} (request {metadata.get('RequestId', 'unknown')}): {_one_line(text)}"
    if not issubclass(kind, ModelThrottled | ModelUnavailable):
        return kind(message)
    return kind(message, retry_after=_seconds(metadata.get("HTTPHeaders", {}).get("retry-after", "")))


def _by_status(status: int) -> type[BedrockError]:
    return _BY_STATUS.get(status, ModelUnavailable if status >= _FIRST_SERVER_ERROR else ModelError)


def _from_transport(error: boto.BotoCoreError) -> BedrockError:
    message = f"{type(error).__name__}: {_one_line(str(error))}"
    if isinstance(error, boto.ReadTimeoutError):
        return DeadlineExceeded(message)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return ModelUnreachable(message)
    if isinstance(error, _BAD_CREDENTIALS):
        return ModelAccessDenied(message)
    return ModelError(message)


def _from_stream(error: http.HTTPError) -> BedrockError:
    message = f"{type(error).__name__}: {_one_line(str(error))}"
    return DeadlineExceeded(message) if isinstance(error, http.ReadTimeoutError) else ModelUnreachable(message)


def _one_line(vendor_text: str) -> str:
    """Fit for a line of the log, whatever the vendor wrote."""
    return " ".join(vendor_text.split())[:_LONGEST_VENDOR_TEXT]


def _seconds(retry_after: str) -> float | None:
    """Retry-After as seconds (RFC 9110, 10.2.3); its other form, a date, would need clocks that agree."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
