import threading
from collections.abc import Callable, Iterator

import pytest

from local_aws.completions import ChatModel
from local_aws.model_server import ModelServer
from local_aws.ports import listen


@pytest.fixture
def serve() -> Iterator[Callable[[ChatModel], str]]:
    """Serves a model over HTTP until the test ends; returns the server's address."""
    servers: list[ModelServer] = []
    threads: list[threading.Thread] = []

    def start(model: ChatModel) -> str:
        server = ModelServer(listen(0), model)
        servers.append(server)
        threads.append(threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}))
        threads[-1].start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()
