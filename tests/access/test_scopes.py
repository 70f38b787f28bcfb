"""Scopes by name."""

import pytest

from access.callers import ANONYMOUS, Caller
from access.scopes import ALL_SCOPES, Scope, parse_scopes


def test_names_become_scopes() -> None:
    assert parse_scopes(["chat", "history:read", "chat"]) == {Scope.CHAT, Scope.HISTORY_READ}
    assert parse_scopes(["chat", "history:read", "history:delete", "models"]) == ALL_SCOPES


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["chat", "admin"], "no such scope: 'admin'; there are chat, history:read, history:delete, models"),
        (["Chat", ""], "no such scope: 'Chat', ''; there are chat, history:read, history:delete, models"),
        ([], "no scope is named; there are chat, history:read, history:delete, models"),
    ],
)
def test_other_names_are_said(names: list[str], said: str) -> None:
    with pytest.raises(ValueError, match="scope") as refused:
        parse_scopes(names)
    assert str(refused.value) == said


def test_the_anonymous_caller_may_do_everything() -> None:
    assert Caller(owner="anonymous", scopes=ALL_SCOPES) == ANONYMOUS
