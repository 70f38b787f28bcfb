"""Containers of the images, held as tightly as a cluster may hold them."""

import json
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

SERVER, LAMBDA = "localhost/chatbot-api:dev", "localhost/chatbot-api-lambda:dev"
# In a container's own words, for SIGKILL.
KILLED = 137
SECONDS = 100
TIGHT = (
    *("--read-only", "--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=64m"),  # noqa: S108  # in the container
    *("--cap-drop", "all", "--security-opt", "no-new-privileges"),
    *("--memory", "512m", "--pids-limit", "200", "--ulimit", "nofile=8192:8192", "--ulimit", "nproc=4000:4000"),
    *("--network", "host"),  # MiniStack and the scripted Bedrock listen on this machine's loopback alone
)
# podman without systemd, and without the places to write that it adds to a read-only root.
_PODMAN, _PODMAN_RUN = ("--cgroup-manager", "cgroupfs", "--events-backend", "file"), ("--read-only-tmpfs=false",)


def tool(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":  # noqa: ANN401  # those of subprocess.run
    """Run podman or docker, whichever there is, and return what came of it."""
    if shutil.which("podman"):
        command = ["podman", *_PODMAN, *arguments]
    elif shutil.which("docker"):
        command = ["docker", *arguments]
    else:
        pytest.fail("podman or docker is needed (Debian: apt install podman runc)")
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, **options)


def inspect(image: str) -> dict[str, Any]:
    """What an image says of itself. The test fails where it was not built."""
    found = tool("image", "inspect", image)
    if found.returncode:
        pytest.fail(f"There is no image {image}: run make images. {found.stderr}")
    described: dict[str, Any] = json.loads(found.stdout)[0]
    return described


class Container:
    """Runs an image in the background, until `stop` or `remove`."""

    def __init__(self, image: str, *command: str, variables: Mapping[str, str]) -> None:
        inspect(image)
        self._name = f"chatbot-test-{uuid.uuid4().hex}"
        started = tool("run", "--detach", "--name", self._name, *_arguments(variables), image, *command)
        assert started.returncode == 0, started.stderr

    def execute(self, *command: str, **variables: str) -> str:
        """Standard output of a command in the running container, which must end well."""
        done = tool("exec", *_environment(variables), self._name, *command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def log(self) -> str:
        """What it printed."""
        done = tool("logs", self._name)
        return done.stdout + done.stderr

    def is_running(self) -> bool:
        return tool("inspect", "--format", "{{.State.Running}}", self._name).stdout.strip() == "true"

    def stop(self, seconds: int) -> int:
        """Send the image's stop signal, and SIGKILL after `seconds`. The exit code: KILLED where it came to that."""
        stopped = tool("stop", "--time", str(seconds), self._name)
        assert stopped.returncode == 0, stopped.stderr
        return int(tool("inspect", "--format", "{{.State.ExitCode}}", self._name).stdout)

    def remove(self) -> None:
        tool("kill", self._name)  # docker's rm knows no time to wait
        tool("rm", "--force", self._name)


def run(image: str, *command: str, variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run an image to its end and return what came of it."""
    inspect(image)
    return tool("run", "--rm", *_arguments(variables), image, *command)


def _arguments(variables: Mapping[str, str]) -> list[str]:
    strict = (*TIGHT, *_PODMAN_RUN) if shutil.which("podman") else TIGHT
    return ["--no-healthcheck", *strict, *_environment(variables)]


def _environment(variables: Mapping[str, str]) -> list[str]:
    return [argument for name, value in variables.items() for argument in ("--env", f"{name}={value}")]
