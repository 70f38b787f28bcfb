"""Functions in containers: the built image, and the peer in a container of the same image.

The peer's packages and programs are mounted there, so that both have the same base, the same Python and the same way to
start. Its byte code is that of its own environment, which must therefore have the image's version of Python.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import ENVIRONMENT, ROOT, Failed
from benchmarks.cold.starts import Function

_SECONDS = 60
_VERSION = "import sys; print(*sys.version_info[:2], sep='.')"
_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"
# As a function is held: a root that is read only, a place for temporary files, its memory and no rights.
_HELD = (
    *("--read-only", "--tmpfs", "/tmp:rw,size=64m", "--memory", "1024m"),  # noqa: S108  # nosec B108  # the container's own
    *("--cap-drop", "all", "--security-opt", "no-new-privileges", "--no-healthcheck", "--pull", "never"),
    *("--network", "host", "--ulimit", "nofile=8192:8192", "--ulimit", "nproc=4000:4000"),
)
# Where programs are, and where a container tool keeps its images; none of it goes into a container.
_OF_THE_TOOL = ("PATH", "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST")
# podman without systemd.
_PODMAN = ("podman", "--cgroup-manager", "cgroupfs", "--events-backend", "file")


@dataclass(frozen=True)
class Containers:
    """Starts functions in containers of this image with podman or docker. Raises Failed where that cannot be."""

    image: str
    peer: str

    def __post_init__(self) -> None:
        theirs = _said(self.peer, "-c", _VERSION)
        run = (*_tool(), "run", "--rm", *_HELD, "--entrypoint", "python")
        ours = _said(*run, self.image, "-c", _VERSION)
        if ours != theirs:
            raise Failed(f"{self.image} has Python {ours} and the peer's environment {theirs}: they must be the same.")

    def service(self, variables: dict[str, str]) -> Function:
        """The image as it is."""
        return self._function("service", variables, (), ())

    def hello(self, name: str, module: str) -> Function:
        """A peer: this module of this folder."""
        packages = _said(self.peer, "-c", _PACKAGES)
        folder = Path(__file__).parent
        mounted = ("--volume", f"{packages}:/peer:ro", "--volume", f"{folder}:/hello:ro", "--workdir", "/hello")
        return self._function(name, {"PYTHONPATH": "/peer:/hello"}, mounted, (f"{module}.handler",))

    def _function(
        self, name: str, variables: dict[str, str], options: tuple[str, ...], handler: tuple[str, ...]
    ) -> Function:
        container = f"chatbot-cold-{name.replace(' ', '-')}"
        own = {key for key in ENVIRONMENT if key != "PYTHONPATH"} | set(variables) | {"AWS_LAMBDA_RUNTIME_API"}
        # A variable that is only named has the value that it has here.
        named = [word for key in sorted(own) for word in ("--env", key)]
        command = [*_tool(), "run", "--rm", "--name", container, *_HELD, *options, *named, self.image, *handler]
        tools_own = {key: os.environ[key] for key in _OF_THE_TOOL if key in os.environ}
        return Function(
            name, command, tools_own | variables, ending=(*_tool(), "rm", "--force", "--time", "0", container)
        )


def _tool() -> tuple[str, ...]:
    if shutil.which("podman"):
        return _PODMAN
    if shutil.which("docker"):
        return ("docker",)
    raise Failed("podman or docker is needed (Debian: apt install podman runc).")


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # our own programs, no shell
    if done.returncode:
        raise Failed(f"{command[-3]} does not run: {done.stderr.strip()}")
    return done.stdout.strip()
