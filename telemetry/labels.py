"""Values of labels, of which there must not be more than somebody has counted."""

from functools import lru_cache

from django.conf import settings

from core.errors import ServiceError

OTHER = "other"
INTERNAL_ERROR = "internal_error"
# Codes of turns that went wrong by a fault of the service or of its model; with any other it is the caller's doing.
FAULTS = frozenset(
    {
        *("model_error", "model_unavailable", "model_throttled", "model_access_denied"),
        *("store_unavailable", "issuer_unavailable", "deadline_exceeded", INTERNAL_ERROR),
    }
)


@lru_cache(maxsize=256)
def model_label(model_id: str) -> str:
    """The model's id if the settings name it."""
    return model_id if model_id in known_models() else OTHER


def known_models() -> list[str]:
    """Ids of the models that the settings name, each once."""
    named = (settings.BEDROCK_MODEL_ID, *settings.BEDROCK_MODELS, *settings.BEDROCK_FALLBACK_MODELS)
    return list(dict.fromkeys(named))


def code_of(error: BaseException) -> str:
    """The code of what a caller is told about; internal_error for anything nobody foresaw."""
    return error.code if isinstance(error, ServiceError) else INTERNAL_ERROR
