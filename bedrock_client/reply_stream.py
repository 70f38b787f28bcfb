"""An answer while the model gives it."""

import logging
from collections.abc import Generator, Iterator

from .errors import (
    BedrockError,
    CallStopped,
    ContentBlocked,
    EmptyReply,
    ModelThrottled,
    ModelUnavailable,
    UnreadableAnswer,
)
from .events import MessageEnded, Metered, TextSaid
from .regions import RestingRegions, Target, resting_regions
from .timed import TimedEvents
from .values import ModelReply, Usage
from .visible import VisibleText
from .wire import BLOCKED_REASONS

logger = logging.getLogger("bedrock_client")


class ReplyStream:
    """Iterate for the visible text, piece by piece: none is empty, and together they are the reply's text exactly.

    `model_id` and `region` say who answers. Iteration raises a `BedrockError` when the reply breaks off; `text` is what
    was said until then. One thread reads and closes. Close a stream that is not read to its end:
    `with contextlib.closing(stream): ...`.
    """

    def __init__(
        self,
        events: TimedEvents,
        target: Target,
        *,
        stall_seconds: float,
        spent: Usage,
        regions: RestingRegions = resting_regions,
    ) -> None:
        self.model_id = target.model_id
        self.region = target.region
        self._events = events
        self._stall_seconds = stall_seconds
        self._spent = spent
        self._regions = regions
        self._first = ""
        self._said: list[str] = []
        self._visible = VisibleText()
        self._pieces = self._speak()
        self._reply: ModelReply | None = None

    @property
    def text(self) -> str:
        """Everything visible that was said so far, after an error too."""
        return "".join(self._said)

    @property
    def reply(self) -> ModelReply:
        """The whole reply. Raises `RuntimeError` unless iteration has come to its end without an error."""
        if self._reply is None:
            raise RuntimeError("the reply is not whole")
        return self._reply

    def begin(self) -> None:
        """Wait for the first visible text. After an error the stream is closed; another target may be asked."""
        try:
            self._first = next(self._pieces)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._first:
            piece, self._first = self._first, ""
            return piece
        try:
            return next(self._pieces)
        except BedrockError as error:
            raise self._broken_off(error) from error.__cause__

    def close(self) -> None:
        """Close the connection if the reply was not read to its end. A second time changes nothing."""
        self._pieces.close()
        self._events.close()

    def _speak(self) -> Generator[str]:
        try:
            while event := self._events.next():
                match event:
                    case TextSaid(text):
                        yield from self._say(self._visible.feed(text))
                    case MessageEnded(stop_reason):
                        yield from self._end(stop_reason)
                        return
            raise ModelUnavailable("the stream ended before the message did")
        finally:
            self._events.close()

    def _say(self, shown: str) -> Iterator[str]:
        if shown:
            self._events.expect_within(self._stall_seconds)
            self._said.append(shown)
            yield shown

    def _end(self, stop_reason: str) -> Iterator[str]:
        blocked = stop_reason in BLOCKED_REASONS
        if not blocked:
            yield from self._say(self._visible.close())
        metered = self._events.settle()
        usage = metered.usage if metered else None
        if blocked:
            raise ContentBlocked(f"the answer was blocked: {stop_reason}", usage=usage)
        if not self._said:
            raise EmptyReply(f"no text, stop reason {stop_reason}", usage=usage)
        self._reply = self._whole(stop_reason, metered)

    def _whole(self, stop_reason: str, metered: Metered | None) -> ModelReply:
        return ModelReply(
            text=self.text,
            stop_reason=stop_reason,
            usage=self._spent + metered.usage if metered else None,
            latency_ms=metered.latency_ms if metered else 0,
            model_id=self.model_id,
            region=self.region,
        )

    def _broken_off(self, error: BedrockError) -> BedrockError:
        """What a break in the middle of the reply means to the caller, who alone can ask again now."""
        if isinstance(error, UnreadableAnswer):
            error = ModelUnavailable(str(error))
        if not isinstance(error, CallStopped):
            logger.warning("%s in %s broke off: %s: %s", self.model_id, self.region, error.code, error)
        if isinstance(error, ModelThrottled | ModelUnavailable):
            self._regions.rest(self.region)
            error.retry_after = error.retry_after or 1.0
        error.usage = self._spent + error.usage
        return error
