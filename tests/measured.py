"""What the service has measured so far, as Prometheus would read it."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.parser import text_string_to_metric_families

from telemetry import instruments
from telemetry.instruments import Backend
from telemetry.prometheus import Prometheus


def samples() -> dict[str, float]:
    """Every sample of this process, by its name and labels as they stand on the page."""
    backend = instruments.backend()
    assert isinstance(backend, Prometheus)
    return read_page(backend.page().decode())


def read_page(text: str) -> dict[str, float]:
    """The samples of a page: `name{label="value",...}` and their values."""
    return {
        _key(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _key(name: str, labels: dict[str, str]) -> str:
    told = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{told}}}" if told else name


@contextmanager
def measuring_into(backend: Backend) -> Iterator[None]:
    """What is measured within goes there, and afterwards where it went before."""
    held = instruments.backend()
    instruments.use(backend)
    try:
        yield
    finally:
        instruments.use(held)


class Measured:
    """What has been measured since this was made: samples that have changed, and by how much."""

    def __init__(self) -> None:
        self._before = samples()

    def since(self, *prefixes: str) -> dict[str, float]:
        """Samples whose names begin with one of `prefixes`; bounds of histograms are left out."""
        return {
            key: round(value - self._before.get(key, 0.0), 9)
            for key, value in samples().items()
            if key.startswith(prefixes) and "_bucket{" not in key and value != self._before.get(key, 0.0)
        }
