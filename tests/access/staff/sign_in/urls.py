"""The project's paths where STAFF_OIDC_ISSUER is set: the URLconf of a test run was made without."""

from django.urls import include, path

from chatbot_project.urls import handler400, handler403, handler404, handler500
from chatbot_project.urls import urlpatterns as of_the_project

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("admin/", include("access.staff.sign_in.urls")), *of_the_project]
