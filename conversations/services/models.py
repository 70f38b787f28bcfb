"""Which models a caller may use."""

from django.conf import settings

from bedrock_client import ModelInfo
from bedrock_client import list_models as list_catalogue
from conversations.errors import UnknownModel


def list_models() -> tuple[ModelInfo, ...]:
    """The models usable here, from memory for an hour at a time."""
    return list_catalogue()


def resolve_model(model_id: str | None) -> str:
    """The model that answers: the one named, or the default. Raises UnknownModel; asks nobody."""
    if model_id is None or model_id == settings.BEDROCK_MODEL_ID:
        return settings.BEDROCK_MODEL_ID
    if model_id not in settings.BEDROCK_MODELS:
        raise UnknownModel  # without the name: what a caller sends is not logged
    return model_id
