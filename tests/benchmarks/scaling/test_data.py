"""Limits and figures as data, and the reckoning that takes them by hand."""

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.cost import turn_items
from benchmarks.cost.workload import Workload
from benchmarks.scaling.compute import chat_cpu_ms, function_seconds, pod_capacity
from benchmarks.scaling.deployed import Pod
from benchmarks.scaling.figures import Figures, figures
from benchmarks.scaling.limits import limits
from benchmarks.scaling.load import Load
from benchmarks.scaling.load_balancer import capacity_units
from benchmarks.scaling.raise_first import bounds
from benchmarks.scaling.ramp import ramp_minutes
from benchmarks.scaling.turn_units import account_rate, account_units, turn_units

# A JSON chat of 5 ms, 0.1 ms a piece (9 - 5 over 40) and 0.1 ms a message (15 - 5 over 100).
ROUND = Figures("2026-01-01", 5.0, 9.0, 40, 15.0, 100, 150)
# Half of them streamed, seven messages before: 5 + 0.5 * 40 * 0.1 + 7 * 0.1.
CHAT_MS = 7.7


def test_every_limit_says_where_it_is_from() -> None:
    read = limits()

    assert (read.region, read.read) == ("us-east-1", "2026-11-23")
    assert all(limit.value > 0 and limit.unit and limit.source for limit in read.limits.values())
    assert [name for name, limit in read.limits.items() if not limit.confirmed] == [
        "nova_pro_tokens",
        "nova_lite_tokens",
        "nova_micro_tokens",
        "nova_2_lite_tokens",
    ]


@pytest.mark.parametrize("model", ["amazon.nova-2-lite-v1:0", "us.amazon.nova-2-lite-v1:0"])
def test_a_profile_has_the_quota_of_its_model(model: str) -> None:
    assert limits().tokens_a_minute(model) == limits()["nova_2_lite_tokens"]


@pytest.mark.parametrize("model", ["amazon.nova-premier-v1:0", "some.model"])
def test_a_model_without_a_known_quota_is_refused(model: str) -> None:
    with pytest.raises(ValueError, match=f"no quota is known of the model {model}"):
        limits().tokens_a_minute(model)


def test_every_figure_is_a_measurement() -> None:
    measured = asdict(figures())

    assert measured.pop("run") >= "2026-11-23"
    assert all(value > 0 for value in measured.values())
    assert figures().piece_cpu_ms > 0 < figures().message_cpu_ms


def test_cpu_of_a_chat_is_that_of_its_parts() -> None:
    load = Load(Workload(input_tokens=1_500, question_tokens=100, output_tokens=300, streamed_percent=50))

    assert chat_cpu_ms(load, ROUND) == pytest.approx(CHAT_MS)


def test_what_a_pod_carries() -> None:
    found = pod_capacity(Pod(), Load(), ROUND)

    assert found.at_cpu_limit == pytest.approx(1000 / CHAT_MS)
    assert found.at_busy == pytest.approx(700 / CHAT_MS)
    # 70 % of a quarter of a core.
    assert found.at_autoscaler == pytest.approx(175 / CHAT_MS)
    # 2 workers * 1,000 turns of 4 s.
    assert found.at_connections == 500
    assert found.memory_of_limit == pytest.approx(300 / 768)
    assert found.memory_of_target == pytest.approx(300 / (0.8 * 512))
    assert found.carries == found.at_busy


def test_a_slow_model_makes_connections_the_bound() -> None:
    found = pod_capacity(Pod(), Load(Workload(duration_ms=60_000)), ROUND)

    assert found.carries == found.at_connections == pytest.approx(2_000 / 60)


def test_a_function_is_busy_with_one_chat_and_its_share_of_a_cpu_makes_it_longer() -> None:
    assert function_seconds(Load(), ROUND, mb=1_769, mb_a_vcpu=1_769) == 4
    # With half a vCPU the 7.7 ms take as long again.
    assert function_seconds(Load(), ROUND, mb=1_000, mb_a_vcpu=2_000) == pytest.approx(4.0077)


