"""What the OpenAPI document says of the chat plane."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

import access.schema  # noqa: F401  # importing registers how credentials are described
from conversations.api import serializers
from conversations.api.problems import MEDIA_TYPE, PROBLEMS

_SESSION_ID = OpenApiParameter(
    "session_id",
    {"type": "string", "pattern": serializers.SESSION_ID_PATTERN},
    OpenApiParameter.PATH,
    description="The session's id.",
)
# Every route behind credentials can answer these.
_ALWAYS = ("invalid_request", "not_authenticated", "permission_denied", "internal_error")


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
_STORE = ("store_unavailable",)

chat = extend_schema_view(
    post=extend_schema(
        operation_id="chat",
        tags=["chat"],
        summary="Send a message and have it answered",
        description="Creates the session when it is not there, continues it when it is. The message and its answer are "
        "stored together; when no answer comes, the message stays in the session's history as `pending`.",
        request=serializers.ChatRequestSerializer,
        responses=_answers(
            200,
            serializers.ChatResponseSerializer,
            *_BODY,
            *_STORE,
            "unknown_model",
            "session_not_found",
            "turn_in_progress",
            "content_blocked",
            "model_throttled",
            "model_error",
            "model_access_denied",
            "model_unavailable",
            "deadline_exceeded",
        ),
        examples=[
            OpenApiExample("First message", value={"message": "Hello", "session_id": "abc123"}, request_only=True)
        ],
    )
)
history = extend_schema_view(
    get=extend_schema(
        operation_id="history",
        tags=["sessions"],
        summary="Read a session",
        description="A page holds `limit` messages at most, and fewer when they are large.",
        parameters=[_SESSION_ID, serializers.HistoryQuerySerializer],
        responses=_answers(200, serializers.HistorySerializer, "session_not_found", *_STORE),
    ),
    delete=extend_schema(
        operation_id="eraseHistory",
        tags=["sessions"],
        summary="Erase a session",
        description="Every item of it. 204 whether it was there or not.",
        parameters=[_SESSION_ID],
        responses=_answers(204, None, *_STORE),
    ),
)
sessions = extend_schema_view(
    get=extend_schema(
        operation_id="sessions",
        tags=["sessions"],
        summary="List the caller's sessions, latest activity first",
        parameters=[serializers.PageQuerySerializer],
        responses=_answers(200, serializers.SessionListSerializer, *_STORE),
    )
)
session = extend_schema_view(
    patch=extend_schema(
        operation_id="renameSession",
        tags=["sessions"],
        summary="Give a session a title",
        parameters=[_SESSION_ID],
        request=serializers.TitleRequestSerializer,
        responses=_answers(200, serializers.SessionSerializer, *_BODY, "session_not_found", *_STORE),
    )
)
models = extend_schema_view(
    get=extend_schema(
        operation_id="models",
        tags=["models"],
        summary="List the models usable here",
        responses=_answers(200, serializers.ModelListSerializer),
    )
)
models_list = extend_schema_view(
    post=extend_schema(
        operation_id="listModels",
        tags=["models"],
        summary="List the models usable here (POST)",
        request=None,
        responses=_answers(200, serializers.ModelListSerializer),
    )
)


def no_other_fields(result: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401  # spectacular's hook
    """Says of request bodies what StrictSerializer does: fields that are not named are refused.

    A PATCH of a session is no partial update of many fields, so its one field is required.
    """
    schemas = result["components"]["schemas"]
    for name in ("ChatRequest", "PatchedTitleRequest"):
        schemas[name]["additionalProperties"] = False
    schemas["PatchedTitleRequest"]["required"] = ["title"]
    return result
