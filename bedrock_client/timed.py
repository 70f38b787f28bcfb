"""The events of a stream while there is time for them: no silence too long, nothing behind the deadline or a stop."""

import math
from collections.abc import Iterator

from core.deadline import Deadline

from .errors import BedrockError, CallStopped, DeadlineExceeded
from .events import Event, Metered, read_events
from .failures import bedrock_errors
from .operations import StreamConnection
from .stopping import Stop

# Bedrock sends the metadata right behind the end of the message, and the end of the body right behind the metadata.
METADATA_SECONDS = 0.5
END_SECONDS = 0.1


class TimedEvents:
    """Reads one stream. Until `expect_within` is called a silence may last to the deadline."""

    def __init__(self, connection: StreamConnection, request_id: str, *, deadline: Deadline, stop: Stop) -> None:
        self._connection = connection
        self._deadline = deadline
        self._silence_seconds = math.inf
        self._stop = stop
        self._events = read_events(self._chunks(), request_id)
        stop.register(connection.cut)

    def expect_within(self, seconds: float) -> None:
        """From now on a silence of so many seconds is a stall."""
        self._silence_seconds = seconds

    def next(self) -> Event | None:
        """The next event; None at the end of the body. Raises a `BedrockError`."""
        try:
            event = self._next()
        except BedrockError as error:
            if self._stop.is_set():  # what a read meets that was cut has no meaning of its own
                raise CallStopped("stopped while the model was speaking") from error
            raise
        if self._stop.is_set():
            raise CallStopped("stopped while the model was speaking")
        return event

    def settle(self) -> Metered | None:
        """Wait shortly for the metadata and for the end of the body, which frees the connection for another call.

        Nothing that happens here can spoil an answer that is whole: None when the metadata did not come.
        """
        metered: Metered | None = None
        # First of all: at its end the connection is another call's, which this call's stop must not cut.
        self._stop.unregister(self._connection.cut)
        self._deadline = self._deadline.at_most(METADATA_SECONDS)
        try:
            while event := self._next():
                if isinstance(event, Metered):
                    metered = event
                    self._deadline = self._deadline.at_most(END_SECONDS)
        except BedrockError:
            return metered
        return metered

    def close(self) -> None:
        self._stop.unregister(self._connection.cut)
        self._connection.close()

    def _next(self) -> Event | None:
        with bedrock_errors():
            return next(self._events, None)

    def _chunks(self) -> Iterator[bytes]:
        while (seconds := self._deadline.remaining()) > 0:
            chunk = self._connection.read(min(seconds, self._silence_seconds))
            if not chunk:
                return
            yield chunk
        raise DeadlineExceeded("the deadline passed while the model was speaking")
