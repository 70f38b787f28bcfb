"""OpenAI's chat-completions interface over HTTP, for the model that stands behind MiniStack's Bedrock.

Started by `runlocal` as `python -m local_aws.model_server --fd N`, on a socket that listens already.
"""

import argparse
import json
import logging
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_aws.completion_bodies import chunks, whole
from local_aws.completions import ChatModel, Completion
from local_aws.forwarded_model import ForwardedModel
from local_aws.offline_model import OfflineModel

MAX_BODY_BYTES = 16 * 1024 * 1024


class ModelServer(ThreadingHTTPServer):
    """Serves one model on a listening socket, which it takes over."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, model: ChatModel) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.model = model


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75  # seconds a connection may be idle
    server: ModelServer

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            return self._refuse(404, f"There is no {self.path} here.")
        models = [{"id": self.server.model.name, "object": "model", "created": 0, "owned_by": "local"}]
        return self._send(200, {"object": "list", "data": models})

    def do_POST(self) -> None:
        if self.path != "/v1/chat/completions":
            return self._refuse(404, f"There is no {self.path} here.")
        try:
            request = self._body()
            completion = self.server.model.complete(request)
        except ValueError as error:
            return self._refuse(400, str(error))
        if request.get("stream") is True:
            return self._stream(request, completion)
        return self._send(200, whole(request, completion))

    def log_message(self, *_: object, **__: object) -> None:
        """Requests are not logged: a laptop's conversations are private too."""

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # what was sent stays unread
            raise ValueError(f"A body of known length, at most {MAX_BODY_BYTES} bytes, is needed.")
        try:
            request = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise ValueError("The body is not JSON.") from error
        if not isinstance(request, dict):
            raise ValueError("The body must be a JSON object.")  # noqa: TRY004 - one error, one answer: 400
        return request

    def _refuse(self, status: int, why: str) -> None:
        self._send(status, {"error": {"message": why, "type": "invalid_request_error", "param": None, "code": None}})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, request: dict[str, Any], completion: Completion) -> None:
        self.close_connection = True  # the end of the stream is the end of the connection
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks(request, completion):
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="The model behind MiniStack's Bedrock.")
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--url", default="", help="pass conversations on to this OpenAI-compatible server")
    parser.add_argument("--model", default="", help="under this name")
    parser.add_argument("--timeout", type=float, default=60.0, help="and wait so many seconds for its answer")
    options = parser.parse_args()
    logging.basicConfig(format="{asctime} {levelname} {name} {message}", style="{")
    forwarded = options.url and ForwardedModel(url=options.url, name=options.model, timeout=options.timeout)
    ModelServer(socket.socket(fileno=options.fd), forwarded or OfflineModel()).serve_forever()


if __name__ == "__main__":
    main()
