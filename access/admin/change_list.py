"""Django's change list over pages of the keys' table: the stock look, no SQL."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest

from access import models
from access.keys import rules
from access.keys.errors import InvalidField, KeyNotFound
from access.keys.find_keys import KeyPage, find_key, list_keys

PAGE_SIZE = 50
CURSOR = "cursor"


class KeyChangeList(ChangeList):
    """Asks the store for a page; links, columns and search are Django's."""

    page: KeyPage

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return {name: value for name, value in super().get_filters_params(params).items() if name != CURSOR}

    def get_query_string(self, new_params: dict[str, Any] | None = None, remove: Iterable[str] | None = None) -> str:
        """A link to the list as it is but for these parameters; it begins at the list's top unless it says where."""
        return super().get_query_string({CURSOR: None, **(new_params or {})}, remove)

    def get_results(self, request: HttpRequest) -> None:
        self.page = _page(self.query, request.GET.get(CURSOR))
        self.result_list = [models.ApiKey.of(key) for key in self.page.keys]
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = False
        self.paginator = Paginator(self.result_list, self.list_per_page)

    @property
    def newest_link(self) -> str:
        """To the first page; empty on it."""
        return self.get_query_string() if CURSOR in self.params else ""

    @property
    def older_link(self) -> str:
        """To the keys made before these; empty where there are none."""
        return self.get_query_string({CURSOR: self.page.next_cursor}) if self.page.next_cursor else ""


def _page(query: str, cursor: str | None) -> KeyPage:
    """Everybody's keys, those of this owner, or the key of this id. Raises InvalidField, StoreUnavailable."""
    if not query:
        return list_keys(limit=PAGE_SIZE, cursor=cursor)
    try:
        rules.owner_of(query)
    except InvalidField:  # nobody by this name has a key
        return KeyPage([], None)
    page = list_keys(owner=query, limit=PAGE_SIZE, cursor=cursor)
    if page.keys or cursor:
        return page
    try:
        return KeyPage([find_key(query)], None)
    except KeyNotFound:
        return page
