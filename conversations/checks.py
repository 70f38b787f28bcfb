"""System checks: settings that contradict each other, said before the first request."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from bedrock_client import Usage, cost_nano_usd


@register()
def check_chat_settings(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """The limits of a chat fit each other and what Bedrock and DynamoDB allow."""
    limits = (
        "CHAT_DEADLINE_SECONDS",
        "STREAM_STALL_SECONDS",
        "CONTEXT_TOKENS",
        "MAX_OUTPUT_TOKENS",
        "MAX_MESSAGE_CHARS",
        "MAX_BODY_BYTES",
    )
    found: list[CheckMessage] = [
        Error(f"{name} must be at least 1.", id="chatbot.E001") for name in limits if getattr(settings, name) < 1
    ]
    if settings.HISTORY_RETENTION_DAYS < 0:
        found.append(Error("HISTORY_RETENTION_DAYS must not be negative.", hint="0 keeps for ever.", id="chatbot.E002"))
    if not settings.BEDROCK_REGIONS:
        found.append(Error("BEDROCK_REGIONS names no region.", hint="Leave it out for AWS_REGION.", id="chatbot.E003"))
    models = [settings.BEDROCK_MODEL_ID, *settings.BEDROCK_MODELS, *settings.BEDROCK_FALLBACK_MODELS]
    found += [
        CheckWarning(
            f"No price is known for {model}, so its turns are booked at no cost, and budgets refuse them.",
            hint="Name a model or inference profile that bedrock_client/prices.py lists.",
            id="chatbot.W001",
        )
        for model in dict.fromkeys(models)
        if cost_nano_usd(model, Usage()) is None
    ]
    return found


@register()
def check_staff_settings(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """What staff's pages are set up with."""
    from conversations.admin import checks  # the chat plane imports none of these pages

    return checks.check_staff_settings()
