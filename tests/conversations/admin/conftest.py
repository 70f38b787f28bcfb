"""Members of staff, one of each role, signed in."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

SignIn = Callable[[str], Client]
ROLES = ("Support", "Auditor", "Operator")


@pytest.fixture
def sign_in(db: None) -> SignIn:  # the database of accounts
    """A browser of a member of staff: of a group, `Nobody` (staff without a group) or `Superuser`."""

    def signed_in(role: str) -> Client:
        user = User.objects.create_user(role.lower(), is_staff=True, is_superuser=role == "Superuser")
        if role in ROLES:
            user.groups.add(Group.objects.get(name=role))
        client = Client(headers={"user-agent": "test"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
