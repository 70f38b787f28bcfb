"""The calculator: examples reckoned by hand, and what must hold for every workload."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.cost import turn_items
from benchmarks.cost.__main__ import main
from benchmarks.cost.advice import advice
from benchmarks.cost.break_even import break_even
from benchmarks.cost.options import EKS, LAMBDA, OPTIONS, month_usd, own_lines, own_usd, shared_lines
from benchmarks.cost.price_list import price_list
from benchmarks.cost.report import FUNCTION
from benchmarks.cost.workload import MOST_CHATS, Workload

MILLION = Workload(chats=1_000_000)
# What CloudWatch is told of a million chats: 2,500 bytes of metrics and 300 of Lambda's own are 2.8 GB, kept for 12
# months; 12 metrics; alarms that ask 31 and 27.
TOLD = {
    "metrics' and calls' logs, taken in": "1.4000",
    "metrics' and calls' logs, kept": "1.0080",
    "metrics": "3.6000",
    "alarms": "5.8000",
}
WORKLOADS = st.builds(
    Workload,
    chats=st.integers(0, MOST_CHATS // 2),
    input_tokens=st.integers(200, 20_000),
    question_tokens=st.integers(1, 200),
    output_tokens=st.integers(0, 5_000),
    turns_per_session=st.integers(1, 50),
    streamed_percent=st.integers(0, 100),
    duration_ms=st.integers(200, 60_000),
    cpu_ms=st.integers(1, 200),
    memory_mb=st.integers(128, 4_096),
    provisioned=st.integers(0, 50),
    peak_factor=st.integers(1, 20),
    regions=st.integers(1, 3),
    kept_months=st.integers(0, 36),
)


def usd(lines: Sequence[Any]) -> dict[str, str]:
    return {line.what: f"{line.usd:.4f}" for line in lines}


def test_a_million_chats_on_the_function() -> None:
    # 1,000,000 * 4 s * 1 GB = 4,000,000 GB-s * 0.0000133334; requests 1,000,000 * 0.20 / 1,000,000.
    assert usd(own_lines("lambda-arm64", MILLION)) == {"requests": "0.2000", "duration": "53.3336", **TOLD}
    # 4,000,000 * 0.0000166667.
    assert usd(own_lines("lambda-x86", MILLION)) == {"requests": "0.2000", "duration": "66.6668", **TOLD}
    assert usd(own_lines("lambda-arm64-http-api", MILLION)) == {
        "requests": "0.2000",
        "duration": "53.3336",
        **TOLD,
        "HTTP API": "1.0000",
    }


def test_warm_copies_take_what_they_can_and_the_rest_runs_on_demand() -> None:
    # Two copies of 1 GB: 2 * 730 * 3600 = 5,256,000 GB-s, more than the 4,000,000 that a million chats need.
    assert usd(own_lines("lambda-arm64-provisioned", MILLION)) == {
        "requests": "0.2000",
        "provisioned concurrency": "17.5204",
        "duration, provisioned": "31.1112",
        "duration, on demand": "0.0000",
        **TOLD,
    }
    # Twice the chats: 8,000,000 GB-s, of which 2,744,000 are on demand.
    two_millions = usd(own_lines("lambda-arm64-provisioned", replace(MILLION, chats=2_000_000)))
    assert {what: found for what, found in two_millions.items() if what not in TOLD} == {
        "requests": "0.4000",
        "provisioned concurrency": "17.5204",
        "duration, provisioned": "40.8801",
        "duration, on demand": "36.5868",
    }


def test_a_million_chats_on_the_cluster() -> None:
    # Answers of 1,200 + 1,100 bytes, half of them with 1,200 + 300 * 40 more: 8.9 GB a month in 730 hours is less than
    # the 1,000,000 / 2,628,000 / 25 = 0.01522 LCU of new connections.
    assert usd(own_lines("eks-on-demand", MILLION)) == {
        "control plane": "73.0000",
        "load balancer": "16.4250",
        "load balancer's addresses": "10.9500",
        "load balancer's LCUs": "0.0889",
        "PostgreSQL": "46.7200",
        "PostgreSQL's storage": "4.6000",
        "Valkey": "37.3760",
        "cluster's logs, taken in": "0.0000",
        "cluster's logs, kept": "0.0000",
        "Container Insights' metrics": "0.0000",
        # 31 metrics of the tables' alarms and 5 of the load balancer's.
        "alarms": "3.6000",
        "nodes": "91.1040",
        "nodes' disks": "7.2000",
        "NAT gateways": "98.5500",
        "NAT gateways' addresses": "10.9500",
        "endpoints": "153.3000",
        "endpoints' data": "0.0920",
    }


def test_what_every_option_pays_for_a_million_chats() -> None:
    # Bedrock: 1,500 * 0.80 + 300 * 3.20 = 2,160 dollars. DynamoDB: see the two tests below.
    assert usd(shared_lines(MILLION)) == {
        "Bedrock": "2160.0000",
        "DynamoDB writes": "15.3750",
        "DynamoDB reads": "0.5000",
        "DynamoDB storage": "8.5620",
        "DynamoDB recovery": "6.8496",
        "copies to other regions": "0.0000",
        "answers to the internet": "0.8010",
        "logs taken in": "0.5500",
        "logs kept": "0.3960",
    }


def test_a_cluster_s_logs_and_metrics_cost_what_they_are_said_to_be() -> None:
    said = usd(own_lines("eks-on-demand", replace(MILLION, cluster_log_gb=10, cluster_metrics=200, regions=2)))

    # In each of two regions 10 GB at 0.50, kept for 12 months at 0.03, and 200 metrics at 0.30.
    assert said["cluster's logs, taken in"] == "10.0000"
    assert said["cluster's logs, kept"] == "7.2000"
    assert said["Container Insights' metrics"] == "120.0000"


def test_units_of_a_turn() -> None:
    # Session with a question of 400 bytes in it: 1,350 bytes, 2 units. Begin: 2, and 2 indexes * 1.8 entries.
    # Commit: 2 * (question 1 + answer of 1,650 bytes 2 + session 2 + ledger 1 + receipt 1), 2 * 2 entries and 1.
    assert turn_items.write_units(MILLION) == Decimal("5.6") + 14 + 5
    # A prompt of 1,400 earlier tokens: 5,600 bytes and 3.5 exchanges of 750 more are 3 units; the receipt 1.
    assert turn_items.read_units(MILLION) == 4


def test_budgets_cost_two_writes_and_a_receipt_two_units_in_its_transaction() -> None:
    plain = turn_items.write_units(MILLION)

    assert turn_items.write_units(replace(MILLION, budgets=True)) == plain + 2
    assert turn_items.write_units(replace(MILLION, idempotent_percent=0)) == plain - 2


def test_another_region_is_another_cluster_and_a_copy_of_every_item() -> None:
    one, two = MILLION, replace(MILLION, regions=2)
    fixed = {"control plane", "load balancer", "PostgreSQL", "Valkey", "nodes", "NAT gateways"}

    before, after = ({line.what: line.usd for line in own_lines("eks-on-demand", at)} for at in (one, two))
    assert {what: after[what] for what in fixed} == {what: 2 * before[what] for what in fixed}
    assert usd(shared_lines(two))["DynamoDB writes"] == "30.7500"
    # 1,350 + 550 + 700 + 1,650 + 200 bytes a chat.
    assert usd(shared_lines(two))["copies to other regions"] == "0.0890"


def test_cached_tokens_cost_a_quarter() -> None:
    # 500 * 0.80 + 1,000 * 0.20 + 300 * 3.20.
    assert usd(shared_lines(replace(MILLION, cached_tokens=1_000)))["Bedrock"] == "1560.0000"


def test_more_nodes_when_the_busiest_hours_need_them() -> None:
    # 100 million chats: 38.05 a second, 5 times that at the peak, 10 ms each: 1.90 cores, on three nodes of 1.4.
    nodes = {line.what: line.quantity for line in own_lines("eks-spot", replace(MILLION, chats=100_000_000))}
    assert nodes["nodes"] == 3 * 730
    # 300 million: 5.71 cores.
    nodes = {line.what: line.quantity for line in own_lines("eks-spot", replace(MILLION, chats=300_000_000))}
    assert nodes["nodes"] == 5 * 730


@settings(max_examples=40, deadline=None)
@given(
    workload=WORKLOADS,
    more=st.sampled_from(("chats", "output_tokens", "duration_ms", "memory_mb", "regions", "cpu_ms", "kept_months")),
)
def test_more_of_anything_never_costs_less(workload: Workload, more: str) -> None:
    # Warm copies that are always busy are cheaper than the same on demand, and every region has its own.
    workload = replace(workload, provisioned=0) if more == "regions" else workload
    grown = getattr(workload, more) + max(1, getattr(workload, more) // 2)
    most = workload.duration_ms if more == "cpu_ms" else grown
    larger = replace(workload, **{more: min(grown, most)})

    for option in OPTIONS:
        assert month_usd(option, larger) >= month_usd(option, workload) >= 0


@settings(max_examples=15, deadline=None)
@given(workload=WORKLOADS, eks=st.sampled_from(sorted(EKS)), function=st.sampled_from(sorted(LAMBDA)))
def test_a_break_even_is_one(workload: Workload, eks: str, function: str) -> None:
    found = break_even(eks, function, workload)

    if found is None:
        most = replace(workload, chats=MOST_CHATS)
        assert own_usd(eks, most) > own_usd(function, most)
        return
    at, before = replace(workload, chats=found), replace(workload, chats=max(found - 1, 0))
    assert own_usd(eks, at) <= own_usd(function, at)
    assert found == 0 or own_usd(eks, before) > own_usd(function, before)


def test_break_even_of_the_defaults_is_the_fixed_costs_divided_by_the_difference_a_chat() -> None:
    # 553.775 fixed on the cluster and 9.40 on the function; a chat costs 0.0000535336 and 0.000002408 of logs on the
    # function and 0.00000018088889 on the cluster.
    assert break_even("eks-on-demand", FUNCTION, MILLION) == 9_762_699


def test_every_advice_saves_something_and_the_largest_comes_first() -> None:
    found = advice(MILLION)

    assert [line.change for line in found] == [
        "us.amazon.nova-micro-v1:0 for all chats",
        "prompt caching of all but the question",
        "eks-no-endpoints, not eks-on-demand",
        "eks-one-nat, not eks-on-demand",
        "eks-spot, not eks-on-demand",
        "lambda-arm64: 512 MB, not 1024",
        "eks-savings-plan, not eks-on-demand",
        "lambda-arm64, not lambda-x86",
    ]
    # 1,500 * 0.035 + 300 * 0.14 instead of 2,160.
    assert found[0].saves == Decimal("2065.5")


def test_every_price_says_where_it_is_from_and_none_is_idle() -> None:
    prices = price_list()
    lines = [line for option in OPTIONS for line in own_lines(option, MILLION)] + shared_lines(MILLION)

    assert {line.price.name for line in lines} - {"bedrock"} == set(prices.prices)
    assert all(price.usd > 0 and price.unit and price.source for price in prices.prices.values())
    assert (prices.region, prices.read) == ("us-east-1", "2026-11-23")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--chats", "-1"], "chats: 0 to 300,000,000"),
        (["--chats", "many"], "whole numbers with commas between them are needed"),
        (["--model", "some.model"], "no price is known of the model some.model"),
        (["--question-tokens", "2000"], "question tokens: at least 1, at most the input tokens"),
        (["--memory-mb", "64"], "memory: 128 to 10,240 MB"),
        (["--streamed-percent", "101"], "streamed: 0 to 100 per cent"),
    ],
)
def test_refuses_inputs_that_cannot_be(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


def test_json_has_every_line_and_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "--chats", "1000000"]) == 0

    said = json.loads(capsys.readouterr().out)
    (month,) = said["months"]
    shared = sum(Decimal(line["usd"]) for line in month["shared"])
    assert month["chats"] == 1_000_000
    assert set(month["options"]) == set(OPTIONS)
    for option in month["options"].values():
        lines = shared + sum(Decimal(line["usd"]) for line in option["lines"])
        assert abs(lines - Decimal(option["total_usd"])) < Decimal("0.00000002")
    assert said["break_even_chats"]["eks-on-demand"] == 9_762_699
    assert said["unconfirmed_prices"] == ["t3_medium_savings_plan", "t3_medium_spot", "dynamodb_recovery"]
    assert said["prices"]["lambda_request"] == {
        "usd": "0.20",
        "per": 1_000_000,
        "unit": "request",
        "source": "AWS Lambda Pricing",
    }


def test_names_the_prices_that_are_not_confirmed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chats", "1000", "--option", "eks-spot"]) == 0

    printed = capsys.readouterr().out
    assert "eks-spot pays besides" in printed
    assert printed.splitlines()[-1] == (
        "Not confirmed: t3_medium_savings_plan, t3_medium_spot, dynamodb_recovery (benchmarks/cost/prices.toml)."
    )
