"""Members of staff, one of each role, signed in."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

SignIn = Callable[[str], Client]
KEYS = "/admin/access/apikey/"
FORM = {"owner": "alice", "name": "Web shop", "scopes": ["chat", "models"]}


@pytest.fixture
def sign_in(db: None) -> SignIn:  # the database of accounts
    """A browser of a member of staff: of a group, `Nobody` (staff without a group) or `Superuser`."""

    def signed_in(role: str) -> Client:
        user = User.objects.create_user(role.lower(), is_staff=True, is_superuser=role == "Superuser")
        user.groups.set(Group.objects.filter(name=role))
        client = Client(headers={"user-agent": "test"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def operator(tables: None, sign_in: SignIn) -> Client:
    """A browser of an operator, and no keys yet."""
    return sign_in("Operator")
