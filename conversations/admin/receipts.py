"""What an erasing removed, on record and on a page."""

from collections.abc import Mapping

from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.template.response import TemplateResponse

from access.staff.shown import moment_html
from conversations.admin import audit
from conversations.admin.owner_keys import OwnerKeys
from conversations.admin.pages import page_context
from conversations.services.staff.erase import Receipt


def receipt_page(
    request: HttpRequest,
    receipt: Receipt,
    entry: LogEntry,
    *,
    again: str,
    rest: Mapping[str, str] | None = None,
    keys: OwnerKeys | None = None,
) -> TemplateResponse:
    """What was removed, on record and on a page; `again` is where the rest of it is erased.

    `keys` are the owner's, where all of the owner was to be erased. With `rest`, the fields of that form, the page
    sends it by itself: as long as each request erases something.
    """
    audit.add_outcome(
        entry,
        owner=receipt.owner,
        erased=receipt.session_ids,
        unfinished=receipt.unfinished,
        copies=receipt.copies,
        is_complete=receipt.is_complete,
        erased_at=receipt.erased_at.isoformat(),
        backups_until=receipt.backups_until.isoformat(),
        **({"keys_revoked": keys.revoked, "keys_usable": len(keys.usable)} if keys else {}),
    )
    title = "Erased" if receipt.is_complete else "Not everything is erased yet"
    context = {
        **page_context(request, title),
        "receipt": receipt,
        "erased_at": moment_html(receipt.erased_at),
        "backups_until": moment_html(receipt.backups_until),
        "again": again,
        "rest": rest if receipt.session_ids and not receipt.is_complete else None,
        "entry": entry,
        "keys": keys,
    }
    return TemplateResponse(request, "admin/conversations/receipt.html", context)
