"""One server of the project as it is deployed: gunicorn with production's configuration and one worker."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from local_aws.ports import LOOPBACK, listen

ROOT = Path(__file__).parent.parent.parent


class ServerProcess:
    """Listens from the first moment; who asks before the worker is there is answered when it is.

    DynamoDB and Bedrock are those of the test run; `variables` change its environment. `log` holds what it printed.
    """

    def __init__(self, folder: Path, *, deadline_seconds: int, worker_class: str = "gevent", **variables: str) -> None:
        self.log = folder / "log"
        with listen(0) as listener, self.log.open("w") as log:
            # gunicorn sets this too, but too late for a connection that is there before it: 40 ms a request.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
            fd = listener.fileno()
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "-c", "deployment/gunicorn.conf.py"),
                    *("--bind", f"fd://{fd}", "chatbot_project.wsgi"),
                ],
                cwd=ROOT,
                env=os.environ | _variables(deadline_seconds, worker_class) | variables,
                pass_fds=[fd],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End master and worker at once, as a machine that fails does. Nothing when they have ended."""
        if self.is_alive():
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def terminate(self) -> None:
        """Ask for an end in good order."""
        self._process.send_signal(signal.SIGTERM)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds)


def _variables(deadline_seconds: int, worker_class: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
        "CHAT_DEADLINE_SECONDS": str(deadline_seconds),
        "GUNICORN_WORKER_CLASS": worker_class,
        "GUNICORN_CONNECTIONS": "100",
        "WEB_CONCURRENCY": "1",
    }
