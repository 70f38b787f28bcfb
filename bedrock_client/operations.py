"""What a model call needs of its region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .values import ModelRequest


class StreamConnection(Protocol):
    """The bytes of one streamed answer. One thread reads and closes; `cut` may be called from any other."""

    def read(self, seconds: float) -> bytes:
        """The next bytes, as soon as there are any; none at the end of the answer.

        Raises urllib3's errors: `ReadTimeoutError` when nothing comes for so many seconds (more than 0),
        `ProtocolError` when the connection breaks.
        """

    def cut(self) -> None:
        """End a read that is under way in another thread or greenlet, and tell Bedrock that nobody listens."""

    def close(self) -> None:
        """Close the connection unless the answer was read to its end. A second time changes nothing."""


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """An answer whose bytes are still to come, and AWS's name for its request."""

    connection: StreamConnection
    request_id: str


class Runtime(Protocol):
    """The operations of one region. `seconds` is how long Bedrock may be silent.

    Both raise botocore's and urllib3's errors, which `failures.bedrock_errors` translates.
    """

    def converse(self, request: ModelRequest, seconds: float) -> Mapping[str, Any]:
        """The body of the answer, with a field `error` where its moderation blocked it."""

    def converse_stream(self, request: ModelRequest, seconds: float) -> StreamedBody:
        """The answer as soon as it begins."""
