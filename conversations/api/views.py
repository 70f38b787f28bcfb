"""The chat plane's routes. Each parses, calls one service and shapes the answer."""

from contextlib import AbstractContextManager
from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from access.budgets.budget import budget_of
from access.callers import Caller
from access.limits.callers import count_request, identity_of
from access.limits.concurrency import turn as counted_turn
from access.scopes import Scope
from conversations.api import bodies
from conversations.api.budget_headers import budget_headers
from conversations.api.deadlines import deadline_of
from conversations.api.event_stream import event_stream, wants_stream
from conversations.api.json_response import json_response
from conversations.api.problems import bare
from conversations.api.serializers import (
    ChatHeadersSerializer,
    ChatRequestSerializer,
    HistoryQuerySerializer,
    PageQuerySerializer,
    SessionPathSerializer,
    TitleRequestSerializer,
    UsageQuerySerializer,
)
from conversations.domain import LEASE_MARGIN_SECONDS
from conversations.services.erase_session import erase_session
from conversations.services.list_sessions import list_sessions, rename_session
from conversations.services.models import list_models
from conversations.services.order import Order
from conversations.services.read_history import read_history
from conversations.services.read_usage import read_usage
from conversations.services.send_message import send_message
from conversations.services.stop_turn import stop_turn
from conversations.services.stream_message import stream_message
from core.deadline import Deadline
from telemetry.requests import note_owner


class ChatPlaneView(APIView):
    """Base of every route here. No OPTIONS: the OpenAPI document describes the service."""

    http_method_names = ("get", "head", "post", "patch", "delete")
    scopes: ClassVar[dict[str, Scope]]  # by method, what `HasScope` demands of the caller

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:  # noqa: ANN401  # DRF's
        # A chunked body has no length, which Django and DRF take for no body. The parser reads it, within its bound.
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            request.META["CONTENT_LENGTH"] = str(settings.MAX_BODY_BYTES)
        return super().initialize_request(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Counts every request of a known caller, also one that its permissions or its body will have refused."""
        super().perform_authentication(request)
        if isinstance(request.user, Caller):
            note_owner(request.user.owner)
            count_request(bare(request), request.user)


class ChatView(ChatPlaneView):
    """Send a message and have it answered."""

    scopes: ClassVar = {"post": Scope.CHAT}

    def post(self, request: Request) -> HttpResponseBase:
        deadline = deadline_of(request)
        wishes = _validated(ChatRequestSerializer(data=request.data))
        stream = wants_stream(bare(request), wishes.pop("stream", None))
        order, key = Order(**wishes), _idempotency_key(request)
        place, budget = _place(request, deadline), budget_of(_caller(request))
        if stream:
            watch = stream_message(
                owner=_owner(request), order=order, deadline=deadline, key=key, place=place, budget=budget
            )
            return event_stream(bare(request), watch, deadline=deadline, headers=_replayed(watch.replayed))
        with place:
            answered = send_message(owner=_owner(request), order=order, deadline=deadline, key=key, budget=budget)
        headers = _replayed(answered.replayed) | budget_headers(answered.standing)
        return json_response(bodies.chat_body(answered), headers=headers)


class HistoryView(ChatPlaneView):
    """Read or erase a session."""

    scopes: ClassVar = {"get": Scope.HISTORY_READ, "delete": Scope.HISTORY_DELETE}

    def get(self, request: Request, session_id: str) -> HttpResponse:
        query = _validated(HistoryQuerySerializer(data=request.query_params.dict()))
        history = read_history(
            owner=_owner(request),
            session_id=_session_id(session_id),
            limit=query["limit"],
            cursor=query.get("cursor"),
            newest_first=query["order"] == "desc",
        )
        return json_response(bodies.history_body(history))

    def delete(self, request: Request, session_id: str) -> Response:
        erase_session(owner=_owner(request), session_id=_session_id(session_id), deadline=deadline_of(request))
        return Response(status=204)


class SessionListView(ChatPlaneView):
    """The caller's sessions."""

    scopes: ClassVar = {"get": Scope.HISTORY_READ}

    def get(self, request: Request) -> HttpResponse:
        query = _validated(PageQuerySerializer(data=request.query_params.dict()))
        page = list_sessions(owner=_owner(request), limit=query["limit"], cursor=query.get("cursor"))
        return json_response(bodies.session_list_body(page))


class SessionView(ChatPlaneView):
    """One session."""

    scopes: ClassVar = {"patch": Scope.CHAT}

    def patch(self, request: Request, session_id: str) -> HttpResponse:
        change = _validated(TitleRequestSerializer(data=request.data))
        session = rename_session(owner=_owner(request), session_id=_session_id(session_id), title=change["title"])
        return json_response(bodies.session_body(session))


class PendingTurnView(ChatPlaneView):
    """The message of a session that has no answer."""

    scopes: ClassVar = {"delete": Scope.CHAT}

    def delete(self, request: Request, session_id: str) -> Response:
        stop_turn(owner=_owner(request), session_id=_session_id(session_id))
        return Response(status=204)


class UsageView(ChatPlaneView):
    """What the caller's owner used."""

    scopes: ClassVar = {"get": Scope.HISTORY_READ}

    def get(self, request: Request) -> HttpResponse:
        days = _validated(UsageQuerySerializer(data=request.query_params.dict()))
        report = read_usage(owner=_owner(request), **days, budget=budget_of(_caller(request)))
        return json_response(bodies.usage_body(report), headers=budget_headers(report.standing))


class ModelsView(ChatPlaneView):
    """The models usable here."""

    scopes: ClassVar = {"get": Scope.MODELS}

    def get(self, request: Request) -> HttpResponse:  # noqa: ARG002  # DRF's signature
        return json_response(bodies.model_list_body(list_models()))


class ModelsListView(ChatPlaneView):
    """The same by POST, the body is not looked at."""

    scopes: ClassVar = {"post": Scope.MODELS}

    def post(self, request: Request) -> HttpResponse:  # noqa: ARG002  # DRF's signature
        return json_response(bodies.model_list_body(list_models()))


def _validated(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def _session_id(text: str) -> str:
    return str(_validated(SessionPathSerializer(data={"session_id": text}))["session_id"])


def _idempotency_key(request: Request) -> str:
    """The caller's key; empty when there is none."""
    name = "Idempotency-Key"
    if name not in request.headers:
        return ""
    return str(_validated(ChatHeadersSerializer(data={name: request.headers[name]}))[name])


def _replayed(replayed: bool) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if replayed else {}


def _place(request: Request, deadline: Deadline) -> AbstractContextManager[None]:
    """One of the turns that the caller may have at once, for as long as the session's lease would last."""
    identity = identity_of(bare(request), _caller(request))
    return counted_turn(identity, seconds=max(deadline.remaining(), 0) + LEASE_MARGIN_SECONDS)


def _owner(request: Request) -> str:
    return _caller(request).owner


def _caller(request: Request) -> Caller:
    return cast("Caller", request.user)  # HasScope has seen to it
