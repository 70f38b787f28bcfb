"""gunicorn with production's configuration, carrying a small application of the tests' own."""

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.ports import listen
from tests.processes.waiting import until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent
WAIT_SECONDS = 30
APPLICATION = """
import gc, time, urllib3  # as the real one does: it must come after gevent's patches
at_import = gc.isenabled()
def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(2)
    body = repr((at_import, gc.isenabled())).encode() if environ["PATH_INFO"] == "/collector" else b"ok"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


class Server:
    """One gunicorn; `log` holds what it printed."""

    def __init__(self, folder: Path, worker_class: str) -> None:
        (folder / "small_application.py").write_text(APPLICATION)
        self.log = folder / "log"
        environment = {
            **os.environ,
            "LOCAL_MODE": "on",
            "WEB_CONCURRENCY": "1",
            "GUNICORN_CONNECTIONS": "20",
            "GUNICORN_WORKER_CLASS": worker_class,
            "PYTHONPATH": str(folder),
            "PYTHONWARNINGS": "default::Warning:gevent",
            "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "deployment/gunicorn.conf.py"]
        with listen(0) as listener, self.log.open("w") as log:
            self.port = listener.getsockname()[1]
            fd = listener.fileno()
            self.process = subprocess.Popen(
                [*command, "--bind", f"fd://{fd}", "small_application"],
                cwd=ROOT,
                env=environment,
                pass_fds=[fd],
                stdout=log,
                stderr=log,
            )

    def get(self, path: str) -> http.client.HTTPConnection:
        """Ask, and keep the connection open."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        connection.request("GET", path)
        return connection

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_SECONDS)


@pytest.fixture(params=["gevent", "gthread"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(tmp_path, request.param)
    yield server
    server.process.kill()
    server.process.wait()


def test_what_must_be_patched_is_and_the_collector_rests_while_a_worker_starts_and_no_longer(server: Server) -> None:
    asked = server.get("/collector")
    assert asked.getresponse().read() == b"(False, True)"
    asked.close()
    server.stop()
    assert "Booting worker" in server.log.read_text()
    assert "Warning" not in server.log.read_text()  # of gevent: its patches come before anything that must be patched


def test_staff_pages_that_cannot_be_imported_are_told_to_the_log_alone(server: Server) -> None:
    # The small application sets Django up no further than its settings.
    until(lambda: "AppRegistryNotReady" in server.log.read_text())

    answered = server.get("/")
    assert answered.getresponse().read() == b"ok"
    answered.close()
    assert server.stop() == 0
    log = server.log.read_text()
    assert "ERROR gunicorn.error Importing staff's pages failed: the first of them will be slower.\n" in log
    assert "Warming up failed" not in log
    assert "Greenlet at" not in log


def test_finishes_the_turns_under_way_and_does_not_wait_for_idle_connections(server: Server) -> None:
    idle = server.get("/")
    assert idle.getresponse().read() == b"ok"
    slow = server.get("/slow")
    answers: list[bytes] = []
    reading = threading.Thread(target=lambda: answers.append(slow.getresponse().read()))
    reading.start()
    busy = server.get("/")  # answered: so the slow one has been accepted too
    assert busy.getresponse().read() == b"ok"

    # Without help gunicorn waits for `idle` until graceful_timeout, 70 seconds: stop() would give up long before.
    assert server.stop() == 0

    reading.join()
    assert answers == [b"ok"]
    assert "graceful timeout" not in server.log.read_text()
    for connection in (idle, slow, busy):
        connection.close()
