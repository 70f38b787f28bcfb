"""The simulations: what must hold whatever chance brings, and where they meet what is worked out by hand."""

from collections.abc import Callable
from math import ceil
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scaling.conflicts import simulate as simulate_commits
from benchmarks.scaling.heat import MOST_SHARDS, hottest_owner, hottest_shard, least_shards
from benchmarks.scaling.quota import MINUTE, Demand, Use, chats_a_second
from benchmarks.scaling.quota_use import simulate as simulate_chats
from benchmarks.scaling.quota_window import Admitted, Window

CHAT = Demand(input_tokens=1_500, output_tokens=300, max_output_tokens=2_000, seconds=4.0)
MODEL, FALLBACK = "us.amazon.nova-pro-v1:0", "us.amazon.nova-lite-v1:0"
QUOTA = 500_000
CARRIES = chats_a_second(QUOTA, CHAT)
SEEDS = st.integers(0, 2**32)


def rng(seed: int = 1) -> Random:
    return Random(seed)  # noqa: S311  # a simulation, not a secret


# Shards


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, shards=st.sampled_from((1, 2, 16, 64)), rate=st.integers(1, 2_000))
def test_no_shard_is_cooler_than_an_even_share_and_none_hotter_than_all(seed: int, shards: int, rate: int) -> None:
    heat = hottest_shard(rate, shards=shards, sessions=500, units=3.8, rng=rng(seed))

    assert 3.8 * rate / shards <= heat.average + 0.001 <= 3.8 * rate + 0.002
    assert heat.average <= heat.busiest_second + 0.001


def test_more_shards_make_the_hottest_cooler() -> None:
    found = [hottest_shard(1_000, shards=n, sessions=30_000, units=3.8, rng=rng()).average for n in (1, 4, 16, 64, 256)]

    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(3_800)
    assert found[2] == pytest.approx(3_800 / 16, rel=0.1)


def test_one_owner_has_every_write_and_many_share_them() -> None:
    alone, many = (
        hottest_owner(1_000, owners=owners, skew=1.0, units=3.8, rng=rng()).average for owners in (1, 10_000)
    )

    assert alone == pytest.approx(3_800)
    # The first of 10,000 has 1 / (1 + 1/2 + … + 1/10,000) = 10.2 % of them.
    assert many == pytest.approx(3_800 * 0.102, rel=0.05)


def test_finds_the_least_shards_that_are_cool_enough() -> None:
    def needed(rate: float) -> int | None:
        return least_shards(rate, first=16, partition_writes=1_000, sessions=50_000, units=3.8, rng=rng)

    assert needed(10) == 16
    # Even: 10,000 * 3.8 / 32 = 1,188 and / 64 = 594.
    assert needed(10_000) == 64
    assert needed(MOST_SHARDS * 1_000) is None


# Commits that meet


@settings(max_examples=25, deadline=None)
@given(
    seed=SEEDS,
    rate=st.floats(1, 2_000),
    shards=st.sampled_from((1, 8, 32)),
    hold=st.sampled_from((0.001, 0.01, 0.05)),
    deadline=st.sampled_from((0.1, 5.0)),
)
def test_every_commit_ends_and_no_two_hold_an_item_at_once(
    seed: int, rate: float, shards: int, hold: float, deadline: float
) -> None:
    found = simulate_commits(
        rate, shards=shards, hold_seconds=hold, deadline_seconds=deadline, seconds=1.0, rng=rng(seed)
    )
    stored = found.turns - found.gave_up

    assert 0 <= found.gave_up <= found.refused_once <= found.turns <= found.tries
    assert found.tries >= found.turns + found.refused_once - found.gave_up
    assert 0 <= found.wait_99 <= deadline
    assert stored <= shards * ceil((found.seconds + hold) / hold)


def test_more_shards_let_fewer_commits_meet() -> None:
    found = [
        simulate_commits(300, shards=n, hold_seconds=0.01, deadline_seconds=60, seconds=10, rng=rng()).refused_once
        for n in (4, 8, 16, 32, 64, 128)
    ]

    assert found == sorted(found, reverse=True)


def test_few_commits_meet_as_often_as_their_item_is_held() -> None:
    # 100 a second over 32 items, each held for 10 ms: an item is held 3.1 % of the time.
    found = simulate_commits(100, shards=32, hold_seconds=0.01, deadline_seconds=60, seconds=100, rng=rng())

    assert found.turns == 4_000
    assert found.refused_once / found.turns == pytest.approx(100 / 32 * 0.01, rel=0.25)
    assert found.gave_up == 0


