"""Where a model call may go, and in which order: the regions of the settings, those that failed lately last."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

REST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Target:
    """A model in a region."""

    model_id: str
    region: str


class RestingRegions:
    """Which regions failed in the last 30 seconds, as this process saw it.

    A region that rests is asked last, not left out: it may be the only one. A reading or a write is one dictionary
    operation, so threads need no lock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rested_at: dict[str, float] = {}

    def rest(self, region: str) -> None:
        self._rested_at[region] = self._clock() + REST_SECONDS

    def wake(self, region: str) -> None:
        self._rested_at.pop(region, None)

    def is_resting(self, region: str) -> bool:
        return self._clock() < self._rested_at.get(region, 0.0)

    def targets(self, model_id: str) -> list[Target]:
        """The model in every region, then each fallback model in every region: a model is replaced last."""
        regions = sorted(settings.BEDROCK_REGIONS, key=self.is_resting)
        models = dict.fromkeys((model_id, *settings.BEDROCK_FALLBACK_MODELS))
        return [Target(model, region) for model in models for region in regions]


resting_regions = RestingRegions()
