"""Members of staff, and the pages there are for them."""

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver


def signed_in(role: str) -> Client:
    """A browser of a member of staff: of a group, `Nobody` (staff without a group) or `Superuser`."""
    user = User.objects.create_user(role.lower(), is_staff=True, is_superuser=role == "Superuser")
    user.groups.set(Group.objects.filter(name=role))
    client = Client(headers={"user-agent": "test"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def admin_resolver() -> URLResolver:
    """Of the admin's routes."""
    return next(
        each
        for each in get_resolver("access.staff.urls").url_patterns
        if isinstance(each, URLResolver) and each.app_name == "admin"
    )
