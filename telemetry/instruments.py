"""What is measured, whatever becomes of it: counters, histograms and gauges, and the backend that they write to.

`telemetry.metrics` defines each once. Where the figures go is the setting METRICS: to Prometheus
(telemetry.prometheus), to CloudWatch (telemetry.emf), or nowhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

Unit = Literal["", "seconds", "tokens", "usd"]
Kind = Literal["counter", "histogram", "gauge"]
Record = Callable[[float], object]


@dataclass(eq=False)
class Instrument:
    """One metric. `name` is Prometheus', its unit in it; `labels` are named here, and given by place when recording.

    `dimensions` are the labels that CloudWatch is told too: each of their values there is a metric of its own, and paid
    for. `buckets` are a histogram's upper bounds.
    """

    kind: Kind
    name: str
    help: str
    labels: tuple[str, ...] = ()
    unit: Unit = ""
    dimensions: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    _records: dict[tuple[str, ...], Record] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        _instruments.append(self)

    def _record(self, labels: tuple[str, ...]) -> Record:
        """What takes the values of these labels; found once."""
        record = self._records.get(labels)
        if record is None:
            record = self._records[labels] = _backend.record_of(self, labels)
        return record

    def begin(self, *labels: str) -> None:
        """The series of these labels is there before its first value: a counter or histogram at 0.

        To Prometheus a series that appears with 1 has not grown, so the first event would be seen by no alert.
        """
        self._record(labels)

    def forget(self) -> None:
        """Values go to the backend of now."""
        self._records.clear()


class Counter(Instrument):
    """A number of events, or a sum, that only grows."""

    def __init__(
        self,
        name: str,
        help: str,  # noqa: A002  # Prometheus' word
        *labels: str,
        unit: Unit = "",
        dimensions: tuple[str, ...] = (),
    ) -> None:
        super().__init__("counter", name, help, labels, unit=unit, dimensions=dimensions)

    def add(self, *labels: str, amount: float = 1) -> None:
        self._record(labels)(amount)


class Histogram(Instrument):
    """How values are spread."""

    def __init__(
        self,
        name: str,
        help: str,  # noqa: A002  # Prometheus' word
        *labels: str,
        unit: Unit,
        buckets: tuple[float, ...],
        dimensions: tuple[str, ...] = (),
    ) -> None:
        super().__init__("histogram", name, help, labels, unit=unit, dimensions=dimensions, buckets=buckets)

    def observe(self, value: float, *labels: str) -> None:
        self._record(labels)(value)


class Gauge(Instrument):
    """What there is of something just now, summed over the living processes. Not for CloudWatch."""

    def __init__(self, name: str, help: str) -> None:  # noqa: A002  # Prometheus' word
        super().__init__("gauge", name, help)

    def add(self, amount: float) -> None:
        self._record(())(amount)


class Backend(Protocol):
    """Where values go."""

    def prepare(self, instruments: list[Instrument]) -> None:
        """Make known all that there is, before the first value."""

    def record_of(self, instrument: Instrument, labels: tuple[str, ...]) -> Record:
        """What takes the values of an instrument under these labels: amounts to add, or values observed."""

    def flush(self) -> None:
        """A request has ended: what is kept for such a moment is written."""


class Nowhere:
    """For METRICS=off."""

    def prepare(self, instruments: list[Instrument]) -> None:
        """Nothing is kept."""

    def record_of(self, instrument: Instrument, labels: tuple[str, ...]) -> Record:  # noqa: ARG002  # the protocol's
        return _ignore

    def flush(self) -> None:
        """Nothing is kept."""


def use(backend: Backend) -> None:
    """From now on all values go there. Until it is called first they go nowhere."""
    global _backend  # noqa: PLW0603  # one for the process, chosen at its start
    _backend = backend
    backend.prepare(_instruments)
    for instrument in _instruments:
        instrument.forget()


def backend() -> Backend:
    """Where values go now."""
    return _backend


def _ignore(value: float) -> None:
    pass


_instruments: list[Instrument] = []
_backend: Backend = Nowhere()
