"""The pages about the service itself: what it is, whether it lives, whether it can work."""

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatbot_project import __version__
from conversations.services.readiness import readiness

ENDPOINTS = {
    "chat": "POST /chat",
    "history": "GET, DELETE /history/{session_id}",
    "sessions": "GET /sessions",
    "session": "PATCH /sessions/{session_id}",
    "models": "GET /models, POST /models/list",
}


class OpenView(APIView):
    """A page for everybody: load balancers and newcomers have no credentials."""

    http_method_names = ("get", "head")
    authentication_classes = ()
    permission_classes = (AllowAny,)


class RootView(OpenView):
    """What this is and where to read on."""

    @extend_schema(
        operation_id="root",
        tags=["service"],
        summary="What this service is",
        responses=inline_serializer(
            "Service",
            {
                "name": serializers.CharField(),
                "version": serializers.CharField(),
                "docs": serializers.CharField(),
                "redoc": serializers.CharField(),
                "openapi": serializers.CharField(),
                "health": serializers.CharField(),
                "endpoints": serializers.DictField(child=serializers.CharField()),
            },
        ),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  # DRF's signature
        return Response(
            {
                "name": "Chatbot API",
                "version": __version__,
                "docs": "/docs",
                "redoc": "/redoc",
                "openapi": "/openapi.json",
                "health": "/health",
                "endpoints": ENDPOINTS,
            }
        )


class HealthView(OpenView):
    """Alive. Asks nobody, so that an outage elsewhere does not restart healthy processes."""

    @extend_schema(
        operation_id="health",
        tags=["service"],
        summary="Whether the process lives",
        responses=inline_serializer("Health", {"status": serializers.ChoiceField(choices=["ok"])}),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  # DRF's signature
        return Response({"status": "ok"})


_READY = inline_serializer(
    "Readiness",
    {"ready": serializers.BooleanField(), "checks": serializers.DictField(child=serializers.CharField())},
)


class ReadyView(OpenView):
    """Able to work: DynamoDB's tables are ACTIVE and Bedrock's client is configured."""

    @extend_schema(
        operation_id="ready",
        tags=["service"],
        summary="Whether chats can be answered",
        description="Each dependency's state, `ok` or what is the matter; looked up at most every five seconds.",
        responses={200: _READY, 503: _READY},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  # DRF's signature
        checks = readiness.checks()
        ready = all(state == "ok" for state in checks.values())
        return Response({"ready": ready, "checks": checks}, status=200 if ready else 503)
