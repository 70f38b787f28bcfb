"""A page that does one thing with one session: it asks first, and acts by POST."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from conversations.admin import audit
from conversations.admin.addresses import list_url, session_url
from conversations.admin.audit import Action
from conversations.admin.pages import StaffPage, may, page_context
from conversations.admin.reasons import ReasonForm
from conversations.admin.shown import title_of
from conversations.models import Session
from conversations.services.staff.read_transcript import find_head, pending_turn
from conversations.store.staff.heads import Head


class SessionAction(StaffPage, ABC):
    """Asks whether to do it, with a reason, and does it on POST. Subclasses say what."""

    http_method_names = ("get", "head", "post")
    form_class: ClassVar[type[ReasonForm]] = ReasonForm
    action: ClassVar[Action]
    title: ClassVar[str]
    question: ClassVar[str]
    submit: ClassVar[str]
    is_destructive: ClassVar[bool] = False

    session_id: str
    head: Head

    def get(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        self._look_up(object_id)
        return self._page(request, self.form_class(action=self.action, initial=self.initial()))

    def post(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        self._look_up(object_id)
        form = self.form_class(request.POST, action=self.action)
        if not form.is_valid():
            return self._page(request, form, status=400)
        reason, facts = form.cleaned_data["reason"], self.facts(form)
        entry = audit.record(request, self.action, Session(self.session_id), reason=reason, **facts)
        return self.perform(form, entry)

    def _look_up(self, object_id: str) -> None:
        self.session_id = unquote(object_id)
        self.head = self.find(self.session_id)

    def _page(self, request: HttpRequest, form: ReasonForm, *, status: int = 200) -> TemplateResponse:
        context = {
            **page_context(request, self.title),
            "page": self,
            "form": form,
            "session": self.head.session,
            "session_title": title_of(self.head.session.title, may_read=may(self.request, "read_transcript")),
            "pending": pending_turn(self.head),
            "back": self.back(),
        }
        return TemplateResponse(request, "admin/conversations/confirm.html", context, status=status)

    def find(self, session_id: str) -> Head:
        """The session. Raises SessionNotFound, StoreUnavailable."""
        return find_head(session_id)

    def initial(self) -> dict[str, Any]:
        """What the form is filled with."""
        return {}

    def back(self) -> str:
        """Where to go without doing it."""
        if may(self.request, "read_transcript"):
            return session_url("change", self.session_id)
        return list_url(q=self.session_id)

    def facts(self, form: ReasonForm) -> dict[str, Any]:  # noqa: ARG002  # some actions have none
        """What the audit trail keeps of it besides."""
        return {}

    @abstractmethod
    def perform(self, form: ReasonForm, entry: LogEntry) -> HttpResponseBase:
        """Does it. Raises SessionNotFound, StoreUnavailable."""
