"""The pages about the service itself: what it is, whether it lives, whether it can work."""

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

    def get(self, request: Request) -> Response:  # noqa: ARG002  # DRF's signature
        return Response({"status": "ok"})


class ReadyView(OpenView):
    """Able to work: DynamoDB's tables are ACTIVE and Bedrock's client is configured."""

    def get(self, request: Request) -> Response:  # noqa: ARG002  # DRF's signature
        checks = readiness.checks()
        ready = all(state == "ok" for state in checks.values())
        return Response({"ready": ready, "checks": checks}, status=200 if ready else 503)
