"""The form of a log line: an object of JSON each, or a line for people. What is asked for is the setting LOG_FORMAT.

Every line names the request and the trace that it belongs to, where there is one.
"""

import logging
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS, LogData
from pythonjsonlogger.orjson import OrjsonFormatter

from telemetry.context import current_request

# The attribute of a record that holds its facts, and those that are no facts.
FIELDS = "fields"
_NO_FACTS = frozenset({*RESERVED_ATTRS, FIELDS, "request_id", "trace_id", "request"})


def log_facts(logger: logging.Logger, level: int, message: str, facts: dict[str, object]) -> None:
    """Logs a line of facts. Cheaper than `extra`, and without looking for the place in the code, which is known."""
    if logger.isEnabledFor(level):
        logger.handle(logger.makeRecord(logger.name, level, "", 0, message, (), None, extra={FIELDS: facts}))


class RequestNames(logging.Filter):
    """Gives each record the ids of the request under way."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = current_request.get()
        if context:
            record.request_id = context.request_id
            if context.trace_id:
                record.trace_id = context.trace_id
        return True


class JSONLines(OrjsonFormatter):
    """`level`, `logger`, `message`, the request's ids, `time` (UTC), then the record's facts."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger"}
        reserved = (*RESERVED_ATTRS, FIELDS, "request")  # Django's own lines bring the whole request along
        super().__init__([*names, "message"], rename_fields=names, timestamp="time", reserved_attrs=reserved)

    def add_fields(self, log_data: LogData, record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data.update(record.__dict__.get(FIELDS, ()))


class PlainLines(logging.Formatter):
    """Time, level, logger and message as text, and behind them the record's facts."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        more = {name: value for name, value in record.__dict__.items() if name not in _NO_FACTS}
        facts = more | record.__dict__.get(FIELDS, {})
        told = [f"{name}={value}" for name, value in facts.items() if value != ""]
        return " ".join([super().formatMessage(record), *told])


def logging_config(log_format: str, level: str) -> dict[str, Any]:
    """Of logging.config.dictConfig, as the application and gunicorn use it: all lines of one form to standard error."""
    formatter = {"json": JSONLines, "line": PlainLines}[log_format]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_names": {"()": RequestNames}},
        "formatters": {"lines": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["request_names"]}},
        "root": {"handlers": ["stderr"], "level": level},
    }
