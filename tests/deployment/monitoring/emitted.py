"""What the code emits, found by recording everything once and reading it as Prometheus and CloudWatch would."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.parser import text_string_to_metric_families

from telemetry import metrics
from telemetry.emf import EMF
from telemetry.instruments import Backend, Counter, Gauge, Histogram
from telemetry.prometheus import Prometheus
from tests.measured import measuring_into

Names = dict[str, frozenset[str]]


def scraped() -> Names:
    """Every series' name on the page of metrics, with the names of its labels."""
    backend = Prometheus()
    with _recorded(backend):
        families = list(text_string_to_metric_families(backend.page().decode()))
    return {sample.name: frozenset(sample.labels) for family in families for sample in family.samples}


def told_to_cloudwatch() -> Names:
    """Every metric's name, with the names of its dimensions."""
    lines: list[bytes] = []
    backend = EMF("chatbot-api", lines.append)
    with _recorded(backend):
        backend.flush()
    return {
        metric["Name"]: frozenset(directive["Dimensions"][0])
        for line in lines
        for directive in json.loads(line)["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }


@contextmanager
def _recorded(backend: Backend) -> Iterator[None]:
    """One value of every instrument is in the backend."""
    with measuring_into(backend):
        for instrument in vars(metrics).values():
            if isinstance(instrument, Counter):
                instrument.add(*instrument.labels)
            elif isinstance(instrument, Histogram):
                instrument.observe(1.0, *instrument.labels)
            elif isinstance(instrument, Gauge):
                instrument.add(1.0)
        yield
