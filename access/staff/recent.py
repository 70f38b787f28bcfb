"""What a member of staff did last, for the start page."""

from typing import NamedTuple

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User

from access.staff.audit import message_of

_MOST = 10
# Django's classes, each with an icon; reading is none of Django's actions.
_ICONS = {ADDITION: "addlink", CHANGE: "changelink", DELETION: "deletelink"}
_READING_ICON = "viewlink"


class RecentAction(NamedTuple):
    """An entry of the audit trail in a line: what was done, to what, of which kind, and where that is now."""

    word: str
    subject: str
    kind: str
    icon: str
    link: str


def recent_actions(user: User) -> list[RecentAction]:
    """The latest entries of this member of staff."""
    entries = LogEntry.objects.filter(user=user).select_related("content_type")[:_MOST]
    return [_shown(entry) for entry in entries]


def _shown(entry: LogEntry) -> RecentAction:
    kind = entry.content_type.name if entry.content_type else ""
    return RecentAction(
        word=_word(entry),
        subject=entry.object_repr or kind,
        kind=kind,
        icon=_ICONS.get(entry.action_flag, _READING_ICON),
        link="" if entry.is_deletion() else entry.get_admin_url() or "",
    )


def _word(entry: LogEntry) -> str:
    """As in "Read" or "Create key"; of Django's own entries, of accounts and groups, Django's word."""
    action = str(message_of(entry).get("action", "")).replace("_", " ").capitalize()
    return action or (str(entry.get_action_flag_display()) if entry.action_flag in _ICONS else "Read")
