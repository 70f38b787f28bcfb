"""The arithmetic: quantiles, windows, rates."""

import os

import pytest

from benchmarks.measurement import Chat, Measurement, Quantiles
from benchmarks.window import Window, stretches


def test_quantiles_are_values_that_were_seen() -> None:
    values = [float(number) for number in range(100, 0, -1)]

    assert Quantiles.of(values) == Quantiles(50.0, 95.0, 99.0)
    assert Quantiles.of(values, minus=10.0) == Quantiles(40.0, 85.0, 89.0)
    assert Quantiles.of([7.0]) == Quantiles(7.0, 7.0, 7.0)
    assert Quantiles.of([]) is None


def test_only_chats_that_end_while_the_window_is_open_count() -> None:
    window = Window({"tests": [os.getpid()]})

    window.record(Chat(1.0))
    window.open()
    window.record(Chat(12.0, first=5.0, lags=(1.0, 2.0)))
    window.close()
    window.record(Chat(3.0))

    measured = window.measured(upstream_ms=10.0, first_ms=4.0)
    assert measured == Measurement(
        chats=1,
        seconds=window.seconds,
        cpu=window.cpu,
        total=Quantiles(2.0, 2.0, 2.0),
        first=Quantiles(1.0, 1.0, 1.0),
        lag=Quantiles(1.0, 2.0, 2.0),
        failures=[],
    )
    assert set(window.cpu) == {"tests", "machine"}


def test_a_failure_counts_whenever_it_happens_but_few_are_kept() -> None:
    window = Window({})

    for number in range(9):
        window.fail(f"failure {number}")

    assert window.failures == [f"failure {number}" for number in range(5)]


def test_a_window_that_was_not_opened_cannot_be_closed() -> None:
    with pytest.raises(RuntimeError):
        Window({}).close()


def measured(**changes: object) -> Measurement:
    figures = {"chats": 200, "seconds": 2.0, "cpu": {"server": 0.5, "load": 0.1, "machine": 1.0}}
    return Measurement.from_json({**figures, "total": None, "first": None, "lag": None, "failures": [], **changes})


def test_rates_are_by_the_second_and_cpu_by_the_chat() -> None:
    seen = measured()

    assert (seen.rate, seen.cpu_ms("server"), seen.cpu_ms("load")) == (100.0, 2.5, 0.5)


def test_what_the_machine_did_beside_us_is_told_as_a_share_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    assert measured().others == pytest.approx(0.1)
    assert measured(cpu={"server": 0.5, "machine": 0.49}).others == 0.0


def test_a_measurement_travels_as_json() -> None:
    seen = measured(total={"p50": 1.0, "p95": 2.0, "p99": 3.0})

    assert seen.total == Quantiles(1.0, 2.0, 3.0)
    assert Measurement.from_json(seen.to_json()) == seen


def test_chats_before_the_window_are_known_without_counting() -> None:
    window = Window({})

    window.record(Chat(1.0))

    assert (window.answered, window.chats) == (1, [])


def test_a_window_is_lengthened_for_a_bounded_time() -> None:
    assert [len(stretches(seconds)) for seconds in (0.1, 1.4, 3.0, 20.0)] == [100, 7, 3, 1]
