"""No call costs more than was reserved for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from access.budgets.worst_case import dearest, may_cost
from bedrock_client import ModelRequest, Usage, cost_nano_usd, encoded_exchange

MICRO, PRO = "us.amazon.nova-micro-v1:0", "us.amazon.nova-pro-v1:0"


def request(*texts: str, model_id: str = MICRO, max_tokens: int = 100, system: str = "") -> ModelRequest:
    """Asks the last of these texts, behind exchanges of those before it."""
    said = list(zip(texts[:-1:2], texts[1:-1:2], strict=True))
    history = [encoded_exchange(question, answer) for question, answer in said]
    return ModelRequest(model_id, texts[-1], max_tokens, history=history, system=system)


@given(
    texts=st.lists(st.text(min_size=1), min_size=1, max_size=5).filter(lambda texts: len(texts) % 2 == 1),
    system=st.text(),
    max_tokens=st.integers(1, 5_000),
    model_id=st.sampled_from([MICRO, PRO]),
    share=st.floats(0, 1),
)
def test_covers_every_usage_that_a_call_and_a_second_try_can_have(
    texts: list[str], system: str, max_tokens: int, model_id: str, share: float
) -> None:
    """Of tokens that are a byte each, some read from a cache, and the longest answer; all of it twice."""
    sent = sum(len(text.encode()) for text in (system, *texts))
    cached = int(sent * share)
    usage = Usage(sent - cached, max_tokens, cache_write_tokens=cached)
    most = may_cost(request(*texts, model_id=model_id, max_tokens=max_tokens, system=system))
    cost = cost_nano_usd(model_id, usage + usage)
    assert most is not None
    assert cost is not None
    assert cost <= most


def test_never_falls_when_more_is_sent() -> None:
    costs = [may_cost(request(*texts)) for texts in (["a"], ["ä"], ["ä", "b", "c"])]
    assert costs == sorted(costs, key=lambda cost: cost or 0)
    assert len(set(costs)) == 3


def test_counts_the_dearest_model_that_may_answer(settings: Settings) -> None:
    settings.BEDROCK_FALLBACK_MODELS = [PRO]
    assert may_cost(request("Hello")) == may_cost(request("Hello", model_id=PRO))
    assert dearest(MICRO, Usage(10, 10)) == dearest(PRO, Usage(10, 10))


@pytest.mark.parametrize(("model_id", "fallback"), [("unheard-of", []), (MICRO, ["unheard-of"])])
def test_knows_no_most_without_a_price(settings: Settings, model_id: str, fallback: list[str]) -> None:
    settings.BEDROCK_FALLBACK_MODELS = fallback
    assert may_cost(request("Hello", model_id=model_id)) is None
    assert dearest(model_id, Usage(1, 1)) is None
    assert dearest(model_id, Usage()) == 0
