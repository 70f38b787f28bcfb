"""Series that alerts count by, as far as the values of their labels are known before anything has happened.

They begin with the process, at 0 (Instrument.begin). Codes of refusals are left out: alerts ask for
`chatbot_turns_bad_total`, which has no label and so is always there.
"""

from collections.abc import Iterator
from itertools import product
from typing import get_args

from django.conf import settings

from telemetry import metrics
from telemetry.calls import MODEL_THROTTLED, OK
from telemetry.instruments import Instrument
from telemetry.labels import known_models
from telemetry.turn import Answer


def known_series() -> Iterator[tuple[Instrument, tuple[str, ...]]]:
    """Each instrument with the values of its labels."""
    answers: tuple[Answer, ...] = get_args(Answer)
    for outcome, answer in product(("answered", "stopped", "replayed"), answers):
        yield metrics.TURNS, (outcome, "", answer)
    for answer in answers:
        yield metrics.TURN_SECONDS, ("answered", answer)
    yield metrics.STAGE_SECONDS, ("queue",)
    for status in ("500", "502", "503", "504"):
        yield metrics.REQUEST_SECONDS, ("POST", "/chat", status)
    for limit in metrics.LIMITS:
        yield metrics.LIMITS_UNCHECKED, (limit,)
    for model in known_models():
        yield metrics.COST_USD, (model,)
        for region in settings.BEDROCK_REGIONS:
            yield metrics.MODEL_THROTTLES, (model, region)
            for outcome in (OK, MODEL_THROTTLED):
                yield metrics.MODEL_ATTEMPTS, (model, region, outcome)
