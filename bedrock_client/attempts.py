"""How often and where a model call is tried, until the deadline says no.

A refusal that may pass (throttled, unavailable) goes to the next target at once; only when every target has refused
is there a pause, with full jitter (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
Everything else surfaces at once: a call that timed out may have been billed, and a wrong one stays wrong.
"""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from core.deadline import Deadline
from telemetry.calls import OK, ModelCall

from .errors import BedrockError, CallStopped, DeadlineExceeded, ModelThrottled, ModelUnavailable, ModelUnreachable
from .regions import RestingRegions, Target, resting_regions
from .stopping import Stop

logger = logging.getLogger("bedrock_client")

Answer = TypeVar("Answer")
Call = Callable[[Target, float], Answer]
Pause = Callable[[float], None]
Uniform = Callable[[float, float], float]

# A call with less time than this would most likely be paid for and not heard.
LEAST_SECONDS = 0.5
FIRST_WINDOW, LONGEST_WINDOW = 0.5, 8.0
# With the windows above more rounds than a deadline of a minute has room for; an end even if pauses are short.
MOST_ROUNDS = 20
# Throttles and server errors pass while one waits. Where nothing answers at all, waiting out the deadline holds a
# connection and a session for a minute to say what is known after seconds; two more tries bridge a restart or a blip.
MOST_UNREACHABLE_ROUNDS = 3


def first_answer(
    call: Call[Answer],
    model_id: str,
    *,
    deadline: Deadline,
    stop: Stop,
    regions: RestingRegions = resting_regions,
    pause: Pause | None = None,
    uniform: Uniform = random.uniform,
) -> Answer:
    """What the first willing target answers. `call` takes a target and the seconds it has, and raises `BedrockError`s.

    Pauses are waits for `stop` unless `pause` takes their place. Raises the last refusal, with `retry_after` set, when
    all targets refuse until the deadline; `DeadlineExceeded` when there was no time for a single try; `CallStopped`
    instead of a further try when `stop` is set; and at once what no other try can change.
    """
    pause = pause or stop.wait
    record = ModelCall(model_id)
    refusal: ModelThrottled | ModelUnavailable | None = None
    unreachable_rounds = 0
    for window in _windows():
        if deadline.remaining() < LEAST_SECONDS:
            break
        try:
            return _one_round(_recorded(call, record), regions.targets(model_id), deadline, stop, regions)
        except (ModelThrottled, ModelUnavailable) as error:
            refusal = error
        delay = max(uniform(0.0, window), refusal.retry_after or 0.0)
        refusal.retry_after = max(window, refusal.retry_after or 1.0)
        unreachable_rounds = unreachable_rounds + 1 if isinstance(refusal, ModelUnreachable) else 0
        if unreachable_rounds == MOST_UNREACHABLE_ROUNDS or deadline.remaining() - delay < LEAST_SECONDS:
            break
        pause(delay)
    raise refusal or DeadlineExceeded("no time left for a model call")


def _recorded(call: Call[Answer], record: ModelCall) -> Call[Answer]:
    def recorded(target: Target, seconds: float) -> Answer:
        started, outcome = time.monotonic(), "internal_error"
        try:
            answer = call(target, seconds)
            outcome = OK
        except BedrockError as error:
            outcome = error.code
            raise
        finally:
            record.attempted(target.model_id, target.region, outcome, time.monotonic() - started)
        return answer

    return recorded


def _windows() -> list[float]:
    return [min(FIRST_WINDOW * 2**number, LONGEST_WINDOW) for number in range(MOST_ROUNDS)]


def _one_round(
    call: Call[Answer], targets: list[Target], deadline: Deadline, stop: Stop, regions: RestingRegions
) -> Answer:
    """Ask each target once; a region that cannot be reached is not asked for another model in the same round."""
    refusals: list[ModelThrottled | ModelUnavailable] = []
    unreachable: set[str] = set()
    for target in targets:
        seconds = deadline.remaining()
        if target.region in unreachable or (refusals and seconds < LEAST_SECONDS):
            continue
        if stop.is_set():
            raise CallStopped("stopped before the next try")
        try:
            answer = call(target, seconds)
        except CallStopped:
            raise
        except BedrockError as error:
            logger.warning("%s in %s: %s: %s", target.model_id, target.region, error.code, error)
            if not isinstance(error, ModelThrottled | ModelUnavailable):
                raise
            regions.rest(target.region)
            refusals.append(error)
            if isinstance(error, ModelUnreachable):
                unreachable.add(target.region)
        else:
            regions.wake(target.region)
            return answer
    # Where one target was reached and another was not, the refusal that was spoken says more.
    raise next((error for error in refusals if not isinstance(error, ModelUnreachable)), refusals[0])
