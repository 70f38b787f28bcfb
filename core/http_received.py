"""What has arrived of an HTTP answer. httptools reads the protocol, as nginx and Node.js do it (RFC 9112)."""

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from urllib3.exceptions import ProtocolError

_FIRST_FINAL_STATUS = 200


class Received:
    """`pieces` are those of the body that nobody has taken yet; `headers` have names in lower case."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []
        self.has_headers = False
        self.is_whole = False
        # Whether another request may follow on the connection.
        self.keeps_alive = False
        self._parser: HttpResponseParser | None = HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """`data` is empty where the other side has closed the connection. Raises ProtocolError."""
        if not data:
            self._closed()
        elif self._parser is not None:
            try:
                self._parser.feed_data(data)
            except (HttpParserError, HttpParserUpgrade) as error:
                self.keeps_alive = False
                if self.is_whole:  # what stands behind it is not the answer's
                    return
                raise ProtocolError("not an answer in HTTP", error) from error

    def end(self) -> None:
        """Nothing is fed any more. The parser goes, which holds this object as this object holds it."""
        self._parser = None

    def _closed(self) -> None:
        # RFC 9112, 6.3: a body without a length goes on until the connection is closed.
        if not self.has_headers or "content-length" in self.headers or "transfer-encoding" in self.headers:
            raise ProtocolError("the connection was closed before the end of the answer")
        self.is_whole = True

    def on_message_begin(self) -> None:
        """httptools calls this and what follows. What stands behind the answer is not this request's."""
        if self.is_whole:
            raise ProtocolError("more than an answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Names may come in any case, and more than once."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """An answer before the answer (RFC 9110, 15.2) says nothing to us."""
        if self._parser is None:
            return
        self.status = self._parser.get_status_code()
        if self.status >= _FIRST_FINAL_STATUS:
            self.has_headers = True
        else:
            self.headers = {}

    def on_body(self, body: bytes) -> None:
        """Taken as it stands: no encoding is asked for."""
        self.pieces.append(body)

    def on_message_complete(self) -> None:
        """Of an answer before the answer too."""
        if self.has_headers and self._parser is not None:
            self.is_whole = True
            self.keeps_alive = self._parser.should_keep_alive()
