"""Members of staff, one of each role, signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.staff import signed_in

SignIn = Callable[[str], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:  # the database of accounts
    return signed_in
