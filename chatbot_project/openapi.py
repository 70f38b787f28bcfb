"""What makes the OpenAPI document. Importing this module describes every route.

It takes libraries that no chat needs, so nothing of the chat plane imports it: the settings name `Generator`.
"""

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework import serializers

import conversations.api.docs  # noqa: F401  # importing describes the chat plane
from chatbot_project.service import HealthView, ReadyView, RootView

_READY = inline_serializer(
    "Readiness",
    {"ready": serializers.BooleanField(), "checks": serializers.DictField(child=serializers.CharField())},
)

extend_schema_view(
    get=extend_schema(
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
)(RootView)
extend_schema_view(
    get=extend_schema(
        operation_id="health",
        tags=["service"],
        summary="Whether the process lives",
        responses=inline_serializer("Health", {"status": serializers.ChoiceField(choices=["ok"])}),
    )
)(HealthView)
extend_schema_view(
    get=extend_schema(
        operation_id="ready",
        tags=["service"],
        summary="Whether chats can be answered",
        description="Each dependency's state, `ok` or what is the matter; looked up at most every five seconds.",
        responses={200: _READY, 503: _READY},
    )
)(ReadyView)


class Generator(SchemaGenerator):
    """The library's own; being here, it brings the descriptions along wherever a document is made."""
