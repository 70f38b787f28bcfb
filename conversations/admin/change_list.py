"""Django's change list over pages of the store: the stock look, no SQL."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest

from conversations.admin import search_record
from conversations.admin.date_hierarchy import Month, month_of
from conversations.admin.list_form import CURSORS, Asked, asked
from conversations.admin.listing import Listing
from conversations.admin.pages import may
from conversations.admin.shown import row_title
from conversations.models import Session
from conversations.services.clock import now

if TYPE_CHECKING:
    from conversations.admin.sessions import SessionAdmin

_OURS = ("words", *CURSORS)


class SessionChangeList(ChangeList):
    """Asks the store for a page; what is not a page's own business (links, filters, columns) is Django's."""

    model_admin: "SessionAdmin"
    shown: Listing
    wish: Asked
    month: Month

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return {name: value for name, value in super().get_filters_params(params).items() if name not in _OURS}

    def get_query_string(self, new_params: dict[str, Any] | None = None, remove: Iterable[str] | None = None) -> str:
        """A link to the list as it is but for these parameters; it begins at the list's top unless it says where."""
        kept = {name: None for name in CURSORS if name not in (new_params or {})}
        return super().get_query_string({**(new_params or {}), **kept}, remove)

    def get_results(self, request: HttpRequest) -> None:
        today = now().date()
        self.wish = self.model_admin.looked_up(request, asked(request.GET, today=today))
        self.shown = search_record.on_record(request, self.wish, today=today)
        self.month = month_of(self._anchor(today), shown=self.shown.day, today=today)
        may_read = may(request, "read_transcript")
        self.result_list = [
            Session.of(replace(record, title=row_title(record, may_read=may_read))) for record in self.shown.rows
        ]
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = False
        self.paginator = Paginator(self.result_list, self.list_per_page)

    @property
    def days_query(self) -> str:
        """The list as it is but for its days: the beginning of a link to others."""
        kept = self.get_query_string(remove=["day", "since", "until"])
        return f"{kept}&" if kept != "?" else kept

    def _anchor(self, today: dt.date) -> dt.date:
        return self.shown.day or self.wish.query.last or today

    @property
    def newer_link(self) -> str:
        """To the page of more recent activity; empty where there is none."""
        return self._page_link("newer_than", self.shown.newer)

    @property
    def older_link(self) -> str:
        """To the page of earlier activity; empty where there is none."""
        return self._page_link("older_than", self.shown.older)

    def _page_link(self, name: str, cursor: str | None) -> str:
        if cursor is None:
            return ""
        # A list that chose its day by itself stays with it on its other pages.
        day = {"day": self.shown.day.isoformat()} if self.shown.day else {}
        return self.get_query_string({**day, name: cursor})
