"""The list of keys, and the addresses of what can be done with them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from access import models
from access.admin.change_list import PAGE_SIZE, KeyChangeList
from access.admin.create import CreateKey
from access.admin.one_key import RevokeKey, RotateKey, ShowKey
from access.admin.pages import MANAGE, TOLD, VIEW, may, problem_page
from access.admin.shown import Shown, budget_html, moment_html, rate_limit_html, scopes_text, state_html
from access.staff.read_only import ReadOnlyAdmin
from access.staff.shown import text_html


@admin.register(models.ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Read-only for Django: nothing is changed or deleted by its own pages. What staff may do are pages of ours."""

    list_display = (
        "name",
        "state",
        "owner",
        "key_id",
        "last_used",
        "expires",
        "scopes",
        "rate_limit",
        "monthly_budget",
    )
    list_per_page = PAGE_SIZE
    search_fields = ("key_id",)
    change_list_template = "admin/access/apikey/change_list.html"
    preserve_filters = False
    show_full_result_count = False

    class Media:
        css: ClassVar = {"all": ("staff/staff.css", "access/keys.css")}
        js = ("staff/local_times.js",)

    def get_urls(self) -> list[URLPattern]:
        opened = self.admin_site.admin_view
        return [
            path("", opened(self.changelist_view), name="access_apikey_changelist"),
            path("add/", opened(CreateKey.as_view()), name="access_apikey_add"),
            path("<str:key_id>/change/", opened(ShowKey.as_view()), name="access_apikey_change"),
            path("<str:key_id>/rotate/", opened(RotateKey.as_view()), name="access_apikey_rotate"),
            path("<str:key_id>/revoke/", opened(RevokeKey.as_view()), name="access_apikey_revoke"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, {**(extra_context or {}), "title": "API keys"})
        except TOLD as error:
            return problem_page(request, error)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ANN401, ARG002  # Django's signature
        return KeyChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.ApiKey]:  # noqa: ARG002  # as above
        return models.ApiKey.objects.none()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  # as above
        return may(request, VIEW)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, VIEW) and may(request, MANAGE)

    @admin.display(description="Name")
    def name(self, row: models.ApiKey) -> SafeString:
        return text_html(row.key.name)

    @admin.display(description="Owner")
    def owner(self, row: models.ApiKey) -> str:
        return row.key.owner

    @admin.display(description="State")
    def state(self, row: models.ApiKey) -> SafeString:
        return state_html(row.key)

    @admin.display(description="Last used")
    def last_used(self, row: models.ApiKey) -> Shown:
        return moment_html(row.key.last_used_at, otherwise="never")

    @admin.display(description="Expires")
    def expires(self, row: models.ApiKey) -> Shown:
        return moment_html(row.key.expires_at, otherwise="never")

    @admin.display(description="Scopes")
    def scopes(self, row: models.ApiKey) -> str:
        return scopes_text(row.key)

    @admin.display(description="Rate limit")
    def rate_limit(self, row: models.ApiKey) -> Shown:
        return rate_limit_html(row.key, otherwise="default")

    @admin.display(description="Monthly budget")
    def monthly_budget(self, row: models.ApiKey) -> Shown:
        return budget_html(row.key, otherwise="default")
