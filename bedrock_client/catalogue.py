"""The models that callers may name: the settings say which, Bedrock's lists and built-in facts say what they are.

What may be named is exactly what `POST /chat` accepts, so a configured model stays in the catalogue when Bedrock does
not list it: our role may lack the permission to list, an ARN (application profile, provisioned throughput) is in no
list, and a list belongs to one region. Such a model's lifecycle is UNKNOWN, and the log says so to the operator.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings

from .description import describe, forget_descriptions
from .errors import BedrockError
from .listing import Listing, read_listing
from .values import ModelInfo

logger = logging.getLogger("bedrock_client")

FRESH_SECONDS = 3_600.0
# While the control plane is down it is asked at most this often.
AGAIN_SECONDS = 60.0


class Catalogue:
    """The last good listing of this process, and when to ask for the next one."""

    def __init__(self, read: Callable[[], Listing] = read_listing, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._flight = threading.Lock()
        self._listing: Listing | None = None
        self._due = float("-inf")
        self._asked = False

    def known(self) -> Listing | None:
        """The last good listing, if there was one. Asks nobody."""
        return self._listing

    def current(self) -> Listing | None:
        """A listing not older than an hour, else the last good one; None when the control plane never answered.

        One thread at a time asks; the others take what is known, and wait only while nothing has been tried yet.
        """
        if self._clock() >= self._due and self._flight.acquire(blocking=not self._asked):
            try:
                if self._clock() >= self._due:
                    self._refresh()
            finally:
                self._flight.release()
        return self._listing

    def _refresh(self) -> None:
        try:
            self._listing = self._read()
            forget_descriptions()
            self._due = self._clock() + FRESH_SECONDS
            _report_unlisted(self._listing)
        except BedrockError as error:
            self._due = self._clock() + AGAIN_SECONDS
            logger.warning("models cannot be listed, the last good or the built-in list is used: %s", error)
        self._asked = True


_catalogue = Catalogue()


def list_models() -> tuple[ModelInfo, ...]:
    """All models that callers may name, the default model among them. Never raises for a control plane that is down."""
    listing = _catalogue.current()
    return tuple(describe(model_id, listing) for model_id in _allowed())


def find_model(model_id: str) -> ModelInfo | None:
    """A model that callers may name, from what this process knows already: no network. None for any other."""
    return describe(model_id, _catalogue.known()) if model_id in _allowed() else None


def _allowed() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*settings.BEDROCK_MODELS, settings.BEDROCK_MODEL_ID)))


def _report_unlisted(listing: Listing) -> None:
    unlisted = [model_id for model_id in _allowed() if listing.find(model_id) == (None, None)]
    if unlisted:
        logger.warning("configured, but not among Bedrock's models in %s: %s", settings.BEDROCK_REGIONS[0], unlisted)
