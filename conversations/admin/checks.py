"""System checks of staff's pages; `conversations.checks` registers them."""

from django.conf import settings
from django.core.checks import CheckMessage, Error

from access.admin.audit import KeyAction
from conversations.admin.audit import Action

_WORDS = (*Action, *KeyAction)


def check_staff_settings() -> list[CheckMessage]:
    """A reason is asked for where there is something to give one for."""
    unknown = sorted(set(settings.STAFF_REASON_REQUIRED) - set(_WORDS))
    if not unknown:
        return []
    hint = f"Name some of {', '.join(_WORDS)}."
    return [
        Error(f"STAFF_REASON_REQUIRED names what staff cannot do: {', '.join(unknown)}.", hint=hint, id="chatbot.E301")
    ]
