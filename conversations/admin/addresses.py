"""Where the pages about sessions and usage are."""

from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.urls import reverse


def session_url(name: str, session_id: str) -> str:
    """The page `change`, `export`, `erase`, `cancel` or `retitle` of a session."""
    return reverse(f"admin:conversations_session_{name}", args=(quote(session_id),))


def list_url(**parameters: str) -> str:
    """The list with these parameters."""
    return _with(reverse("admin:conversations_session_changelist"), parameters)


def erase_owner_url(owner: str) -> str:
    """The page that erases everything of an owner."""
    return _with(reverse("admin:conversations_session_erase_owner"), {"owner": owner})


def audit_url(subject: str) -> str:
    """The audit trail of a session or an owner."""
    return _with(reverse("admin:admin_logentry_changelist"), {"subject": subject})


def usage_url(**parameters: str) -> str:
    """The page of usage and cost with these parameters."""
    return _with(reverse("admin:conversations_usage_changelist"), parameters)


def usage_export_url(**parameters: str) -> str:
    """The page that makes a file of the same."""
    return _with(reverse("admin:conversations_usage_export"), parameters)


def reason_url(action: str, subject: str, *, after: str) -> str:
    """The page that asks for a reason and then goes on to `after`."""
    return _with(reverse("admin:conversations_session_reason"), {"action": action, "subject": subject, "next": after})


def _with(address: str, parameters: dict[str, str]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address
