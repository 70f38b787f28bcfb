"""Rounds become a table."""

from dataclasses import replace

import pytest

from benchmarks.cases import Case
from benchmarks.measurement import Measurement, Quantiles
from benchmarks.rows import Row, spread
from benchmarks.table import noise, table


def rounds(who: str, *cpu_ms: float, lag: Quantiles | None = None) -> list[Measurement]:
    """Rounds of 100 chats in a second, with so much CPU a chat."""
    total = Quantiles(3.0, 4.0, 5.0)
    return [Measurement(100, 1.0, {who: ms / 10, "machine": ms / 10 + 0.2}, total, None, lag, []) for ms in cpu_ms]


def test_the_ratio_is_the_median_of_the_rounds_own() -> None:
    row = Row(Case("any", 1, 1.0), rounds("server", 2.0, 8.0, 3.0), rounds("floor", 1.0, 4.0, 2.0))

    assert row.ratio == pytest.approx(2.0)


def test_without_a_floor_there_is_no_ratio() -> None:
    assert Row(Case("any", 1, 1.0), rounds("server", 2.0), []).ratio is None


def test_few_rounds_spread_from_the_lowest_to_the_highest() -> None:
    assert spread([2.0, 3.0, 2.5]) == pytest.approx(0.4)


def test_many_rounds_spread_over_their_middle_half() -> None:
    assert spread([1.0, 2.0, 3.0, 4.0, 100.0]) == pytest.approx(2 / 3)


def test_shows_the_server_above_its_floor() -> None:
    row = Row(Case("JSON, new session", 32, 1.0), rounds("server", 2.0, 3.0), rounds("floor", 2.0, 2.0))
    heads = ["callers", "who", "chats/s", "CPU", "ms", "spread", "÷", "floor", "p50", "p95", "p99"]

    lines = table([row]).splitlines()

    assert [head for head in heads if head not in lines[0]] == []
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "JSON, new session 32 server 100.0 2.50 40% 1.25 3.0 4.0 5.0",
        "JSON, new session 32 floor 100.0 2.00 0% 3.0 4.0 5.0",
    ]


def test_a_warm_case_borrows_its_floor_and_does_not_show_it_again() -> None:
    row = Row(Case("warm", 1, 1.0, turns=50, state="warm"), rounds("server", 2.0), rounds("floor", 4.0))

    assert [" ".join(line.split()) for line in table([row]).splitlines()[1:]] == [
        "warm 1 server 100.0 2.00 0.50 3.0 4.0 5.0"
    ]


def test_says_how_near_a_slow_model_lets_it_come_to_the_ideal() -> None:
    row = Row(Case("slow", 200, 1.0, latency=1.0), rounds("server", 2.0), [])

    assert " ".join(table([row]).splitlines()[1].split()) == "slow 200 server 100.0 50% 2.00 3.0 4.0 5.0"


def test_pieces_are_shown_only_where_the_model_pauses_between_them() -> None:
    lag = Quantiles(1.0, 2.0, 9.0)
    paced = Row(Case("paced", 1, 1.0, stream=True, gap=0.02), rounds("server", 2.0, lag=lag), [])
    burst = Row(Case("burst", 1, 1.0, stream=True), rounds("server", 2.0, lag=lag), [])

    assert [line.split()[-1] for line in table([paced, burst]).splitlines()[1:]] == ["9.0", "5.0"]


def test_a_quiet_run_is_told_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    row = Row(Case("calm", 1, 1.0), rounds("server", 2.0, 2.1), [])

    assert noise([row]) == [
        "Noise: other programs used 10% of the processors (median).",
        "Between rounds, the server's CPU a chat differed by 5% (median of the rows), by 5% at most (calm, 1).",
    ]


def test_a_noisy_run_is_told_with_a_warning() -> None:
    rows = [
        Row(Case("calm", 1, 1.0), rounds("server", 2.0, 2.1), []),
        Row(Case("wild", 32, 1.0), rounds("server", 2.0, 4.0), []),
    ]

    assert noise(rows)[1:] == [
        "Between rounds, the server's CPU a chat differed by 36% (median of the rows), by 67% at most (wild, 32).",
        "WARNING: a spread over 15%: do not compare such rows with those of other runs.",
    ]


def test_the_plain_server_stands_below_the_floor() -> None:
    row = Row(Case("new", 32, 1.0, plain=True), rounds("server", 2.0), rounds("floor", 2.0), rounds("plain", 5.0))

    assert [" ".join(line.split()) for line in table([row]).splitlines()[1:]] == [
        "new 32 server 100.0 2.00 1.00 3.0 4.0 5.0",
        "new 32 floor 100.0 2.00 3.0 4.0 5.0",
        "new 32 plain 100.0 5.00 3.0 4.0 5.0",
    ]


def test_a_window_that_opened_too_early_is_told() -> None:
    early = replace(rounds("server", 2.0)[0], unready=3)
    row = Row(Case("slow", 256, 1.0), [early])

    assert noise([row])[1:] == ["WARNING: slow, 256: up to 3 callers had no answer before the window opened."]
