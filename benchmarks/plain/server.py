"""The plain server under uvicorn, in the environment of the peers."""

import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.asking import chat
from benchmarks.children import Failed
from benchmarks.web_server import WebServer
from local_aws.ports import free_port

_START_SECONDS, _LOOK_SECONDS = 30.0, 0.1


class PlainServer(WebServer):
    """`python` is that of the peers' environment. It answers when this is made. Raises Failed when it does not."""

    def __init__(self, *, python: str, upstream_port: int, workers: int, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        command = ["uvicorn", "benchmarks.plain.app:app", "--port", str(self.port), "--workers", str(workers)]
        self._start([python, "-m", *command], upstream_port=upstream_port, log=folder / "log", variables={})
        with ExitStack() as stack:
            stack.push(self)  # without its answer it is not left behind
            self._wait()
            stack.pop_all()

    def _wait(self) -> None:
        """Until it has answered a chat."""
        end = time.perf_counter() + _START_SECONDS
        while not self.has_ended and time.perf_counter() < end:
            try:
                chat(self.port, "new-first")
            except Failed:
                time.sleep(_LOOK_SECONDS)
            else:
                return
        raise Failed("The plain server does not answer.")