# Quotas


def test_what_a_quota_carries() -> None:
    # A chat holds 1,800 tokens for a minute and the 1,700 that it does not say for 4 s more: 114,800 token-seconds.
    assert pytest.approx(500_000 / 114_800) == CARRIES


@given(
    tokens=st.integers(10_000, 10**8),
    call=st.builds(
        Demand,
        input_tokens=st.integers(1, 20_000),
        output_tokens=st.integers(0, 1_000),
        max_output_tokens=st.integers(1_000, 10_000),
        seconds=st.floats(0.5, 60),
    ),
)
def test_a_longer_longest_answer_never_carries_more(tokens: int, call: Demand) -> None:
    longer = Demand(call.input_tokens, call.output_tokens, call.max_output_tokens + 1_000, call.seconds)

    assert 0 < chats_a_second(tokens, longer) < chats_a_second(tokens, call)
    assert chats_a_second(2 * tokens, call) == pytest.approx(2 * chats_a_second(tokens, call))


def lately(calls: list[Admitted], now: float) -> int:
    """Tokens of the calls that began within the last minute."""
    return sum(call.tokens for call in calls if call.at > now - MINUTE)


STEPS = st.lists(st.tuples(st.floats(0, 20), st.integers(1, 600), st.booleans()), max_size=60)


@given(steps=STEPS)
def test_a_quota_never_holds_more_than_it_has_nor_forgets_a_call_of_the_last_minute(
    steps: list[tuple[float, int, bool]],
) -> None:
    window, now = Window(1_000), 0.0
    admitted: list[Admitted] = []
    for passed, tokens, settles in steps:
        now += passed
        held = lately(admitted, now)
        call = window.admit(now, tokens)
        assert (call is None) == (held + tokens > 1_000)
        admitted += [call] if call else []
        if settles and admitted:
            window.settle(admitted[0], now, admitted[0].tokens // 2)
        assert window.held == lately(admitted, now) <= 1_000


def chats(rate: float, quotas: dict[str, int], regions: int = 1, seed: int = 1) -> Use:
    names = [f"region-{number}" for number in range(regions)]
    return simulate_chats(rate, quotas, names, CHAT, deadline=58.0, seconds=120.0, rng=rng(seed))


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, share=st.floats(0.2, 3), regions=st.integers(1, 3))
def test_every_chat_is_answered_or_refused(seed: int, share: float, regions: int) -> None:
    use = chats(share * CARRIES, {MODEL: QUOTA, FALLBACK: QUOTA}, regions, seed)

    assert use.answered + use.refused == use.chats
    assert sum(use.by_target.values()) == use.answered >= use.at_once
    assert use.calls >= use.chats
    # Each target answers no more than its quota has room for in the time, those that waited for the end included.
    assert all(number * 1_800 <= QUOTA * ceil((120 + 58) / MINUTE + 1) for number in use.by_target.values())


def test_a_quota_that_is_large_enough_refuses_nobody() -> None:
    use = chats(0.7 * CARRIES, {MODEL: QUOTA})

    assert (use.refused, use.at_once, use.waited, use.calls) == (0, use.chats, 0.0, use.chats)


def test_a_quota_that_is_too_small_answers_what_it_carries() -> None:
    use = chats(3 * CARRIES, {MODEL: QUOTA})

    assert use.answered / 120 == pytest.approx(CARRIES, rel=0.15)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(lambda rate: chats(rate, {MODEL: QUOTA}, regions=3), id="regions"),
        pytest.param(lambda rate: chats(rate, {MODEL: QUOTA, FALLBACK: 4 * QUOTA}), id="a fallback"),
    ],
)
def test_more_regions_and_fallback_models_answer_more(more: Callable[[float], Any]) -> None:
    alone, helped = chats(2 * CARRIES, {MODEL: QUOTA}), more(2 * CARRIES)

    assert alone.refused > 0
    assert (helped.refused, helped.at_once) == (0, helped.chats)


def test_a_fallback_is_asked_last() -> None:
    use = chats(0.7 * CARRIES, {MODEL: QUOTA, FALLBACK: QUOTA})

    assert {target.model_id for target in use.by_target} == {MODEL}
