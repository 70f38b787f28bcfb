"""What the programs that measure a server share: where they run, and what they end with."""

import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from benchmarks.children import Failed
from benchmarks.processes import PROC

# What a shell calls the end by SIGINT and by SIGTERM.
_INTERRUPTED, _TERMINATED = 130, 143


def status(program: str, measure: Callable[[Path], int]) -> int:
    """The exit status: that of `measure`, which is given an empty folder; 1 when it failed or cannot be done here."""
    if not PROC.is_dir():
        sys.stderr.write(f"{program} needs Linux: it reads /proc.\n")
        return 1
    try:
        with tempfile.TemporaryDirectory() as folder:
            return measure(Path(folder))
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def end_with(main: Callable[[], int]) -> NoReturn:
    """Runs the program. On its way out by SIGTERM, too, the other programs are ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    sys.exit(main())
