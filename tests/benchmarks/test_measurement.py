"""The arithmetic: quantiles, windows, rates."""

import os
import time

import pytest

from benchmarks.cases import Case
from benchmarks.course import course, stretches
from benchmarks.measurement import Chat, Measurement, Quantiles
from benchmarks.window import Window


def test_quantiles_are_values_that_were_seen() -> None:
    values = [float(number) for number in range(100, 0, -1)]

    assert Quantiles.of(values) == Quantiles(50.0, 95.0, 99.0)
    assert Quantiles.of(values, minus=10.0) == Quantiles(40.0, 85.0, 89.0)
    assert Quantiles.of([7.0]) == Quantiles(7.0, 7.0, 7.0)
    assert Quantiles.of([]) is None


class Clock:
    """Seconds, as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


def test_chats_that_end_while_the_window_is_open_give_the_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, window = Clock(monkeypatch), Window({"tests": [os.getpid()]})

    window.record(0, Chat(1.0))
    clock.now = 101.0
    window.open()
    clock.now = 102.0
    window.record(0, Chat(12.0, first=5.0, lags=(1.0, 2.0)))
    clock.now = 103.0
    window.close()
    clock.now = 104.0
    window.record(0, Chat(3.0))

    assert window.measured(upstream_ms=10.0, first_ms=4.0) == Measurement(
        chats=pytest.approx(1.0),  # type: ignore[arg-type]  # equal to a float, which is what is asked
        seconds=2.0,
        cpu=window.cpu,
        total=Quantiles(2.0, 2.0, 2.0),
        first=Quantiles(1.0, 1.0, 1.0),
        lag=Quantiles(1.0, 2.0, 2.0),
        failures=[],
    )
    assert set(window.cpu) == {"tests", "machine"}


def test_a_chat_counts_with_its_share_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, window = Clock(monkeypatch), Window({})

    window.open()
    clock.now = 101.0
    window.record(0, Chat(4_000.0))  # from 97: a quarter of it
    window.record(1, Chat(500.0))  # all of it
    clock.now = 110.0
    window.close()
    clock.now = 112.0
    window.record(0, Chat(11_000.0))  # from 101: 9 of 11
    window.record(1, Chat(1_000.0))  # none of it

    measured = window.measured(upstream_ms=0.0, first_ms=0.0)
    assert measured.chats == pytest.approx(0.25 + 1 + 9 / 11)
    assert measured.rate == pytest.approx((0.25 + 1 + 9 / 11) / 10)
    assert measured.total == Quantiles(500.0, 4_000.0, 4_000.0)


def test_a_window_in_which_nothing_ended_has_no_chats(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, window = Clock(monkeypatch), Window({})

    window.open()
    clock.now = 101.0
    window.close()
    clock.now = 102.0
    window.record(0, Chat(2_000.0))

    assert window.measured(upstream_ms=0.0, first_ms=0.0).chats == 0.0


def test_a_window_opens_when_every_caller_has_had_an_answer_and_lasts_until_each_has_another() -> None:
    window = Window({})
    steps = course(Case("any", 2, 10.0), window)

    assert next(steps) == pytest.approx(0.3)
    window.record(0, Chat(1.0))
    window.record(0, Chat(1.0))
    assert next(steps) == pytest.approx(0.1)  # the other one waits
    window.record(1, Chat(1.0))
    assert next(steps) == pytest.approx(10.0)  # it is open
    window.record(0, Chat(1.0))
    assert next(steps) == pytest.approx(0.1)  # it is closed
    window.record(1, Chat(1.0))
    assert next(steps) == pytest.approx(0.1)
    window.record(0, Chat(1.0))
    assert list(steps) == []
    assert len(window.chats) == 1


def test_a_caller_that_gave_up_is_not_waited_for() -> None:
    window = Window({})
    steps = course(Case("any", 2, 10.0), window)

    next(steps)
    window.fail(0, "status 500")
    window.fail(1, "status 500")

    assert list(steps) == [10.0]


def test_a_window_that_opened_too_early_says_so() -> None:
    window = Window({})
    steps = course(Case("any", 256, 10.0), window)

    next(steps)
    window.record(0, Chat(1.0))

    assert list(steps) == [*[pytest.approx(0.1)] * 600, 10.0, *[pytest.approx(0.1)] * 600]
    assert window.measured(upstream_ms=0.0, first_ms=0.0).unready == 255


def test_a_failure_counts_whenever_it_happens_but_few_are_kept() -> None:
    window = Window({})

    for number in range(9):
        window.fail(number, f"failure {number}")

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


def test_a_window_is_lengthened_for_a_bounded_time() -> None:
    assert [len(stretches(seconds)) for seconds in (0.1, 1.4, 3.0, 20.0)] == [100, 7, 3, 1]
