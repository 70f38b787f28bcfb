"""Members of staff, one of each role, signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.staff import signed_in

SignIn = Callable[[str], Client]
KEYS = "/admin/access/apikey/"
FORM = {"owner": "alice", "name": "Web shop", "scopes": ["chat", "models"]}


@pytest.fixture
def sign_in(db: None) -> SignIn:  # the database of accounts
    return signed_in


@pytest.fixture
def operator(tables: None, sign_in: SignIn) -> Client:
    """A browser of an operator, and no keys yet."""
    return sign_in("Operator")
