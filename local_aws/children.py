"""One child process: started with a log of its own, asked to end by a signal, never left behind."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local_aws.errors import LocalModeError

PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Child:
    """A running program. `patience` is how many seconds it may take to end when it is asked to."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]
    patience: float

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        log: Path,
        patience: float,
        pass_fds: Sequence[int] = (),
    ) -> "Child":
        """Start `command`; what it prints goes to `log`, which is emptied first.

        The child gets a session of its own, so that a terminal's Ctrl-C reaches the supervisor alone, which ends the
        children in the right order. If the supervisor is killed, the kernel sends the child SIGTERM (on Linux).
        Raises LocalModeError when there is no such program.
        """
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                    pass_fds=pass_fds,
                    preexec_fn=end_with_parent(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
                )
        except OSError as error:
            raise LocalModeError(f"{name} cannot be started: {command[0]}: {error.strerror}.") from error
        return cls(name, log, process, patience)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def ask_to_end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send `how` to the child; one that has ended meanwhile is no error."""
        self.process.send_signal(how)

    def kill(self) -> None:
        """End the child and whatever it started, at once."""
        with suppress(ProcessLookupError):  # nobody of its session is left
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def obituary(self) -> str:
        """How it ended and where to read why."""
        code = self.process.poll()
        how = f"was ended by {signal.Signals(-code).name}" if code and code < 0 else f"ended with exit code {code}"
        return f"{self.name} {how}; its log is {self.log}."


def end_with_parent(parent: int) -> Callable[[], None]:
    """A function that ties the process it is called in to the life of process `parent`: SIGTERM when that one ends.

    Linux alone knows this; elsewhere the function does nothing.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec as little as possible may happen

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before the tie was made
            os.kill(os.getpid(), signal.SIGTERM)

    return tie
