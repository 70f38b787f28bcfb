"""A session as a readable chat, page by page. Every page read goes on record."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from access.staff.shown import moment_html, state_html
from access.staff.shown import usd_of_nano as usd
from conversations.admin import audit, reasons
from conversations.admin.addresses import audit_url, erase_owner_url, list_url, reason_url, session_url, usage_url
from conversations.admin.audit import Action
from conversations.admin.pages import StaffPage, may, page_context
from conversations.admin.shown import title_of, tokens_html
from conversations.admin.shown_messages import shown_messages
from conversations.admin.transcript_pager import pager, transcript_asked
from conversations.models import Session
from conversations.services.staff.read_transcript import Transcript, read_transcript

PAGE_SIZE = 50


class ReadTranscript(StaffPage):
    """The latest messages, and links to earlier and later ones."""

    permissions = ("read_transcript",)
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        session_id = unquote(object_id)
        reason = reasons.remembered(request, Action.READ, session_id)
        if reason is None:
            return HttpResponseRedirect(reason_url(Action.READ, session_id, after=request.get_full_path()))
        asked = transcript_asked(request.GET)
        transcript = read_transcript(session_id, asked.place, limit=PAGE_SIZE)
        times = [row.created_at.isoformat() for row in transcript.rows]
        audit.record(
            request, Action.READ, Session(session_id), reason=reason, messages=len(times), of=times[:1] + times[-1:]
        )
        context = {
            **page_context(request, title_of(transcript.head.session.title, may_read=True)),
            **_head_context(transcript),
            "shown": shown_messages(transcript.rows, is_plain=asked.is_plain),
            "pager": pager(transcript, asked),
            "links": _links(request, transcript),
            "actions": _actions(request, transcript),
        }
        return TemplateResponse(request, "admin/conversations/session/transcript.html", context)


def _head_context(transcript: Transcript) -> dict[str, Any]:
    session, record, pending = transcript.head.session, transcript.head.record, transcript.pending
    state = pending.state if pending else "idle"
    return {
        "session": session,
        "record": record,
        "pending": pending,
        "pending_started": moment_html(pending.started_at) if pending else "",
        "pending_lease": moment_html(pending.lease_until) if pending else "",
        "head": [
            ("Session", session.session_id),
            ("State", state_html(state)),
            ("Messages", f"{session.message_count:,}"),
            ("Tokens", tokens_html(record.usage)),
            ("Cost", usd(record.cost_nano_usd)),
            ("Models", ", ".join(record.models)),
            ("Created", moment_html(session.created_at)),
            ("Last activity", moment_html(session.updated_at)),
        ],
    }


def _links(request: HttpRequest, transcript: Transcript) -> dict[str, str]:
    owner = transcript.head.session.owner
    return {"owner": list_url(owner=owner), "usage": usage_url(owner=owner) if may(request, "view_usage") else ""}


def _actions(request: HttpRequest, transcript: Transcript) -> list[tuple[str, str]]:
    """What this member of staff may do with the session."""
    session = transcript.head.session
    offered = [
        ("export_session", "Export", session_url("export", session.session_id)),
        ("retitle_session", "Edit title", session_url("retitle", session.session_id)),
        ("erase_session", "Erase", session_url("erase", session.session_id)),
        ("erase_owner", "Erase all of the owner", erase_owner_url(session.owner)),
    ]
    if transcript.pending:
        offered.insert(0, ("cancel_turn", "Cancel turn", session_url("cancel", session.session_id)))
    links = [(label, address) for permission, label, address in offered if may(request, permission)]
    if request.user.has_perm("admin.view_logentry"):
        links.append(("Audit trail", audit_url(session.session_id)))
    return links
