"""The OpenAPI document and the pages that show it. `chatbot_project.urls` has this imported when one is asked for."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(url_name="openapi", template_name="chatbot_project/swagger_ui.html"),
        name="docs",
    ),
    path(
        "redoc",
        SpectacularRedocView.as_view(url_name="openapi", template_name="chatbot_project/redoc.html"),
        name="redoc",
    ),
]
