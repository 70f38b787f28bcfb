"""The children of local mode, one function each: what is started, with which environment, and when it is ready."""

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from django.conf import settings

from local_aws import environment, ports
from local_aws.forwarded_model import choose_model
from local_aws.ministack import HEALTH, environment_of_ministack
from local_aws.state import State
from local_aws.supervisor import Supervisor

START_SECONDS = 60.0  # a cold, busy machine; a warm one needs two
PREPARE_SECONDS = 300.0  # the first migration of a real PostgreSQL included
SAVE_SECONDS = 60.0
# A turn may use its whole deadline, and the model behind it must not answer later than anybody listens.
DEADLINE_SECONDS = settings.CHAT_DEADLINE_SECONDS


def start_model(supervisor: Supervisor, outer: Mapping[str, str]) -> str:
    """The model behind Bedrock: offline, or the user's. Returns its address."""
    command = [sys.executable, "-m", "local_aws.model_server", "--timeout", str(DEADLINE_SECONDS)]
    if settings.LOCAL_MODEL_URL:
        name = choose_model(settings.LOCAL_MODEL_URL, settings.LOCAL_MODEL)
        command += ["--url", settings.LOCAL_MODEL_URL, "--model", name]
    with closing(ports.listen(0)) as listener:
        supervisor.start(
            "Model",
            [*command, "--fd", str(listener.fileno())],
            environment=environment.model_environment(outer),
            patience=5,
            pass_fds=[listener.fileno()],
        )
        return f"http://{ports.LOOPBACK}:{listener.getsockname()[1]}"


def start_ministack(
    supervisor: Supervisor, state: State, outer: Mapping[str, str], *, model_url: str, lock: int
) -> str:
    """MiniStack from its own virtual environment inside ours. Returns its address when it answers.

    It inherits the lock: while it is saving, no other may start on its files.
    """
    python = environment_of_ministack() / "bin" / "python"
    port = ports.free_port()
    child = supervisor.start(
        "MiniStack",
        [python, "-m", "ministack"],
        environment=environment.ministack_environment(
            outer, port=port, state_dir=state.ministack, model_url=model_url, model_timeout=DEADLINE_SECONDS
        ),
        patience=SAVE_SECONDS,
        pass_fds=[lock],
    )
    supervisor.wait_until(lambda: ports.answers(port, HEALTH), child, START_SECONDS)
    return f"http://{ports.LOOPBACK}:{port}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the preparation made: the staff password if the account is new, and the API key if one was asked for."""

    staff_password: str | None
    api_key: str | None


def prepare(supervisor: Supervisor, application: Mapping[str, str], *, create_tables: bool, api_key: bool) -> Prepared:
    """Database, staff account, static files, tables, and with `api_key` a key of this machine's own."""
    command = [sys.executable, "manage.py", "preparelocal"]
    command += ["--create-tables"] if create_tables else []
    command += ["--api-key"] if api_key else []
    reading, writing = os.pipe()
    with os.fdopen(reading) as answer:
        try:
            child = supervisor.start(
                "Preparation",
                [*command, "--answer-fd", str(writing)],
                environment=application,
                patience=30,
                pass_fds=[writing],
            )
        finally:
            os.close(writing)
        supervisor.run_to_end(child, PREPARE_SECONDS)
        return Prepared(**json.load(answer))


def start_server(supervisor: Supervisor, application: Mapping[str, str], listener: socket.socket) -> None:
    """gunicorn with production's configuration on a port that is ours already; returns when it is ready."""
    port = listener.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "deployment/gunicorn.conf.py"]
    with closing(listener):  # once the child has it: a port that outlives its server would let callers hang
        child = supervisor.start(
            "Server",
            [*command, "--bind", f"fd://{listener.fileno()}", "chatbot_project.wsgi"],
            environment=application,
            patience=DEADLINE_SECONDS + 15,
            hasty=True,
            pass_fds=[listener.fileno()],
        )
    supervisor.wait_until(lambda: ports.answers(port, "/health/ready"), child, START_SECONDS)
