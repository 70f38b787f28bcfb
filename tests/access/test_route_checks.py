"""The system check of routes: a view that says neither scope nor that it is open."""

from typing import Any, ClassVar

import pytest
from django.core.checks import run_checks
from django.urls import include, path
from pytest_django import Settings
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from access.callers import Caller
from access.scopes import ALL_SCOPES, Scope

CALLER = Caller(owner="alice", scopes=ALL_SCOPES)


class Answering(APIView):
    """GET and DELETE."""

    http_method_names = ("get", "head", "delete")

    def get(self, _request: Request) -> Response:
        return Response({})

    def delete(self, _request: Request) -> Response:
        return Response({})


class Scoped(Answering):
    scopes: ClassVar = {"get": Scope.MODELS, "delete": Scope.CHAT}


class Open(Answering):
    permission_classes = (AllowAny,)


class Half(Answering):
    scopes: ClassVar = {"get": Scope.MODELS}


class Unsaid(Answering):
    permission_classes = ()


urlpatterns: list[Any] = []


@pytest.fixture
def routes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A URLconf of the test's own."""
    made: list[Any] = []
    monkeypatch.setitem(globals(), "urlpatterns", made)
    settings.ROOT_URLCONF = __name__
    return made


def found() -> list[str]:
    return [message.msg for message in run_checks() if message.id == "chatbot.E120"]


def test_the_projects_routes_all_say_it() -> None:
    assert found() == []


def test_scopes_and_open_pages_are_fine(routes: list[Any]) -> None:
    routes += [path("scoped", Scoped.as_view()), path("open", Open.as_view())]
    assert found() == []


def test_a_method_without_a_scope_is_named_wherever_it_is(routes: list[Any]) -> None:
    inner = [path("half", Half.as_view()), path("unsaid", Unsaid.as_view()), path("again", Half.as_view())]
    routes += [path("deep/", include(inner)), path("bare", Answering.as_view())]
    assert found() == [
        "Half declares no scope for DELETE.",
        "Unsaid declares no scope for DELETE.",
        "Unsaid declares no scope for GET.",
        "Unsaid declares no scope for HEAD.",
        "Answering declares no scope for DELETE.",
        "Answering declares no scope for GET.",
        "Answering declares no scope for HEAD.",
    ]


@pytest.mark.parametrize(("view", "status"), [(Scoped, 200), (Half, 403), (Answering, 403)])
def test_what_declares_no_scope_is_closed_to_everybody(
    view: type[APIView], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "access.authentication.CallerAuthentication.authenticate", lambda _self, _request: (CALLER, None)
    )
    assert view.as_view()(APIRequestFactory().delete("/")).status_code == status
