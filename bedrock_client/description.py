"""One model in our words: what Bedrock's lists say of it, and built-in facts where they are silent."""

from functools import lru_cache

from django.conf import settings

from .facts import Facts, find_facts
from .listing import Foundation, Listing, Profile
from .prices import find_prices
from .values import ModelInfo

UNKNOWN = "UNKNOWN"
_SILENT = Foundation()


def describe(model_id: str, listing: Listing | None) -> ModelInfo:
    """A model or inference profile. A profile has the modalities, provider and lifecycle of its foundation model.

    `listing` is None when Bedrock's lists could not be read: then the built-in lifecycle is the best there is.
    """
    return _described(model_id, listing, settings.BEDROCK_MODEL_ID)


# As many models as anybody configures. A new listing is a new key, so the catalogue forgets those of the one before.
@lru_cache(256)
def _described(model_id: str, listing: Listing | None, default: str) -> ModelInfo:
    listed, profile = listing.find(model_id) if listing else (None, None)
    foundation = listed or _SILENT
    facts = find_facts(model_id) or (find_facts(profile.foundation_id) if profile else None)
    return ModelInfo(
        model_id=model_id,
        name=(profile and profile.name) or foundation.name or (facts.name if facts else model_id),
        provider=foundation.provider or (facts.provider if facts else UNKNOWN),
        input_modalities=foundation.input_modalities or (facts.input_modalities if facts else ("TEXT",)),
        output_modalities=foundation.output_modalities or (facts.output_modalities if facts else ("TEXT",)),
        context_window=facts.context_window if facts else None,
        max_output_tokens=facts.max_output_tokens if facts else None,
        prices=find_prices(model_id),
        lifecycle=_lifecycle(foundation, profile, facts if listing is None else None),
        end_of_life=foundation.end_of_life or (facts.end_of_life if facts else None),
        # Every model that Converse takes and whose list entry does not say otherwise can stream.
        streaming=foundation.streaming is not False,
        default=model_id == default,
    )


def forget_descriptions() -> None:
    """Lets go of the listings that models were described by. The next `describe` of each looks at its listing again."""
    _described.cache_clear()


def _lifecycle(foundation: Foundation, profile: Profile | None, facts: Facts | None) -> str:
    if profile and profile.status not in {None, "", "ACTIVE"}:
        return profile.status or UNKNOWN
    return foundation.lifecycle or (facts.lifecycle if facts else UNKNOWN)
