"""What the service tells about itself, heard."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from telemetry.log_lines import JSONLines, RequestNames
from tests.measured import Measured


class Heard(logging.Handler):
    """The lines of `telemetry`, as they would be printed."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JSONLines())
        self.addFilter(RequestNames())
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def lines(self, message: str) -> list[dict[str, Any]]:
        """Those with this message, without what is different each time: times, durations and random ids."""
        lines = [json.loads(line) for line in self._lines]
        return [_steady(line) for line in lines if line["message"] == message]


def _steady(line: dict[str, Any]) -> dict[str, Any]:
    measured = {name for name, value in line.items() if name.endswith("_ms") and value >= 0}
    line = {name: "measured" if name in measured else value for name, value in line.items()}
    assert line.pop("time").endswith("+00:00")
    if line.get("turn_id"):
        line["turn_id"] = "an id"
    return line


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Everything that `telemetry` logs from now on."""
    handler, logger = Heard(), logging.getLogger("telemetry")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.setLevel(level)
    logger.removeHandler(handler)


@pytest.fixture
def measured() -> Measured:
    """What is measured from now on."""
    return Measured()
