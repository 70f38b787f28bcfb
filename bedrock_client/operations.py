"""What a model call needs of its region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from urllib3 import HTTPResponse

# Converse's parameters, as `wire.to_wire` makes them.
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """An answer whose bytes are still to come, and AWS's name for its request."""

    response: HTTPResponse
    request_id: str


class Runtime(Protocol):
    """The operations of one region. `seconds` is how long Bedrock may be silent.

    Both raise botocore's and urllib3's errors, which `failures.bedrock_errors` translates.
    """

    def converse(self, arguments: Arguments, seconds: float) -> Mapping[str, Any]:
        """The body of the answer, with a field `error` where its moderation blocked it."""

    def converse_stream(self, arguments: Arguments, seconds: float) -> StreamedBody:
        """The answer as soon as it begins."""
