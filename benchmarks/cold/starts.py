"""One start of a function: from the new process to the answer to its first event."""

import json
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.children import ENVIRONMENT, ROOT, Failed
from tests.deployment.lambda_runtime import Failed as NotAnswered
from tests.deployment.lambda_runtime import RuntimeAPI

_SECONDS = 60
_EVENT = Path(ROOT) / "tests" / "events" / "function_url.json"


@dataclass(frozen=True)
class Start:
    """Milliseconds: until the first answer, and processor time of the processes started here until they ended."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Function:
    """What starts a function, what its environment adds, and what ends it where killing the process is not enough."""

    name: str
    command: Sequence[str]
    variables: dict[str, str]
    ending: Sequence[str] = ()

    def start(self) -> Start:
        """A new process, asked by AWS's runtime client for one answer. Raises Failed."""
        used = _cpu_of_ended()
        api = RuntimeAPI()
        environment = ENVIRONMENT | self.variables | {"AWS_LAMBDA_RUNTIME_API": api.address}
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  # our own programs, no shell
            self.command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            answer = api.invoke(_event(), seconds=_SECONDS)
            taken = (time.perf_counter() - began) * 1000
        except NotAnswered as error:
            raise Failed(f"{self.name}: {error}") from error
        finally:
            if self.ending:
                subprocess.run(self.ending, env=environment, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603  # as above
            process.kill()
            process.wait()
            api.close()
        if answer["statusCode"] != 200:  # noqa: PLR2004  # the status of an answered chat
            raise Failed(f"{self.name} answered {answer['statusCode']}: {answer['body']}")
        return Start(wall=taken, cpu=_cpu_of_ended() - used)


def _cpu_of_ended() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (ended.ru_utime + ended.ru_stime) * 1000


def _event() -> dict[str, Any]:
    event: dict[str, Any] = json.loads(_EVENT.read_text())
    return event
