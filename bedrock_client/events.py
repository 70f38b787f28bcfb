"""The events of a streamed answer, out of the bytes of its frames.

botocore's decoder takes the frames apart and checks their sums. The payloads are read here: botocore's own parser
passes over one that is not JSON, and drops the name of an exception that it does not know in this operation.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.eventstream import EventStreamBuffer, EventStreamHeaderParser
from botocore.exceptions import EventStreamError

from .parsing import parsed
from .values import Usage
from .wire import usage_from_wire


@dataclass(frozen=True, slots=True)
class TextSaid:
    """The next piece of the answer's text, as the model wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class MessageEnded:
    """The model has said everything."""

    stop_reason: str


@dataclass(frozen=True, slots=True)
class Metered:
    """What the answer was billed, and the model's own time for it."""

    usage: Usage
    latency_ms: int


# botocore's mark on an event; exceptions and errors have another.
_GOOD = 200

Event = TextSaid | MessageEnded | Metered


def read_events(chunks: Iterable[bytes], request_id: str) -> Iterator[Event]:
    """The events in these bytes, each as soon as it is whole; those without a meaning for us are left out.

    Raises `EventStreamError`, naming the request, for an exception frame, and for a frame that cannot be read (a wrong
    sum, no JSON, not what its type must hold) what `bedrock_errors` takes for unreadable.
    """
    buffer = _Frames()
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            frame = message.to_response_dict()
            if frame["status_code"] != _GOOD:
                raise _exception(frame["headers"], frame["body"], request_id)
            event = _event(frame["headers"].get(":event-type"), frame["body"])
            if event:
                yield event


class _Frames(EventStreamBuffer):
    """botocore's decoder. All pieces of text have the same headers, byte for byte, so those are read once."""

    def __init__(self) -> None:
        super().__init__()
        self._header_parser = _KnownHeaders()


class _KnownHeaders(EventStreamHeaderParser):
    def parse(self, data: bytes) -> dict[str, Any]:
        """Shared by all frames that have them: nobody changes them."""
        return _headers(data)


@lru_cache(maxsize=16)
def _headers(data: bytes) -> dict[str, Any]:
    return EventStreamHeaderParser().parse(data)


def _event(kind: str | None, payload: bytes) -> Event | None:
    match kind:
        case "contentBlockDelta":
            # Deltas of other kinds (reasoning, tool use) are not said to the user.
            return TextSaid(_string(parsed(payload)["delta"].get("text", "")))
        case "messageStop":
            return MessageEnded(_string(parsed(payload)["stopReason"]))
        case "metadata":
            body = parsed(payload)
            return Metered(usage_from_wire(body["usage"]), body.get("metrics", {}).get("latencyMs", 0))
        case _:
            return None


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string where one must be")
    return value


def _exception(headers: Mapping[str, str], payload: bytes, request_id: str) -> EventStreamError:
    code = headers.get(":exception-type") or headers.get(":error-code") or "unknown"
    # The whole payload: some exceptions say more than a message, and the text is for the log alone.
    text = headers.get(":error-message") or payload.decode("utf-8", "replace")
    response: Any = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"RequestId": request_id}}
    return EventStreamError(response, "ConverseStream")
