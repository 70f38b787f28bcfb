"""Every path of the project."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from chatbot_project import service

urlpatterns = [
    path("", service.RootView.as_view(), name="root"),
    path("health", service.HealthView.as_view(), name="health"),
    path("health/ready", service.ReadyView.as_view(), name="ready"),
    path("", include("conversations.api.urls")),
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
    *([path("admin/", include("access.staff.sign_in.urls"))] if settings.STAFF_OIDC_ISSUER else []),
    path("admin/", admin.site.urls),
]

handler400 = "conversations.api.problems.bad_request"
handler403 = "conversations.api.problems.permission_denied"
handler404 = "conversations.api.problems.not_found"
handler500 = "conversations.api.problems.server_error"
