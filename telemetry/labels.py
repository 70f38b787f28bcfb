"""Values of labels, of which there must not be more than somebody has counted."""

from functools import lru_cache

from django.conf import settings

from core.errors import ServiceError

OTHER = "other"
INTERNAL_ERROR = "internal_error"


@lru_cache(maxsize=256)
def model_label(model_id: str) -> str:
    """The model's id if the settings name it."""
    known = (settings.BEDROCK_MODEL_ID, *settings.BEDROCK_MODELS, *settings.BEDROCK_FALLBACK_MODELS)
    return model_id if model_id in known else OTHER


def code_of(error: BaseException) -> str:
    """The code of what a caller is told about; internal_error for anything nobody foresaw."""
    return error.code if isinstance(error, ServiceError) else INTERNAL_ERROR
