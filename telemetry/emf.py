"""Metrics for CloudWatch: lines of log that it reads figures out of, and no call of an API.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson

from telemetry.instruments import Instrument, Record, Unit

NAMESPACE = "Chatbot"
# The dimension that every metric has: which function of the account it is.
SERVICE = "service"
# The format's own bounds.
MOST_VALUES = 100
MOST_METRICS = 100
_UNITS: dict[Unit, str] = {"": "Count", "seconds": "Seconds", "tokens": "Count", "usd": "None"}

Dimensions = tuple[tuple[str, str], ...]


def _print(line: bytes) -> None:
    sys.stdout.write(line.decode() + "\n")
    sys.stdout.flush()


class EMF:
    """The backend of METRICS=emf. Keeps values until `flush`, which the end of each request calls.

    CloudWatch charges for every metric and combination of dimensions, so of an instrument's labels only its
    `dimensions` are told and the others summed up. Gauges are not: a function answers one request at a time.
    """

    def __init__(self, service: str, write: Callable[[bytes], None] = _print) -> None:
        self._service = service
        self._write = write
        self._lock = threading.Lock()
        self._kept: dict[tuple[Instrument, Dimensions], list[float]] = {}

    def prepare(self, instruments: list[Instrument]) -> None:
        """CloudWatch knows a metric by its first value."""

    def record_of(self, instrument: Instrument, labels: tuple[str, ...]) -> Record:
        named = dict(zip(instrument.labels, labels, strict=True))
        key = (instrument, tuple((name, named[name]) for name in instrument.dimensions))
        if instrument.kind == "gauge":
            return float  # takes a number, and nothing comes of it
        return partial(self._add if instrument.kind == "counter" else self._append, key)

    def flush(self) -> None:
        """Write what has come together since the last time."""
        with self._lock:
            kept, self._kept = self._kept, {}
        now = time.time_ns() // 1_000_000
        for document in _documents(kept):
            self._write(orjson.dumps(document.content(now, self._service)))

    def _add(self, key: tuple[Instrument, Dimensions], amount: float) -> None:
        with self._lock:
            sums = self._kept.setdefault(key, [0.0])
            sums[0] += amount

    def _append(self, key: tuple[Instrument, Dimensions], value: float) -> None:
        with self._lock:
            self._kept.setdefault(key, []).append(value)


class _Document:
    """One line. A name stands for one value in it, so two values of a dimension need two lines."""

    def __init__(self) -> None:
        self._dimensions: dict[str, str] = {}
        self._values: dict[str, list[float]] = {}
        self._directives: dict[tuple[str, ...], list[dict[str, str]]] = {}

    def take(self, instrument: Instrument, dimensions: Dimensions, values: list[float]) -> bool:
        """Whether there is room for it here; if there is, it is taken."""
        if instrument.name in self._values or len(self._values) == MOST_METRICS:
            return False
        if any(self._dimensions.get(name, value) != value for name, value in dimensions):
            return False
        self._dimensions.update(dimensions)
        self._values[instrument.name] = values
        definition = {"Name": instrument.name, "Unit": _UNITS[instrument.unit]}
        self._directives.setdefault(tuple(name for name, _ in dimensions), []).append(definition)
        return True

    def content(self, now: int, service: str) -> dict[str, Any]:
        directives = [
            {"Namespace": NAMESPACE, "Dimensions": [[SERVICE, *names]], "Metrics": definitions}
            for names, definitions in self._directives.items()
        ]
        values = {name: given[0] if len(given) == 1 else given for name, given in self._values.items()}
        metadata = {"Timestamp": now, "CloudWatchMetrics": directives}
        return {"_aws": metadata, SERVICE: service, **self._dimensions, **values}


def _documents(kept: dict[tuple[Instrument, Dimensions], list[float]]) -> list[_Document]:
    """As few lines as hold it all; mostly one."""
    documents: list[_Document] = []
    for (instrument, dimensions), values in kept.items():
        for part in _parts(values):
            if not any(document.take(instrument, dimensions, part) for document in documents):
                documents.append(_Document())
                documents[-1].take(instrument, dimensions, part)
    return documents


def _parts(values: list[float]) -> Iterator[list[float]]:
    for first in range(0, len(values), MOST_VALUES):
        yield values[first : first + MOST_VALUES]
