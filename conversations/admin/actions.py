"""What staff do with one session: export, erase, end its turn, edit its title."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase

from access.staff.exports import file_on_record
from conversations.admin.addresses import session_url
from conversations.admin.audit import Action
from conversations.admin.pages import may
from conversations.admin.reasons import ReasonForm
from conversations.admin.receipts import receipt_page
from conversations.admin.session_action import SessionAction
from conversations.admin.unanswered import told_if_unanswered
from conversations.services.list_sessions import rename_session
from conversations.services.staff import erase
from conversations.services.staff.export_session import ExportFormat, SessionExport
from conversations.services.staff.read_transcript import find_erasable_head
from conversations.services.stop_turn import stop_turn
from conversations.store.staff.heads import Head

MAX_TITLE_CHARS = 200


class ExportForm(ReasonForm):
    """As what kind of file."""

    export_format = forms.ChoiceField(
        label="Format", choices=[("json", "JSON"), ("markdown", "Markdown")], widget=forms.RadioSelect, initial="json"
    )


class ExportSession(SessionAction):
    permissions = ("export_session",)
    action = Action.EXPORT
    form_class = ExportForm
    title = "Export this session"
    question = "Everything that was said goes into a file on your machine."
    submit = "Export"

    def facts(self, form: ReasonForm) -> dict[str, Any]:
        return {"format": form.cleaned_data["export_format"]}

    def perform(self, form: ReasonForm, entry: LogEntry) -> HttpResponseBase:
        chosen: ExportFormat = form.cleaned_data["export_format"]
        export = SessionExport(self.head, chosen)
        ending, kind = ("json", "application/json") if chosen == "json" else ("md", "text/markdown; charset=utf-8")
        name = f"session-{self.session_id}.{ending}"
        return StreamingHttpResponse(
            file_on_record(entry, export.pieces(), facts=lambda: {"messages": export.messages}),
            content_type=kind,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )


class EraseSession(SessionAction):
    permissions = ("erase_session",)
    action = Action.ERASE
    title = "Erase this session"
    question = "Every message of it is deleted, and nobody can bring it back. The ledger keeps tokens and cost."
    submit = "Erase the session"
    is_destructive = True

    def find(self, session_id: str) -> Head:
        return find_erasable_head(session_id)

    def perform(self, form: ReasonForm, entry: LogEntry) -> HttpResponseBase:  # noqa: ARG002  # the base class's
        return receipt_page(
            self.request, erase.erase_one(self.head), entry, again=session_url("erase", self.session_id)
        )


class CancelTurn(SessionAction):
    permissions = ("cancel_turn",)
    action = Action.CANCEL
    title = "Cancel the turn of this session"
    question = (
        "A turn under way is ended and what the model has said so far is kept. A message that failed, or whose process "
        "is gone, is cleared."
    )
    submit = "Cancel the turn"

    def perform(self, form: ReasonForm, entry: LogEntry) -> HttpResponseBase:  # noqa: ARG002  # the base class's
        with told_if_unanswered(entry):
            stop_turn(owner=self.head.session.owner, session_id=self.session_id)
        messages.success(self.request, "The session has no turn under way any more.")
        return HttpResponseRedirect(self.back())


class TitleForm(ReasonForm):
    """Text kept exactly, as the API keeps it."""

    title = forms.CharField(
        max_length=MAX_TITLE_CHARS, strip=False, widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto"})
    )

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if not title.strip():
            raise forms.ValidationError("A title may not be blank.")
        return title


class RetitleSession(SessionAction):
    permissions = ("retitle_session",)
    action = Action.RETITLE
    form_class = TitleForm
    title = "Edit the title"
    question = "The owner sees the new title too."
    submit = "Save"

    def initial(self) -> dict[str, Any]:
        return {"title": self.head.session.title} if may(self.request, "read_transcript") else {}

    def perform(self, form: ReasonForm, entry: LogEntry) -> HttpResponseBase:
        with told_if_unanswered(entry):
            rename_session(owner=self.head.session.owner, session_id=self.session_id, title=form.cleaned_data["title"])
        messages.success(self.request, "The title was changed.")
        return HttpResponseRedirect(self.back())
