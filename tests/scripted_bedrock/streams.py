"""What only streams can do: pieces that a test chooses, gates between them, and every way in which a stream can end."""

import threading
from dataclasses import dataclass, field

from . import frames
from .connection import Connection
from .wire import ModelCall, Tokens, converse_answer, cut_answer, error_answer, estimated_tokens

# The message was ended (messageStop). Behind that: metadata and an orderly end; an orderly end; silence; a cut frame.
WHOLE_ENDS = ("whole", "no_metadata", "silent_metadata", "cut_metadata")
# It was not: an orderly end; a frame cut in its middle; a reset; silence, then a reset; a frame that comes byte by byte
# for longer than anybody waits; a frame whose sum is wrong; a piece whose payload is no JSON, and all the rest as if it
# were.
BROKEN_ENDS = ("eof", "cut", "reset", "stall", "drip", "bad_checksum", "bad_json")
LONG_TEXT = "x" * 10_000
DRIP_SECONDS = 0.01
GATE_SECONDS = 30.0


@dataclass(frozen=True)
class Gate:
    """Stands between two pieces: behind it nothing is sent before the test opens it."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        self.opened.set()


@dataclass(frozen=True)
class Stream:
    """Sends pieces (a text is a delta, bytes are a frame), then comes to an end above or to an exception of that code.

    A plain `converse` call gets the texts as a whole answer, or the failure that is nearest to the end.
    """

    pieces: tuple[str | bytes | Gate, ...]
    end: str
    tokens: Tokens | None
    stop_reason: str
    seconds: float
    keep_alive: bool
    over: threading.Event

    def __post_init__(self) -> None:
        if self.end not in (*WHOLE_ENDS, *BROKEN_ENDS) and not self.end.endswith("Exception"):
            raise ValueError(f"no such end: {self.end}")

    def play(self, call: ModelCall, connection: Connection, /) -> None:
        if call.operation == "converse":
            self._play_whole(call, connection)
            return
        connection.begin_stream(keep_alive=self.keep_alive)
        connection.send(frames.start())
        for piece in self.pieces:
            match piece:
                case Gate():
                    self._pass(piece, connection)
                case bytes():
                    connection.send(piece)
                case str():
                    connection.send(frames.delta(piece))
        self._end(call, connection)

    def _end(self, call: ModelCall, connection: Connection) -> None:
        if self.end in WHOLE_ENDS:
            connection.send(frames.stop(self.stop_reason))
        match self.end:
            case "eof" | "no_metadata":
                connection.end_stream()
            case "stall" | "silent_metadata":
                self._stall(connection)
            case "cut" | "cut_metadata":
                connection.break_off(frames.delta(LONG_TEXT))
            case "reset":
                connection.reset()
            case "drip":
                connection.send_slowly(frames.delta(LONG_TEXT), DRIP_SECONDS)
            case _:
                connection.send(self._last_words(call))
                connection.end_stream()

    def _last_words(self, call: ModelCall) -> bytes:
        metadata = frames.metadata(self._tokens(call))
        match self.end:
            case "whole":
                return metadata
            case "bad_checksum":
                return frames.delta("Hello")[:-2] + b"\x00\x00"
            case "bad_json":
                return frames.event("contentBlockDelta", b'{"delta": {"te') + frames.stop(self.stop_reason) + metadata
            case code:
                return frames.exception(code)

    def _play_whole(self, call: ModelCall, connection: Connection) -> None:
        for piece in self.pieces:
            if isinstance(piece, Gate):
                self._pass(piece, connection)
        match self.end:
            case end if end in WHOLE_ENDS:
                connection.answer(converse_answer((self._text,), self._tokens(call), self.stop_reason))
            case "reset":
                connection.reset()
            case "stall" | "drip":
                self._stall(connection)
            case "eof" | "cut" | "bad_checksum" | "bad_json":
                connection.answer(cut_answer(self._text))
            case code:
                connection.answer(error_answer(code[0].upper() + code[1:], "scripted"))

    def _pass(self, gate: Gate, connection: Connection) -> None:
        gate.reached.set()
        connection.wait(gate.opened, GATE_SECONDS)

    def _stall(self, connection: Connection) -> None:
        connection.wait(self.over, self.seconds)
        connection.reset()

    def _tokens(self, call: ModelCall) -> Tokens:
        return self.tokens or estimated_tokens(call, (self._text,))

    @property
    def _text(self) -> str:
        return "".join(piece for piece in self.pieces if isinstance(piece, str))
