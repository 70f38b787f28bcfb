"""docs/TELEMETRY.md names the metrics that there are, and what they are counted by."""

import re

from django.conf import settings

from telemetry import metrics
from telemetry.instruments import Instrument
from telemetry.labels import FAULTS

DEFINED = [value for value in vars(metrics).values() if isinstance(value, Instrument)]


def test_the_catalogue_is_what_the_code_defines() -> None:
    text = (settings.BASE_DIR / "docs" / "TELEMETRY.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]*?) ?\| ", text, flags=re.MULTILINE)

    assert rows == [(one.name, one.kind, ", ".join(one.labels)) for one in DEFINED]


def test_the_dimensions_are_what_the_code_defines() -> None:
    text = (settings.BASE_DIR / "docs" / "TELEMETRY.md").read_text()
    table = text.partition("| metric | dimensions")[2].partition("\n\n")[0]
    rows = {
        name: dimensions
        for names, dimensions in re.findall(r"^\| (`.*`) \| ([\w, ]+) \|$", table, flags=re.MULTILINE)
        for name in re.findall(r"\w+", names)
    }

    assert rows == {one.name: ", ".join(one.dimensions) for one in DEFINED if one.dimensions}


def test_the_services_own_failures_are_those_that_the_code_counts() -> None:
    text = " ".join((settings.BASE_DIR / "docs" / "TELEMETRY.md").read_text().split())
    told = text.partition("Codes that are the service's own failures are ")[2].partition(";")[0]

    assert set(re.findall(r"`(\w+)`", told)) == FAULTS


def test_names_follow_prometheus_rules() -> None:
    assert [one.name for one in DEFINED if one.kind == "counter" and not one.name.endswith("_total")] == []
    assert [one.name for one in DEFINED if one.unit == "seconds" and not one.name.endswith("_seconds")] == []


def test_cloudwatch_is_told_labels_that_there_are_and_few_of_them() -> None:
    for one in DEFINED:
        assert set(one.dimensions) <= set(one.labels)
        assert len(one.dimensions) <= 2


def test_objectives_are_bounds() -> None:
    for one in (metrics.TURN_SECONDS, metrics.MODEL_SECONDS, metrics.FIRST_TEXT_SECONDS, metrics.REQUEST_SECONDS):
        assert {2.0, 5.0, 10.0} <= set(one.buckets)
    for one in (metrics.STAGE_SECONDS, metrics.STORE_SECONDS):
        assert {0.05, 0.1} <= set(one.buckets)
