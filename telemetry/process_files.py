"""The files by which gunicorn's workers share their metrics (telemetry.prometheus), seen from the master.

The master may not import the Prometheus client: with it come modules that gevent must patch first, in each worker.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "chatbot-metrics-"


def make_folder(parent: str | None, *, held: str | None) -> str:
    """A folder of this process under `parent` (None: where temporary files go), private and empty.

    `held` is the one that this process may have made before: read again (SIGHUP), a configuration keeps what was
    counted. Folders that killed processes left are removed.
    """
    own = f"-{os.getpid()}"
    if held and Path(held).name.startswith(_PREFIX) and held.endswith(own) and Path(held).is_dir():
        return held
    place = Path(parent or tempfile.gettempdir())
    for left in place.glob(f"{_PREFIX}*"):
        if left.name.endswith(own) or not _lives(left.name.rpartition("-")[2]):
            remove_folder(str(left))
    return tempfile.mkdtemp(prefix=_PREFIX, suffix=own, dir=place)


def remove_folder(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def forget_worker(folder: str, pid: int) -> None:
    """What a worker that has ended had of something at the time (gauges) is no more; what it counted stays.

    As prometheus_client.multiprocess.mark_process_dead does it.
    """
    for left in Path(folder).glob(f"gauge_live*_{pid}.db"):
        left.unlink(missing_ok=True)


def _lives(pid: str) -> bool:
    with suppress(ValueError, ProcessLookupError):
        try:
            os.kill(int(pid), 0)
        except PermissionError:
            return True
        return True
    return False
