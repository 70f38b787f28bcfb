"""One model call, whatever it takes: the door of this package."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from core.deadline import Deadline

from . import clients
from .attempts import Pause, Uniform, first_answer
from .errors import BedrockError, EmptyReply
from .facts import find_facts
from .failures import bedrock_errors
from .regions import Target
from .reply_stream import ReplyStream
from .stopping import Stop
from .timed import TimedEvents
from .values import ModelReply, ModelRequest, Usage
from .wire import from_wire

Answer = TypeVar("Answer", ModelReply, ReplyStream)


def converse(
    request: ModelRequest,
    *,
    deadline: Deadline,
    stop: Stop | None = None,
    pause: Pause | None = None,
    uniform: Uniform = random.uniform,
) -> ModelReply:
    """The model's whole answer to a conversation.

    Refusals that may pass are tried again, in other regions and with the fallback models, until the deadline; an empty
    answer is asked for once more. With `stop` set no further try begins. Raises a `BedrockError`: which one says what
    happened, its `usage` what was billed.
    """
    stopping = stop or Stop()

    def ask(spent: Usage) -> ModelReply:
        def call(target: Target, seconds: float) -> ModelReply:
            with bedrock_errors():
                answer = clients.runtime(target.region).converse(for_target(request, target), seconds)
                return from_wire(answer, target, spent)

        return first_answer(call, request.model_id, deadline=deadline, stop=stopping, pause=pause, uniform=uniform)

    return _once_more_if_empty(ask)


def converse_stream(
    request: ModelRequest,
    *,
    deadline: Deadline,
    stall_seconds: float,
    stop: Stop | None = None,
    pause: Pause | None = None,
    uniform: Uniform = random.uniform,
) -> ReplyStream:
    """The model's answer as it is given: returns when the model has said its first visible text.

    That text may take all the time to the deadline; behind it a silence of `stall_seconds` breaks the reply off.
    Whatever goes wrong before it is treated as in `converse`, and raised here; what goes wrong behind it is raised by
    the stream and not tried again. With `stop` set the stream is cut, wherever its reader waits; a call to which
    Bedrock has not yet answered at all ends when it does. Raises a `BedrockError`.
    """
    stopping = stop or Stop()

    def ask(spent: Usage) -> ReplyStream:
        def call(target: Target, seconds: float) -> ReplyStream:
            with bedrock_errors():
                body = clients.runtime(target.region).converse_stream(for_target(request, target), seconds)
            events = TimedEvents(body.connection, body.request_id, deadline=deadline, stop=stopping)
            stream = ReplyStream(events, target, stall_seconds=stall_seconds, spent=spent)
            stream.begin()
            return stream

        return first_answer(call, request.model_id, deadline=deadline, stop=stopping, pause=pause, uniform=uniform)

    return _once_more_if_empty(ask)


def _once_more_if_empty(ask: Callable[[Usage], Answer]) -> Answer:
    """What `ask` answers, asked once more if that is empty. It takes what was billed before, to count it in."""
    try:
        return ask(Usage())
    except EmptyReply as empty:
        spent = empty.usage
    try:
        return ask(spent)
    except BedrockError as error:
        error.usage = spent + error.usage
        raise


def for_target(request: ModelRequest, target: Target) -> ModelRequest:
    """The request as the target can take it: a fallback model that writes less is not asked for more than it can."""
    if target.model_id == request.model_id:
        return request
    facts = find_facts(target.model_id)
    most = facts.max_output_tokens if facts else request.max_tokens
    return replace(request, model_id=target.model_id, max_tokens=min(request.max_tokens, most))
