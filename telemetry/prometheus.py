"""Metrics for Prometheus: https://prometheus.github.io/client_python/

gunicorn's workers share a folder of files (PROMETHEUS_MULTIPROC_DIR, made by deployment/gunicorn.conf.py), and
whichever of them is asked answers for all.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import prometheus_client
from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from telemetry.instruments import Instrument, Record

MEDIA_TYPE = prometheus_client.CONTENT_TYPE_LATEST


class ProcessID:
    """This process's id, asked of the system once: the client asks each time that a value changes, 40 times a chat."""

    def __init__(self) -> None:
        self._ask()
        os.register_at_fork(after_in_child=self._ask)

    def __call__(self) -> int:
        return self._id

    def _ask(self) -> None:
        self._id = os.getpid()


if values.ValueClass._multiprocess:  # noqa: SLF001  # the library keeps its own mode nowhere else
    values.ValueClass = values.MultiProcessValue(ProcessID())  # type: ignore[no-untyped-call]  # the library left it untyped


class WorkersFiles(MultiProcessCollector):
    """Passes over files without a byte: a worker makes each so, and one that is killed then leaves it so.

    https://github.com/prometheus/client_python/issues/1199
    """

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in Path(self._path).glob("*.db") if _has_bytes(file)]
        metrics: Iterable[Metric] = self.merge(files)  # type: ignore[no-untyped-call]  # the library left it untyped
        return metrics


def _has_bytes(file: Path) -> bool:
    with suppress(FileNotFoundError):  # those of gauges go when their worker has ended
        return file.stat().st_size > 0
    return False


class Prometheus:
    """The backend of METRICS=prometheus."""

    def __init__(self) -> None:
        # Else there is a series more for every series, which nobody asks for.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it untyped
        self._registry = CollectorRegistry()
        self._metrics: dict[str, MetricWrapperBase] = {}

    def prepare(self, instruments: list[Instrument]) -> None:
        for instrument in instruments:
            if instrument.name not in self._metrics:
                self._metrics[instrument.name] = self._made(instrument)

    def record_of(self, instrument: Instrument, labels: tuple[str, ...]) -> Record:
        metric = self._metrics[instrument.name]
        child = metric.labels(*labels) if labels else metric
        record: Record = getattr(child, "observe" if instrument.kind == "histogram" else "inc")
        return record

    def flush(self) -> None:
        """Prometheus comes for it."""

    def page(self) -> bytes:
        """What Prometheus reads: of all workers together, or of this process where it is alone."""
        registry = self._registry
        if values.ValueClass._multiprocess:  # noqa: SLF001  # the library keeps its own mode nowhere else
            registry = CollectorRegistry()
            WorkersFiles(registry)  # type: ignore[no-untyped-call]  # the library left it untyped
        return generate_latest(registry)

    def _made(self, instrument: Instrument) -> MetricWrapperBase:
        name, told, labels = instrument.name, instrument.help, instrument.labels
        if instrument.kind == "histogram":
            return prometheus_client.Histogram(name, told, labels, buckets=instrument.buckets, registry=self._registry)
        if instrument.kind == "gauge":
            return prometheus_client.Gauge(name, told, labels, multiprocess_mode="livesum", registry=self._registry)
        return prometheus_client.Counter(name, told, labels, registry=self._registry)
