"""gunicorn in production and on a laptop: `gunicorn -c deployment/gunicorn.conf.py chatbot_project.wsgi`.

Figures come from chatbot_project.settings (PORT, METRICS_PORT, WEB_CONCURRENCY, GUNICORN_WORKER_CLASS,
GUNICORN_CONNECTIONS, REQUEST_READ_SECONDS, CHAT_DEADLINE_SECONDS, LOG_FORMAT, LOG_LEVEL). What an option means: https://docs.gunicorn.org/en/stable/settings.html
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import gevent
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]  # gunicorn has no types

from chatbot_project import settings
from chatbot_project.connections import DeadlineSocket
from telemetry import process_files
from telemetry.log_lines import logging_config


class PromptGeventWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """A gevent worker that ends when its last turn ends, and not before.

    gunicorn's own waits, after SIGTERM, for connections on which nobody asks anything: those that a browser or the ALB
    holds open. This one closes them after `linger` seconds, in which a request on its way is still answered; gunicorn's
    gthread worker does the same. And a turn whose caller has gone has no connection that gunicorn's own would wait for.
    """

    linger = 1

    def init_process(self) -> None:
        self.waits: dict[gevent.Timeout, gevent.Greenlet] = {}
        super().init_process()

    def run(self) -> None:
        super().run()
        from conversations.services.running_turns import running_turns

        if not running_turns.wait(graceful_timeout, sign_of_life=self.notify):
            self.log.warning("Turns are cut off: graceful_timeout is over.")

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for the next request of a connection; its end is no error."""
        with gevent.Timeout(self.cfg.keepalive if self.alive else self.linger, False) as wait:
            self.waits[wait] = gevent.getcurrent()
            try:
                yield
            finally:
                del self.waits[wait]

    def handle(self, listener: Any, client: Any, addr: Any) -> None:  # noqa: ANN401  # gunicorn has no types
        read_seconds = settings.REQUEST_READ_SECONDS
        super().handle(listener, DeadlineSocket(client, read_seconds=read_seconds, write_seconds=write_seconds), addr)

    def handle_request(self, listener_name: Any, req: Any, sock: DeadlineSocket, addr: Any) -> None:  # noqa: ANN401  # gunicorn has no types
        try:
            super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.request_answered()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        gevent.spawn_later(self.linger, self.end_waits)

    def end_waits(self) -> None:
        for wait, greenlet in list(self.waits.items()):
            gevent.kill(greenlet, wait)


bind = [f"0.0.0.0:{settings.PORT}"]
if settings.METRICS == "prometheus" and settings.METRICS_PORT:
    bind.append(f"0.0.0.0:{settings.METRICS_PORT}")
workers = settings.WEB_CONCURRENCY
# gevent patches the standard library in each worker, before the application and with it urllib3 are imported: so the
# application is not preloaded, and nothing imported above may import urllib3.
worker_class = PromptGeventWorker if settings.GUNICORN_WORKER_CLASS == "gevent" else settings.GUNICORN_WORKER_CLASS
threads = settings.GUNICORN_CONNECTIONS if settings.GUNICORN_WORKER_CLASS == "gthread" else 1
# Under gthread a connection between two requests needs no thread, but a place: as many again.
worker_connections = settings.GUNICORN_CONNECTIONS * (2 if settings.GUNICORN_WORKER_CLASS == "gthread" else 1)

# A worker that has shown no sign of life for so long is killed. A turn does not count: it does not hold the worker up.
timeout = 60
# After SIGTERM every turn may use its whole deadline, and its commit.
graceful_timeout = settings.CHAT_DEADLINE_SECONDS + 10
# Longer than the ALB keeps an idle connection (60 s unless changed). Were it shorter, the ALB would send requests into
# connections that are just being closed, and answer 502.
keepalive = 75

# Seconds in which a caller must take each part of an answer.
write_seconds = 60

# A worker is seldom busy so soon: the load balancer is just finding it healthy.
STAFF_PAGES_AFTER_SECONDS = 2

# What is read before anybody looks at it. The ALB accepts 16 KB for a header; with its sign-in it sends a user's claims
# in one. Bodies are bounded by MAX_BODY_BYTES.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 16_384
# X-Forwarded-* of callers is believed by nobody here: gunicorn's default trusts this machine alone, and the pods' peers
# are load balancers whose addresses change. What the application may believe, its own settings say.

# No access log: telemetry.requests writes a line for each request, and knows its route. Errors go to standard error, in
# the form of all other lines.
errorlog = "-"
loglevel = settings.LOG_LEVEL.lower()
logconfig_dict = logging_config(settings.LOG_FORMAT, settings.LOG_LEVEL) | {
    "loggers": {"gunicorn.error": {"level": settings.LOG_LEVEL, "propagate": True}}
}

# A read-only root file system is fine: the sign of life and the metrics are files in memory, and there is no control
# socket.
memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  # nosec B108
worker_tmp_dir = memory
control_socket_disable = True

# The Prometheus client looks for this at its import, in each worker.
if settings.METRICS == "prometheus":
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = process_files.make_folder(
        memory, held=os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    )


def child_exit(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001  # gunicorn's signature
    """What a worker that has ended had under way is no longer; what it counted stays."""
    if settings.METRICS == "prometheus":
        process_files.forget_worker(os.environ["PROMETHEUS_MULTIPROC_DIR"], worker.pid)


def on_exit(server: Arbiter) -> None:  # noqa: ARG001  # gunicorn's signature
    if settings.METRICS == "prometheus":
        process_files.remove_folder(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def post_fork(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001  # gunicorn's signature
    """Nearly everything that imports make stays. The collector would look through it again and again."""
    gc.disable()


def post_worker_init(worker: Worker) -> None:
    """Make the clients before the first request. A failure is logged, and the first request makes them instead."""
    from conversations.services.warm_up import warm_up

    try:
        warm_up()
        if isinstance(worker, GeventWorker):
            gevent.spawn_later(STAFF_PAGES_AFTER_SECONDS, import_staff_pages, worker)
        else:
            import_staff_pages(worker)
    except Exception:
        worker.log.exception("Warming up failed: the first requests will be slower.")
    finally:
        gc.freeze()
        gc.enable()


def import_staff_pages(worker: Worker) -> None:
    """Takes a tenth of a second. No turn of a gevent worker moves meanwhile, so there it is not done before the first.

    A failure is logged, and whoever asks for one of the pages first has them imported.
    """
    from django.urls import reverse

    try:
        reverse("admin:index")
    except Exception:
        worker.log.exception("Importing staff's pages failed: the first of them will be slower.")
