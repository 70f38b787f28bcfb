"""A session as a readable chat, page by page. Every page read goes on record."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.http import urlencode

from access.staff.shown import moment_html, state_html
from access.staff.shown import usd_of_nano as usd
from conversations.admin import audit, reasons
from conversations.admin.addresses import audit_url, erase_owner_url, list_url, reason_url, session_url, usage_url
from conversations.admin.audit import Action
from conversations.admin.pages import StaffPage, may, page_context
from conversations.admin.shown import tokens_html
from conversations.admin.shown_messages import shown_messages
from conversations.models import Session
from conversations.services.staff.read_transcript import Transcript, read_transcript

PAGE_SIZE = 50


class ReadTranscript(StaffPage):
    """The latest messages, and links to earlier and later ones."""

    permission = "read_transcript"
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        session_id = unquote(object_id)
        reason = reasons.remembered(request, Action.READ, session_id)
        if reason is None:
            return HttpResponseRedirect(reason_url(Action.READ, session_id, after=request.get_full_path()))
        before, after = request.GET.get("before"), request.GET.get("after")
        transcript = read_transcript(
            session_id, limit=PAGE_SIZE, before=before, after=after, from_start="from_start" in request.GET
        )
        times = [row.created_at.isoformat() for row in transcript.rows]
        audit.record(
            request, Action.READ, Session(session_id), reason=reason, messages=len(times), of=times[:1] + times[-1:]
        )
        is_plain = "plain" in request.GET
        context = {
            **page_context(request, transcript.head.session.title.strip() or "(no title)"),
            **_head_context(transcript),
            "shown": shown_messages(transcript.rows, is_plain=is_plain),
            "links": _links(request, transcript, is_plain=is_plain),
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


def _links(request: HttpRequest, transcript: Transcript, *, is_plain: bool) -> dict[str, str]:
    session_id = transcript.head.session.session_id
    plain = {"plain": "1"} if is_plain else {}

    def page(**parameters: str) -> str:
        return f"{session_url('change', session_id)}?{urlencode({**plain, **parameters})}"

    here = {name: str(value) for name, value in request.GET.items() if name in {"before", "after", "from_start"}}
    other = here if is_plain else {**here, "plain": "1"}
    return {
        "earlier": page(before=transcript.earlier) if transcript.earlier else "",
        "later": page(after=transcript.later) if transcript.later else "",
        "start": page(from_start="1"),
        "latest": page(),
        "other_form": f"{session_url('change', session_id)}?{urlencode(other)}",
        "is_plain": "1" if is_plain else "",
        "owner": list_url(owner=transcript.head.session.owner),
        "usage": usage_url(owner=transcript.head.session.owner) if may(request, "view_usage") else "",
    }


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
