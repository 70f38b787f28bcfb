"""Every page of staff's. Imported when the first of them, or a link to one, is asked for: chats need none of it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

admin.autodiscover()

urlpatterns = [
    *([path("", include("access.staff.sign_in.urls"))] if settings.STAFF_OIDC_ISSUER else []),
    path("", admin.site.urls),
]
