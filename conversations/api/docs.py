"""What the OpenAPI document says of the chat plane.

Importing this describes the routes. Only the document needs it (`chatbot_project.openapi`), so no view imports it.
"""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)

import access.schema  # noqa: F401  # importing registers how credentials are described
from conversations.api import serializers, views
from conversations.api.budget_headers import LIMIT, REMAINING
from conversations.api.problems import MEDIA_TYPE, PROBLEMS

_SESSION_ID = OpenApiParameter(
    "session_id",
    {"type": "string", "pattern": serializers.SESSION_ID_PATTERN},
    OpenApiParameter.PATH,
    description="The session's id.",
)
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": serializers.IDEMPOTENCY_KEY_PATTERN},
    OpenApiParameter.HEADER,
    description="Makes it safe to send the same request again: for 24 hours it brings the same answer.",
)
_REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=[200],
    description="There when the answer is that of an earlier request with the same Idempotency-Key.",
)
_BUDGET = [
    OpenApiParameter(
        name,
        {"type": "string", "format": "decimal"},
        OpenApiParameter.HEADER,
        response=[200],
        description=f"{what}, in USD; there from 80 % of the caller's budget for the month on.",
    )
    for name, what in ((LIMIT, "The budget"), (REMAINING, "What is left of it"))
]
# One server-sent event; its data is JSON.
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["start", "delta", "done", "error"]},
        "data": {"type": "string"},
    },
    "required": ["event", "data"],
}
# Every route behind credentials can answer these.
_ALWAYS = (
    "invalid_request",
    "not_authenticated",
    "permission_denied",
    "rate_limited",
    "internal_error",
    "store_unavailable",
    "issuer_unavailable",
)


def problems(*codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses of these problems and of those that every route has, one for each status."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, *_ALWAYS):
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(serializers.ProblemSerializer, ", ".join(f"`{code}`" for code in named))
        for status, named in sorted(by_status.items())
    }


def _answers(status: int, serializer: Any, *codes: str) -> dict[Any, Any]:  # noqa: ANN401  # spectacular's own
    return {status: serializer, **problems(*codes)}


_BODY = ("payload_too_large", "unsupported_media_type")

extend_schema_serializer(component_name="Chat")(serializers.ChatRequestSerializer)
extend_schema_serializer(component_name="Title")(serializers.TitleRequestSerializer)

extend_schema_view(
    post=extend_schema(
        operation_id="chat",
        tags=["chat"],
        summary="Send a message and have it answered",
        description="Creates the session when it is not there, continues it when it is. The message and its answer are "
        "stored together; when no answer comes, the message stays in the session's history as `pending`.\n\n"
        "With `stream` (or `Accept: text/event-stream`) the answer comes as server-sent events: `start`, `delta` (a "
        "piece of the answer) and at the end `done` with the same body as the JSON answer, or `error` with a problem. "
        "A caller that goes away does not stop the turn.",
        parameters=[_IDEMPOTENCY_KEY, _REPLAYED, *_BUDGET],
        request=serializers.ChatRequestSerializer,
        responses=_answers(
            200,
            serializers.ChatResponseSerializer,
            *_BODY,
            "unknown_model",
            "session_not_found",
            "turn_in_progress",
            "turn_cancelled",
            "idempotency_key_reused",
            "content_blocked",
            "budget_exhausted",
            "model_throttled",
            "model_error",
            "model_access_denied",
            "model_unavailable",
            "deadline_exceeded",
        )
        | {(200, "text/event-stream"): OpenApiResponse(_EVENT, "`start`, `delta`…, `done` or `error`")},
        examples=[
            OpenApiExample("First message", value={"message": "Hello", "session_id": "abc123"}, request_only=True)
        ],
    )
)(views.ChatView)
extend_schema_view(
    get=extend_schema(
        operation_id="history",
        tags=["sessions"],
        summary="Read a session",
        description="A page holds `limit` messages at most, and fewer when they are large.",
        parameters=[_SESSION_ID, serializers.HistoryQuerySerializer],
        responses=_answers(200, serializers.HistorySerializer, "session_not_found"),
    ),
    delete=extend_schema(
        operation_id="eraseHistory",
        tags=["sessions"],
        summary="Erase a session",
        description="Every item of it. 204 whether it was there or not.",
        parameters=[_SESSION_ID],
        responses=_answers(204, None),
    ),
)(views.HistoryView)
extend_schema_view(
    get=extend_schema(
        operation_id="sessions",
        tags=["sessions"],
        summary="List the caller's sessions, latest activity first",
        parameters=[serializers.PageQuerySerializer],
        responses=_answers(200, serializers.SessionListSerializer),
    )
)(views.SessionListView)
extend_schema_view(
    delete=extend_schema(
        operation_id="stopTurn",
        tags=["sessions"],
        summary="Stop the turn under way, or clear the one that failed",
        description="Within two seconds, whichever process runs it. What the model said is kept as the answer, with "
        "`stop_reason` `cancelled`; a turn it has said nothing in stays as the failed message. 204 when there is "
        "nothing to stop, too.",
        parameters=[_SESSION_ID],
        responses=_answers(204, None, "session_not_found"),
    )
)(views.PendingTurnView)
extend_schema_view(
    patch=extend_schema(
        operation_id="renameSession",
        tags=["sessions"],
        summary="Give a session a title",
        parameters=[_SESSION_ID],
        request=serializers.TitleRequestSerializer,
        responses=_answers(200, serializers.SessionSerializer, *_BODY, "session_not_found"),
    )
)(views.SessionView)
extend_schema_view(
    get=extend_schema(
        operation_id="usage",
        tags=["usage"],
        summary="Read what was used, by day and model, and the budget",
        description="All of the owner's turns, by the day (UTC) on which they began. `budget` is the one that pays for "
        "this caller: its API key's own, or the one that all callers of the owner share.",
        parameters=[serializers.UsageQuerySerializer, *_BUDGET],
        responses=_answers(200, serializers.UsageReportSerializer),
    )
)(views.UsageView)
extend_schema_view(
    get=extend_schema(
        operation_id="models",
        tags=["models"],
        summary="List the models usable here",
        responses=_answers(200, serializers.ModelListSerializer),
    )
)(views.ModelsView)
extend_schema_view(
    post=extend_schema(
        operation_id="listModels",
        tags=["models"],
        summary="List the models usable here (POST)",
        request=None,
        responses=_answers(200, serializers.ModelListSerializer),
    )
)(views.ModelsListView)


def no_other_fields(result: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401  # spectacular's hook
    """Says of request bodies what StrictSerializer does: fields that are not named are refused.

    A PATCH of a session is no partial update of many fields, so its one field is required.
    """
    schemas = result["components"]["schemas"]
    for name in ("ChatRequest", "PatchedTitleRequest"):
        schemas[name]["additionalProperties"] = False
    schemas["PatchedTitleRequest"]["required"] = ["title"]
    return result
