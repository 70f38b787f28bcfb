"""One model call, whatever it takes: the door of this package."""

import random
import time
from dataclasses import replace

from . import clients
from .attempts import Pause, Uniform, first_answer
from .deadline import Deadline
from .errors import BedrockError, EmptyReply
from .facts import find_facts
from .failures import bedrock_errors
from .regions import Target
from .values import ModelReply, ModelRequest
from .wire import from_wire, to_wire


def converse(
    request: ModelRequest, *, deadline: Deadline, pause: Pause = time.sleep, uniform: Uniform = random.uniform
) -> ModelReply:
    """The model's whole answer to a conversation.

    Refusals that may pass are tried again, in other regions and with the fallback models, until the deadline; an empty
    answer is asked for once more. Raises a `BedrockError`: which one says what happened, its `usage` what was billed.
    """

    def ask() -> ModelReply:
        return first_answer(call, request.model_id, deadline=deadline, pause=pause, uniform=uniform)

    def call(target: Target, seconds: float) -> ModelReply:
        with bedrock_errors(), clients.reading_within(seconds):
            response = clients.runtime(target.region).converse(**to_wire(for_target(request, target)))
            return from_wire(response, target)

    try:
        return ask()
    except EmptyReply as empty:
        spent = empty.usage
    try:
        reply = ask()
    except BedrockError as error:
        error.usage = spent + error.usage
        raise
    return replace(reply, usage=spent + reply.usage)


def for_target(request: ModelRequest, target: Target) -> ModelRequest:
    """The request as the target can take it: a fallback model that writes less is not asked for more than it can."""
    if target.model_id == request.model_id:
        return request
    facts = find_facts(target.model_id)
    most = facts.max_output_tokens if facts else request.max_tokens
    return replace(request, model_id=target.model_id, max_tokens=min(request.max_tokens, most))
