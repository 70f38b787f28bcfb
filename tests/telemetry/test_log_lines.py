"""Log lines: an object of JSON each, or text."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from telemetry.context import RequestContext, current_request
from telemetry.log_lines import JSONLines, PlainLines, RequestNames, log_facts

Line = dict[str, Any]


class Written:
    """A logger of its own, and what it wrote."""

    def __init__(self, name: str, formatter: logging.Formatter) -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(formatter)
        handler.addFilter(RequestNames())
        self.logger = logging.getLogger(name)
        self.logger.handlers.append(handler)
        self.logger.setLevel(logging.INFO)
        self.logger.propagate = False

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def json(self) -> Line:
        (line,) = self.text.splitlines()
        told: Line = json.loads(line)
        assert told.pop("time").endswith("+00:00")
        return told


@pytest.fixture(autouse=True)
def own_handlers_alone() -> Iterator[None]:
    yield
    for name in ("tests.json", "tests.plain"):
        logging.getLogger(name).handlers.clear()


@pytest.fixture
def json_lines() -> Written:
    return Written("tests.json", JSONLines())


@pytest.fixture
def plain_lines() -> Written:
    return Written("tests.plain", PlainLines())


@pytest.fixture
def within_a_request() -> Iterator[None]:
    held = current_request.set(RequestContext("r-1", 0.0, trace_id="t-1"))
    yield
    current_request.reset(held)


def test_facts_stand_beside_the_message(json_lines: Written) -> None:
    log_facts(json_lines.logger, logging.INFO, "turn", {"status": 200, "owner": ""})

    assert json_lines.json() == {
        "level": "INFO",
        "logger": "tests.json",
        "message": "turn",
        "status": 200,
        "owner": "",
    }


@pytest.mark.usefixtures("within_a_request")
def test_a_line_within_a_request_names_it_and_its_trace(json_lines: Written, plain_lines: Written) -> None:
    for written in (json_lines, plain_lines):
        written.logger.warning("Redis is %s", "away", extra={"limit": "rate"})

    assert json_lines.json() == {
        "level": "WARNING",
        "logger": "tests.json",
        "message": "Redis is away",
        "request_id": "r-1",
        "trace_id": "t-1",
        "limit": "rate",
    }
    assert plain_lines.text.endswith(" WARNING tests.plain Redis is away limit=rate\n")


def test_a_traceback_stays_in_its_line(json_lines: Written) -> None:
    json_lines.logger.error("failed", exc_info=ValueError("two\nlines"))

    line = json_lines.json()
    assert line["message"] == "failed"
    assert line["exc_info"].endswith("ValueError: two\nlines")


def test_a_line_break_in_a_message_makes_no_second_line(json_lines: Written) -> None:
    json_lines.logger.info("one\ntwo")

    assert json_lines.json()["message"] == "one\ntwo"


def test_facts_below_the_level_are_not_written(json_lines: Written) -> None:
    log_facts(json_lines.logger, logging.DEBUG, "request", {"status": 200})

    assert json_lines.text == ""


def test_people_read_the_facts_that_there_are(plain_lines: Written) -> None:
    log_facts(plain_lines.logger, logging.INFO, "request", {"method": "GET", "status": 200, "owner": ""})

    assert plain_lines.text.endswith(" INFO tests.plain request method=GET status=200\n")
