"""Whatever a history holds, what is sent to the model is what Bedrock takes: valid, inside the budget, newest first."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_client import ModelRequest, Role
from bedrock_client.wire import to_body
from conversations.domain import Said, Session
from conversations.services.context import Context, Exchange, build_context, correction, estimate_tokens, exchanges_of
from tests.scripted_bedrock.rules import refusal

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ROLES: tuple[Role, ...] = ("user", "assistant")


blank_texts = st.text(alphabet=" \t\n\r\u00a0\u2003", max_size=4)
long_texts = st.builds(lambda unit, times: unit * times, st.sampled_from(["a", "é", "漢", "🙂"]), st.integers(1, 5_000))
any_texts = st.one_of(st.text(max_size=20), blank_texts, long_texts)
questions = st.one_of(st.text(max_size=20), long_texts).filter(lambda text: text.strip() != "")
histories = st.lists(st.builds(Said, st.sampled_from(ROLES), any_texts, st.none()), max_size=30)
budgets = st.integers(0, 8_000)
corrections = st.floats(0.25, 4.0)


def built(
    oldest_first: list[Said], *, question: str, system: str = "", budget: int, tokens_per_estimate: float = 1.0
) -> Context:
    return build_context(
        exchanges_of(reversed(oldest_first)),
        question=question,
        system=system,
        now=NOON,
        budget=budget,
        tokens_per_estimate=tokens_per_estimate,
    )


def answered_questions(oldest_first: list[Said]) -> list[tuple[str, str]]:
    """Every question directly followed by its answer, neither of them blank."""
    return [
        (first.text, second.text)
        for first, second in pairwise(oldest_first)
        if (first.role, second.role) == ("user", "assistant") and first.text.strip() and second.text.strip()
    ]


def body_of(context: Context, *, question: str) -> dict[str, Any]:
    """The request as Bedrock reads it."""
    history = [exchange.said for exchange in context.exchanges]
    body: dict[str, Any] = json.loads(to_body(ModelRequest("model", question, 1, history=history)))
    return body


def sent(context: Context, *, question: str) -> list[Said]:
    messages = body_of(context, question=question)["messages"]
    return [Said(message["role"], block["text"]) for message in messages for block in message["content"]]


def texts_of(exchanges: Iterable[Exchange]) -> list[tuple[str, str]]:
    """Question and answer of each."""
    return [
        (question["content"][0]["text"], answer["content"][0]["text"])
        for question, answer in (json.loads(b"[%b]" % exchange.said) for exchange in exchanges)
    ]


@given(history=histories, question=questions, system=any_texts, budget=budgets, factor=corrections)
def test_sends_nothing_that_bedrock_refuses(
    history: list[Said], question: str, system: str, budget: int, factor: float
) -> None:
    context = built(history, question=question, system=system, budget=budget, tokens_per_estimate=factor)

    assert refusal(body_of(context, question=question)) is None


@given(history=histories, question=questions, budget=budgets)
def test_ends_with_the_question_exactly_as_it_was_asked(history: list[Said], question: str, budget: int) -> None:
    context = built(history, question=question, budget=budget)

    assert sent(context, question=question)[-1] == Said("user", question)


@given(history=histories, question=questions, system=any_texts, budget=budgets, factor=corrections)
def test_stays_inside_the_budget_unless_the_question_alone_is_over_it(
    history: list[Said], question: str, system: str, budget: int, factor: float
) -> None:
    context = built(history, question=question, system=system, budget=budget, tokens_per_estimate=factor)

    texts = [message.text for message in sent(context, question=question)] + ([system] if system else [])
    assert context.estimate == sum(estimate_tokens(text) for text in texts)
    assert not context.exchanges or context.estimate * factor <= budget


@given(history=histories, question=questions, budget=budgets, factor=corrections)
def test_sends_the_newest_exchanges_without_a_gap_and_as_many_as_fit(
    history: list[Said], question: str, budget: int, factor: float
) -> None:
    context = built(history, question=question, budget=budget, tokens_per_estimate=factor)

    known = answered_questions(history)
    chosen = texts_of(context.exchanges)
    left_out = known[: len(known) - len(chosen)]
    assert left_out + chosen == known
    messages = sent(context, question=question)[:-1]
    assert messages == [Said(*said) for pair in chosen for said in zip(ROLES, pair, strict=True)]
    assert not left_out or (context.estimate + Exchange.of(*left_out[-1]).estimate) * factor > budget


@given(history=histories)
@settings(max_examples=50)
def test_a_budget_without_end_takes_the_whole_history(history: list[Said]) -> None:
    context = built(history, question="And now?", budget=10**9)

    assert texts_of(context.exchanges) == answered_questions(history)


def test_sends_question_and_answer_in_the_order_they_were_said() -> None:
    history = [
        Said("user", "One?"),
        Said("assistant", "1"),
        Said("user", "Two?"),
        Said("assistant", "2"),
    ]

    context = built(history, question="Three?", budget=1_000)

    assert context == Context(exchanges=(Exchange.of("One?", "1"), Exchange.of("Two?", "2")), estimate=28)
    assert sent(context, question="Three?") == [*history, Said("user", "Three?")]


def test_leaves_out_an_older_exchange_that_would_fit_behind_one_that_does_not() -> None:
    history = [
        Said("user", "a"),
        Said("assistant", "b"),
        Said("user", "c" * 3_000),
        Said("assistant", "d"),
    ]

    assert built(history, question="e", budget=100).exchanges == ()


@pytest.mark.parametrize(
    "history",
    [
        [Said("assistant", "An answer to nothing")],
        [Said("user", "A question without an answer")],
        [Said("assistant", "The wrong way"), Said("user", "round")],
        [Said("user", "Say nothing"), Said("assistant", " \n")],
        [Said("user", "\t"), Said("assistant", "What?")],
    ],
)
def test_sends_the_question_alone_when_the_history_has_no_whole_exchange(history: list[Said]) -> None:
    context = built(history, question="Hello", budget=1_000)

    assert sent(context, question="Hello") == [Said("user", "Hello")]


def test_sends_a_question_that_is_over_the_budget_by_itself() -> None:
    question = "long " * 1_000

    assert sent(built([], question=question, budget=10), question=question) == [Said("user", question)]


def test_ends_where_something_has_expired_though_what_is_older_has_not() -> None:
    moment = int(NOON.timestamp())
    newest_first = [
        Exchange.of("kept", "a"),
        Exchange.of("kept longer", "a", expires_at=moment + 1),
        Exchange.of("expired", "a", expires_at=moment),
        Exchange.of("older", "a", expires_at=moment + 1_000),
    ]

    context = build_context(newest_first, question="?", system="", now=NOON, budget=1_000)

    assert texts_of(context.exchanges) == [("kept longer", "a"), ("kept", "a")]


def test_reads_no_further_back_than_the_budget_reaches() -> None:
    read: list[int] = []

    def endless() -> Iterator[Exchange]:
        for number in range(1_000):
            read.append(number)
            yield dataclasses.replace(Exchange.of("q", "a"), estimate=100)

    context = build_context(endless(), question="?", system="", now=NOON, budget=350)

    assert (len(context.exchanges), read) == (3, [0, 1, 2, 3])


def test_the_system_prompt_takes_its_share_of_the_budget() -> None:
    history = [Said("user", "One?"), Said("assistant", "1")]

    assert built(history, question="Two?", system="Be brief. " * 30, budget=100).exchanges == ()


@pytest.mark.parametrize(("text", "tokens"), [("", 4), ("abc", 5), ("abcd", 6), ("漢字", 6), ("🙂", 6)])
def test_estimates_a_token_for_every_three_bytes_begun_and_four_for_the_message(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@pytest.mark.parametrize(
    ("counted", "estimated", "expected"),
    [(0, 0, 1.0), (0, 100, 1.0), (100, 0, 1.0), (150, 100, 1.5), (1, 100, 0.25), (9_000, 100, 4.0)],
)
def test_corrects_by_the_turn_before_and_never_beyond_reason(counted: int, estimated: int, expected: float) -> None:
    session = Session(
        "s", "alice", "", NOON, NOON, version=1, last_prompt_tokens=counted, last_prompt_estimate=estimated
    )

    assert correction(session) == expected


def test_a_correction_changes_how_much_history_is_sent() -> None:
    history = [Said("user", "q" * 300), Said("assistant", "a" * 300)] * 10

    def sent(factor: float) -> int:
        return len(built(history, question="?", budget=1_000, tokens_per_estimate=factor).exchanges)

    assert [sent(0.5), sent(1.0), sent(2.0)] == [9, 4, 2]
