"""How a connection writes a stream, waits, and breaks; and how it notices that its caller has gone."""

import select
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler

from .connection import CallerGone

# How often a connection that waits looks whether its caller is still there.
LOOK_SECONDS = 0.02


class StreamingHandler(BaseHTTPRequestHandler):
    """The half of a `Connection` that is about streams and their ends."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def begin_stream(self, *, keep_alive: bool = True) -> None:
        self.send_response(200)
        self.send_header("x-amzn-RequestId", "scripted")
        self.send_header("Content-Type", "application/vnd.amazon.eventstream")
        self.send_header("Transfer-Encoding", "chunked")
        if not keep_alive:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = not keep_alive

    def send(self, data: bytes) -> None:
        self._look()
        self._write(b"%x\r\n%b\r\n" % (len(data), data))

    def send_slowly(self, data: bytes, seconds: float) -> None:
        self._write(b"%x\r\n" % len(data))
        for byte in data:
            self._write(bytes([byte]))
            time.sleep(seconds)
            self._look()
        self._write(b"\r\n")

    def end_stream(self) -> None:
        self._write(b"0\r\n\r\n")

    def break_off(self, data: bytes) -> None:
        self._write(b"%x\r\n%b" % (len(data), data[: len(data) // 2]))
        self.close_connection = True

    def wait(self, event: threading.Event, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not event.wait(LOOK_SECONDS) and time.monotonic() < until:
            self._look()

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def _look(self) -> None:
        """Raise when the caller has gone. It sends nothing before its answer is whole: what can be read is an end."""
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        if poll.poll(0) and not self.connection.recv(1, socket.MSG_PEEK):
            raise CallerGone

    def reset(self) -> None:
        # Linger of zero seconds: the peer sees a reset, not an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
