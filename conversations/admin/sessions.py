"""The list of sessions, and the addresses of what can be done with them."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.staff.read_only import ReadOnlyAdmin
from access.staff.shown import moment_html, state_html, text_html
from access.staff.shown import usd_of_nano as usd
from conversations.admin import reasons
from conversations.admin.actions import CancelTurn, EraseSession, ExportSession, RetitleSession
from conversations.admin.addresses import list_url, reason_url
from conversations.admin.audit import Action
from conversations.admin.change_list import SessionChangeList
from conversations.admin.erase_owner import EraseOwner
from conversations.admin.filters import DaysFilter, ModelFilter, OwnerFilter, StateFilter
from conversations.admin.list_form import Asked
from conversations.admin.listing import PAGE_SIZE
from conversations.admin.pages import TOLD, may, problem_page, require
from conversations.admin.reason_page import GiveReason
from conversations.admin.searched_words import kept_words, searched_url
from conversations.admin.shown import models_html, tokens_html
from conversations.admin.transcript import ReadTranscript
from conversations.models import Session


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Read-only for Django: no adding, changing or deleting of its own. What staff may do are pages of ours."""

    list_display = ("title", "last_activity", "owner", "state", "cost", "messages", "tokens", "models", "created")
    list_filter = (DaysFilter, OwnerFilter, StateFilter, ModelFilter)
    list_per_page = PAGE_SIZE
    search_fields = ("session_id",)
    change_list_template = "admin/conversations/session/change_list.html"
    preserve_filters = False
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css: ClassVar = {"all": ("staff/staff.css", "conversations/staff.css")}
        js = ("staff/local_times.js",)

    def get_urls(self) -> list[URLPattern]:
        opened = self.admin_site.admin_view
        pages = (
            ("<str:object_id>/change/", "change", ReadTranscript),
            ("<str:object_id>/export/", "export", ExportSession),
            ("<str:object_id>/erase/", "erase", EraseSession),
            ("<str:object_id>/cancel/", "cancel", CancelTurn),
            ("<str:object_id>/title/", "retitle", RetitleSession),
            ("reason/", "reason", GiveReason),
            ("erase-owner/", "erase_owner", EraseOwner),
        )
        return [
            path("", opened(self.changelist_view), name="conversations_session_changelist"),
            *(path(route, opened(page.as_view()), name=f"conversations_session_{name}") for route, name, page in pages),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST":
            return self._search(request)
        if _asks_for_reason(request):
            return HttpResponseRedirect(reason_url(Action.SEARCH, "", after=request.get_full_path()))
        context = {
            **(extra_context or {}),
            "title": "Sessions",
            "may_search_words": may(request, "read_transcript"),
            "may_erase_owner": may(request, "erase_owner"),
            "may_view_usage": may(request, "view_usage"),
        }
        try:
            return super().changelist_view(request, context)
        except TOLD as error:
            return problem_page(request, error)

    def _search(self, request: HttpRequest) -> HttpResponse:
        """Goes on to the address of what the search form asks for."""
        try:
            require(request, "view_session")
            if request.POST.get("words"):
                require(request, "read_transcript")
            return HttpResponseRedirect(searched_url(request))
        except TOLD as error:
            return problem_page(request, error)

    def looked_up(self, request: HttpRequest, wish: Asked) -> Asked:
        """The wish with the words that its address has the id of.

        Raises PermissionDenied for staff who may not read it, BadQuery for words that are not kept.
        """
        if not wish.words_id:
            return wish
        require(request, "read_transcript")
        return replace(wish, words=kept_words(request, wish.words_id))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ANN401, ARG002  # Django's signature
        return SessionChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:  # noqa: ARG002  # as above
        return Session.objects.none()

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  # as above
        queryset: QuerySet[Session],
        search_term: str,  # noqa: ARG002  # as above
    ) -> tuple[QuerySet[Session], bool]:
        return queryset, False

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:  # noqa: ANN401, ARG002  # as above
        # None is no link at all, which the stubs do not know.
        return ["title"] if may(request, "read_transcript") else None

    @admin.display(description="Title")
    def title(self, session: Session) -> SafeString:
        return text_html(session.record.title)

    @admin.display(description="Owner")
    def owner(self, session: Session) -> SafeString:
        owner = session.record.owner
        return format_html('<a href="{}" title="{}">{}</a>', list_url(owner=owner), owner, text_html(owner))

    @admin.display(description="State")
    def state(self, session: Session) -> SafeString:
        return state_html(session.record.state)

    @admin.display(description="Messages")
    def messages(self, session: Session) -> str:
        return f"{session.record.message_count:,}"

    @admin.display(description="Tokens")
    def tokens(self, session: Session) -> SafeString:
        return tokens_html(session.record.usage)

    @admin.display(description="Cost")
    def cost(self, session: Session) -> str:
        return usd(session.record.cost_nano_usd)

    @admin.display(description="Models")
    def models(self, session: Session) -> SafeString:
        return models_html(session.record.models)

    @admin.display(description="Created")
    def created(self, session: Session) -> SafeString:
        return moment_html(session.record.created_at)

    @admin.display(description="Last activity")
    def last_activity(self, session: Session) -> SafeString:
        return moment_html(session.record.updated_at)


def _asks_for_reason(request: HttpRequest) -> bool:
    """Whether this is a search in what was said for which a reason is to be given first."""
    is_search = bool(request.GET.get("words", "").strip()) and may(request, "read_transcript")
    return is_search and reasons.remembered(request, Action.SEARCH, "") is None
