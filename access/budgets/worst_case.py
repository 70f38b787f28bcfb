"""The most that a model call can cost, and what a failed one did cost. Integer nano-dollars, rounded up."""

from django.conf import settings

from bedrock_client import ModelRequest, Usage, cost_nano_usd

# A token stands for one byte of UTF-8 at least. What the model's template puts around a message is counted generously;
# that of the history has JSON around it, which is more.
TOKENS_AROUND_A_MESSAGE = 32
# An empty answer is asked for once more, and both are billed.
_TRIES = 2


def may_cost(request: ModelRequest) -> int | None:
    """The most that `bedrock_client` can be billed for this request; None where a model has no known price.

    Any fallback model may answer instead, and twice, so the dearest of them is counted.
    """
    texts = [request.system.encode(), request.question.encode(), *request.history]
    prompt_tokens = sum([len(text) + TOKENS_AROUND_A_MESSAGE for text in texts])
    # Cached tokens are never dearer than plain ones.
    cost = dearest(request.model_id, Usage(input_tokens=prompt_tokens, output_tokens=request.max_tokens))
    return None if cost is None else _TRIES * cost


def dearest(model_id: str, usage: Usage) -> int | None:
    """What this usage cost with the dearest of the models that may have answered; None where a price is not known."""
    if usage == Usage():
        return 0
    costs = [cost_nano_usd(model, usage) for model in (model_id, *settings.BEDROCK_FALLBACK_MODELS)]
    known = [cost for cost in costs if cost is not None]
    # A price is rounded half up, so what is rounded down is less than one short.
    return max(known) + 1 if len(known) == len(costs) else None
