"""What local mode keeps on disk: one folder for one tree, `.local/` unless LOCAL_STATE_DIR says otherwise.

Deleting the folder is the reset button. It is readable by its owner alone: it holds conversations.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_aws.errors import LocalModeError


class State:
    """The folder, made when it is not there. Raises LocalModeError when it cannot be written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.logs = root / "logs"
        self.ministack = root / "ministack"
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
            self.ministack.mkdir(exist_ok=True)
        except OSError as error:
            raise LocalModeError(f"{root} cannot be written: {error.strerror}.") from error

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the folder for this process; the value is the lock's file descriptor.

        A child that inherits it holds the folder too, so that nobody starts on files that are still being saved.
        Raises LocalModeError when another process holds it.
        """
        with (self.root / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LocalModeError(f"Local mode is running already on {self.root}: stop that one first.") from error
            yield file.fileno()

    def secret_key(self) -> str:
        """Django's secret key of this folder, made at the first call."""
        path = self.root / "secret_key"
        if not path.exists():
            _write_secret(path, secrets.token_urlsafe(48))
        return path.read_text()

    def api_key(self) -> str | None:
        """The API key that was kept here; None when there is none."""
        path = self.root / "api_key"
        return path.read_text() if path.exists() else None

    def keep_api_key(self, secret: str) -> None:
        """Keeps the API key for the next start, in the place of an earlier one."""
        _write_secret(self.root / "api_key", secret)


def _write_secret(path: Path, secret: str) -> None:
    """At once or not at all, and readable by its owner alone from the first moment."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secret)
    fresh.replace(path)
