"""Whatever a history holds, what is sent to the model is what Bedrock takes: valid, inside the budget, newest first."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_client import ChatMessage, Role
from conversations.domain import Session
from conversations.services.context import Context, Exchange, build_context, correction, estimate_tokens, exchanges_of
from tests.scripted_bedrock.rules import refusal

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ROLES: tuple[Role, ...] = ("user", "assistant")


blank_texts = st.text(alphabet=" \t\n\r\u00a0\u2003", max_size=4)
long_texts = st.builds(lambda unit, times: unit * times, st.sampled_from(["a", "é", "漢", "🙂"]), st.integers(1, 5_000))
any_texts = st.one_of(st.text(max_size=20), blank_texts, long_texts)
questions = st.one_of(st.text(max_size=20), long_texts).filter(lambda text: text.strip() != "")
histories = st.lists(st.builds(ChatMessage, st.sampled_from(ROLES), any_texts), max_size=30)
budgets = st.integers(0, 8_000)
corrections = st.floats(0.25, 4.0)


def built(
    oldest_first: list[ChatMessage], *, question: str, system: str = "", budget: int, tokens_per_estimate: float = 1.0
) -> Context:
    return build_context(
        exchanges_of(reversed(oldest_first)),
        question=question,
        system=system,
        budget=budget,
        tokens_per_estimate=tokens_per_estimate,
    )


def answered_questions(oldest_first: list[ChatMessage]) -> list[tuple[str, str]]:
    """Every question directly followed by its answer, neither of them blank."""
    return [
        (first.text, second.text)
        for first, second in pairwise(oldest_first)
        if (first.role, second.role) == ("user", "assistant") and first.text.strip() and second.text.strip()
    ]


def converse_body(context: Context) -> dict[str, object]:
    return {
        "messages": [{"role": message.role, "content": [{"text": message.text}]} for message in context.messages],
        "inferenceConfig": {"maxTokens": 1},
    }


@given(history=histories, question=questions, system=any_texts, budget=budgets, factor=corrections)
def test_sends_nothing_that_bedrock_refuses(
    history: list[ChatMessage], question: str, system: str, budget: int, factor: float
) -> None:
    context = built(history, question=question, system=system, budget=budget, tokens_per_estimate=factor)

    assert refusal(converse_body(context)) is None


@given(history=histories, question=questions, budget=budgets)
def test_ends_with_the_question_exactly_as_it_was_asked(history: list[ChatMessage], question: str, budget: int) -> None:
    context = built(history, question=question, budget=budget)

    assert context.messages[-1] == ChatMessage("user", question)


@given(history=histories, question=questions, system=any_texts, budget=budgets, factor=corrections)
def test_stays_inside_the_budget_unless_the_question_alone_is_over_it(
    history: list[ChatMessage], question: str, system: str, budget: int, factor: float
) -> None:
    context = built(history, question=question, system=system, budget=budget, tokens_per_estimate=factor)

    texts = [message.text for message in context.messages] + ([system] if system else [])
    assert context.estimate == sum(estimate_tokens(text) for text in texts)
    assert len(context.messages) == 1 or context.estimate * factor <= budget


@given(history=histories, question=questions, budget=budgets, factor=corrections)
def test_sends_the_newest_exchanges_without_a_gap_and_as_many_as_fit(
    history: list[ChatMessage], question: str, budget: int, factor: float
) -> None:
    context = built(history, question=question, budget=budget, tokens_per_estimate=factor)

    known = answered_questions(history)
    sent = [(exchange.question, exchange.answer) for exchange in context.exchanges]
    left_out = known[: len(known) - len(sent)]
    assert left_out + sent == known
    assert [message.text for message in context.messages[:-1]] == [text for exchange in sent for text in exchange]
    assert not left_out or (context.estimate + Exchange.of(*left_out[-1]).estimate) * factor > budget


@given(history=histories)
@settings(max_examples=50)
def test_a_budget_without_end_takes_the_whole_history(history: list[ChatMessage]) -> None:
    context = built(history, question="And now?", budget=10**9)

    assert [(exchange.question, exchange.answer) for exchange in context.exchanges] == answered_questions(history)


def test_sends_question_and_answer_in_the_order_they_were_said() -> None:
    history = [
        ChatMessage("user", "One?"),
        ChatMessage("assistant", "1"),
        ChatMessage("user", "Two?"),
        ChatMessage("assistant", "2"),
    ]

    assert built(history, question="Three?", budget=1_000) == Context(
        exchanges=(Exchange("One?", "1", 11), Exchange("Two?", "2", 11)),
        messages=(
            ChatMessage("user", "One?"),
            ChatMessage("assistant", "1"),
            ChatMessage("user", "Two?"),
            ChatMessage("assistant", "2"),
            ChatMessage("user", "Three?"),
        ),
        estimate=28,
    )


def test_leaves_out_an_older_exchange_that_would_fit_behind_one_that_does_not() -> None:
    history = [
        ChatMessage("user", "a"),
        ChatMessage("assistant", "b"),
        ChatMessage("user", "c" * 3_000),
        ChatMessage("assistant", "d"),
    ]

    assert built(history, question="e", budget=100).messages == (ChatMessage("user", "e"),)


@pytest.mark.parametrize(
    "history",
    [
        [ChatMessage("assistant", "An answer to nothing")],
        [ChatMessage("user", "A question without an answer")],
        [ChatMessage("assistant", "The wrong way"), ChatMessage("user", "round")],
        [ChatMessage("user", "Say nothing"), ChatMessage("assistant", " \n")],
        [ChatMessage("user", "\t"), ChatMessage("assistant", "What?")],
    ],
)
def test_sends_the_question_alone_when_the_history_has_no_whole_exchange(history: list[ChatMessage]) -> None:
    assert built(history, question="Hello", budget=1_000).messages == (ChatMessage("user", "Hello"),)


def test_sends_a_question_that_is_over_the_budget_by_itself() -> None:
    question = "long " * 1_000

    assert built([], question=question, budget=10).messages == (ChatMessage("user", question),)


def test_reads_no_further_back_than_the_budget_reaches() -> None:
    read: list[int] = []

    def endless() -> Iterator[Exchange]:
        for number in range(1_000):
            read.append(number)
            yield Exchange("q", "a", 100)

    context = build_context(endless(), question="?", system="", budget=350)

    assert (len(context.exchanges), read) == (3, [0, 1, 2, 3])


def test_the_system_prompt_takes_its_share_of_the_budget() -> None:
    history = [ChatMessage("user", "One?"), ChatMessage("assistant", "1")]

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
    history = [ChatMessage("user", "q" * 300), ChatMessage("assistant", "a" * 300)] * 10

    def sent(factor: float) -> int:
        return len(built(history, question="?", budget=1_000, tokens_per_estimate=factor).exchanges)

    assert [sent(0.5), sent(1.0), sent(2.0)] == [9, 4, 2]
