"""Why staff do something to sessions and owners, kept in the audit trail.

Reading goes on over many pages, so its reason is remembered for a while, in the session of the member of staff.
"""

import time

from django.http import HttpRequest

from access.staff import reasons
from conversations.admin.audit import Action

REMEMBERED_SECONDS = 30 * 60
_MOST = 50
_KEY = "staff_reasons"


class ReasonForm(reasons.ReasonForm):
    """Why something is done to a session or an owner."""

    caution = "Quote nothing that was said."


def remember(request: HttpRequest, action: Action, subject: str, reason: str) -> None:
    """Keeps the reason for this member of staff, this action and this session (or other subject)."""
    held = {**request.session.get(_KEY, {}), f"{action} {subject}": [reason, int(time.time())]}
    request.session[_KEY] = dict(list(held.items())[-_MOST:])


def remembered(request: HttpRequest, action: Action, subject: str) -> str | None:
    """The reason given within the last half hour; None where one must be asked for first."""
    reason, given_at = request.session.get(_KEY, {}).get(f"{action} {subject}", ("", 0))
    if given_at + REMEMBERED_SECONDS > time.time():
        return str(reason)
    return None if reasons.is_required(action) else ""
