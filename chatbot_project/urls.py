"""Every path of the project."""

from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

from chatbot_project import service


def include_later(route: str, urlconf: str) -> URLResolver:
    """What `path(route, include(urlconf))` makes, but Django imports the module when a path first leads there.

    Chats need none of it, and should not wait for its import where a new process answers them.
    """
    return URLResolver(RoutePattern(route, is_endpoint=False), urlconf)


urlpatterns = [
    path("", service.RootView.as_view(), name="root"),
    path("health", service.HealthView.as_view(), name="health"),
    path("health/ready", service.ReadyView.as_view(), name="ready"),
    path("", include("conversations.api.urls")),
    include_later("admin/", "access.staff.urls"),
    include_later("", "chatbot_project.openapi_pages"),  # the last one: every path leads there
]

handler400 = "chatbot_project.problem_pages.bad_request"
handler403 = "chatbot_project.problem_pages.permission_denied"
handler404 = "chatbot_project.problem_pages.not_found"
handler500 = "chatbot_project.problem_pages.server_error"
