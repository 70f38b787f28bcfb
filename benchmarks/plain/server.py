"""The plain server under uvicorn, in the environment of the peers."""

import socket
import time
from pathlib import Path

from benchmarks.asking import request
from benchmarks.children import Failed
from benchmarks.web_server import WebServer
from benchmarks.words import QUESTION

_LOOKS, _LOOK_SECONDS = 300, 0.1


class PlainServer(WebServer):
    """`python` is that of the peers' environment. It answers when this is made. Raises Failed when it does not."""

    def __init__(self, *, python: str, upstream_port: int, workers: int, folder: Path) -> None:
        folder.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = ["uvicorn", "benchmarks.plain.app:app", "--port", str(self.port), "--workers", str(workers)]
        self._start([python, "-m", *command], upstream_port=upstream_port, log=folder / "log", variables={})
        self._wait()

    def _wait(self) -> None:
        """Until it has answered a chat."""
        for _ in range(_LOOKS):
            if self.has_ended:
                break
            try:
                request(self.port, "POST", "/chat", {"message": QUESTION, "session_id": "new-first"})
            except Failed:
                time.sleep(_LOOK_SECONDS)
            else:
                return
        self.__exit__(None, None, None)
        raise Failed(f"The plain server does not answer; its log ends:\n{self.log()}")