def test_units_of_a_turn_by_table_and_index() -> None:
    # The session with its question is 2 units: begin 2; commit 2 * (question 1 + answer 2 + session 2 + receipt 1).
    assert turn_units(Workload()) == {
        "ChatbotConversations": Decimal(14),
        "OwnerIndex": Decimal("3.8"),
        "ActivityIndex": Decimal("3.8"),
        "ChatbotUsage": Decimal(2),
        "DayIndex": Decimal(1),
    }


@settings(deadline=None)
@given(
    workload=st.builds(
        Workload,
        input_tokens=st.integers(5_000, 20_000),
        question_tokens=st.integers(1, 5_000),
        output_tokens=st.integers(0, 5_000),
        turns_per_session=st.integers(1, 50),
        idempotent_percent=st.integers(0, 100),
    )
)
def test_all_tables_and_indexes_together_are_what_the_bill_has(workload: Workload) -> None:
    assert sum(turn_units(workload).values()) == pytest.approx(turn_items.write_units(workload))


def test_an_account_of_a_budget_grows_with_the_turns_under_way() -> None:
    # 4 s a turn. At 1 chat a second 4 reservations: 550 bytes, 1 unit, twice a turn; at 10, 40: 4,150 bytes, 5 units.
    assert account_units(1, 4.0) == 2
    assert account_units(10, 4.0) == 100


def test_an_account_carries_what_its_item_and_its_reservations_allow() -> None:
    hot = account_rate(seconds=4.0, partition_writes=1_000, most_live=10_000)

    assert account_units(hot, 4.0) <= 1_000 < account_units(hot * 1.01, 4.0)
    assert account_rate(seconds=4.0, partition_writes=10**9, most_live=300) == 75


def test_the_least_bound_comes_first_and_follows_the_model() -> None:
    found = bounds(Load())
    small = bounds(Load(Workload(model_id="us.amazon.nova-micro-v1:0")))

    assert [bound.carries for bound in found] == sorted(bound.carries for bound in found)
    assert found[0].what == "Bedrock: tokens of one region"
    assert found[0].carries < small[0].carries
    assert {bound.what for bound in found} == {bound.what for bound in small}


def test_a_larger_share_of_one_owner_lowers_that_owners_bounds_alone() -> None:
    tenth, all_of_it = (
        {bound.what: bound.carries for bound in bounds(Load(largest_owner_percent=percent))} for percent in (10, 100)
    )

    for what, carries in tenth.items():
        assert all_of_it[what] == pytest.approx(carries / 10 if what.startswith("largest owner") else carries)


@pytest.mark.parametrize(
    ("units", "minutes"), [(0, 0), (4_000, 0), (4_001, 30), (8_000, 30), (8_001, 60), (64_000, 120)]
)
def test_a_table_doubles_every_half_an_hour(units: int, minutes: int) -> None:
    assert ramp_minutes(units, warm=4_000, doubling_minutes=30) == minutes


def test_capacity_units_of_a_load_balancer() -> None:
    # An answer is 1,200 + 1,100 bytes and, half of them, 1,200 + 300 * 40 more; a question 400 + 1,000: 10,300 bytes.
    found = capacity_units(1_000, Load(), limits())

    assert found.new_connections == 40
    assert found.open_connections == pytest.approx(4_000 / 3_000)
    assert found.traffic == pytest.approx(1_000 * 3_600 * 10_300 / 10**9)
    assert found.needed == 40


@given(rate=st.integers(1, 100_000), times=st.integers(2, 10))
def test_capacity_units_grow_as_chats_do(rate: int, times: int) -> None:
    once, often = (capacity_units(each, Load(), limits()) for each in (rate, times * rate))

    assert often.needed == pytest.approx(times * once.needed)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"max_output_tokens": 299}, "max output tokens: at least the output tokens, and 1"),
        ({"pieces": 0}, "pieces: 1 or more"),
        ({"pause_seconds": -1}, "pause: 0 or more"),
        ({"largest_owner_percent": 0}, "largest owner: 1 to 100 per cent"),
        ({"largest_owner_percent": 101}, "largest owner: 1 to 100 per cent"),
        ({"transaction_ms": 0}, "transaction: 1 ms or more"),
    ],
)
def test_refuses_a_load_that_cannot_be(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(Load(), **wrong)
