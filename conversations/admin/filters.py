"""The filters beside the list. They keep the address's parameters; what those mean is `list_form`'s."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from conversations.models import Session


class StoreFilter(admin.ListFilter):
    """A filter whose parameters the store is asked with; the query set stays as it is."""

    parameters: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Session],
        model_admin: "admin.ModelAdmin[Session]",
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.values = {name: (params.pop(name, None) or [""])[-1] for name in self.parameters}

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:  # noqa: ARG002  # Django's signature
        return queryset


class ChoiceFilter(StoreFilter, ABC):
    """One of a few values, as links."""

    @abstractmethod
    def lookups(self) -> list[str]:
        """The values there are."""

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        (name,) = self.parameters
        value = self.values[name]
        yield {"selected": not value, "query_string": changelist.get_query_string(remove=[name]), "display": "All"}
        for each in dict.fromkeys([*self.lookups(), *([value] if value else [])]):
            link = changelist.get_query_string({name: each})
            yield {"selected": each == value, "query_string": link, "display": each}


class StateFilter(ChoiceFilter):
    title = "state"
    parameters = ("state",)

    def lookups(self) -> list[str]:
        return ["idle", "pending", "failed"]


class ModelFilter(ChoiceFilter):
    title = "model"
    parameters = ("model",)

    def lookups(self) -> list[str]:
        return [settings.BEDROCK_MODEL_ID, *settings.BEDROCK_MODELS]


class FormFilter(StoreFilter):
    """Values that are typed in: a form of its own, which carries the other parameters along."""

    template = "admin/conversations/session/form_filter.html"
    fields: ClassVar[tuple[tuple[str, str, str], ...]]  # parameter, label, type of the input

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        dropped = {*self.parameters, "newer_than", "older_than", "p", "e"}
        yield {
            "fields": [(name, label, kind, self.values.get(name, "")) for name, label, kind in self.fields],
            "others": [(name, value) for name, value in changelist.params.items() if name not in dropped],
            "clear": changelist.get_query_string(remove=list(self.parameters)) if any(self.values.values()) else "",
        }


class OwnerFilter(FormFilter):
    title = "owner"
    parameters = ("owner",)
    fields = (("owner", "Owner, exactly", "text"),)


class DaysFilter(FormFilter):
    title = "days (UTC)"
    parameters = ("day", "since", "until")
    fields = (("since", "First day", "date"), ("until", "Last day", "date"))
