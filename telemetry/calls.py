"""Calls to the services underneath, counted and told to the turn that they are made for."""

from telemetry import metrics
from telemetry.labels import model_label
from telemetry.turn import current_turn

OK = "ok"
MODEL_THROTTLED = "model_throttled"


def store_call(operation: str, outcome: str, seconds: float) -> None:
    """A call to DynamoDB has ended: `operation` as the API names it (UpdateItem).

    `outcome` is ok, refused (a condition did not hold), conflict (with another writer), throttled or error.
    """
    metrics.STORE_SECONDS.observe(seconds, operation, outcome)
    if record := current_turn():
        record.store_calls += 1
        record.store_seconds += seconds
        if record.trace:
            record.trace.store_call(operation, outcome, seconds)


class ModelCall:
    """One model call, of as many requests as it takes. `model_id` is the model that is asked for."""

    def __init__(self, model_id: str) -> None:
        self._asked = model_label(model_id)
        self._first: tuple[str, str] | None = None

    def attempted(self, model_id: str, region: str, outcome: str, seconds: float) -> None:
        """A request to Bedrock has ended: `outcome` is ok, or the error's code. A stream's ends with its first text."""
        model = model_label(model_id)
        metrics.MODEL_ATTEMPTS.add(model, region, outcome)
        if outcome == MODEL_THROTTLED:
            metrics.MODEL_THROTTLES.add(model, region)
        if self._first is None:
            self._first = (model_id, region)
        else:
            metrics.MODEL_RETRIES.add(self._asked)
        if outcome == OK:
            self._answered(model_id, region)
        if record := current_turn():
            record.attempts += 1
            record.region = region
            if record.trace:
                record.trace.model_attempt(model_id, region, outcome, seconds, streamed=record.answer == "stream")

    def _answered(self, model_id: str, region: str) -> None:
        first_model, first_region = self._first or (model_id, region)
        if model_id != first_model:
            metrics.MODEL_FALLBACKS.add(self._asked, "model")
        elif region != first_region:
            metrics.MODEL_FALLBACKS.add(self._asked, "region")
