"""From the claims of a verified token to its caller: who it is, and what their groups allow."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from access.callers import ANONYMOUS_OWNER, Caller
from access.errors import InvalidCredentials
from access.scopes import ALL_SCOPES, Scope, parse_scopes

# OpenID Connect Core 2: at most 255 ASCII characters. Visible ones, for an owner stands in logs and in the admin.
_SUBJECT = re.compile(r"[!-~]{1,255}")


def caller_from(claims: Mapping[str, Any]) -> Caller:
    """The caller whom `sub` names, with the scopes of the groups. Raises InvalidCredentials."""
    subject = subject_of(claims)
    if subject == ANONYMOUS_OWNER:
        raise InvalidCredentials(f"the token's sub is {ANONYMOUS_OWNER}, which is nobody's")
    return Caller(owner=subject, scopes=_scopes(claims))


def subject_of(claims: Mapping[str, Any]) -> str:
    """Whom the issuer means, by a name that it never gives to anybody else. Raises InvalidCredentials."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise InvalidCredentials("the token's sub is not a text of 1 to 255 visible ASCII characters")
    return subject


def group_scopes() -> dict[str, frozenset[Scope]]:
    """OIDC_GROUP_SCOPES, read. Raises ValueError, which says what is wrong, for one that names no scope."""
    return {group: parse_scopes(names.split("+")) for group, names in settings.OIDC_GROUP_SCOPES.items()}


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope]:
    """Every scope where groups mean nothing; otherwise only what they give, which may be none."""
    allowed = group_scopes()
    if not allowed:
        return ALL_SCOPES
    given = (allowed.get(group, frozenset()) for group in group_names(claims.get(settings.OIDC_GROUPS_CLAIM)))
    return frozenset[Scope]().union(*given)


def group_names(claim: object) -> list[str]:
    """The groups of a claim: a list, or names with spaces between them, as OAuth's `scope` has them.

    Raises InvalidCredentials for anything else.
    """
    match claim:
        case None:
            return []
        case str():
            return claim.split()
        case list() if all(isinstance(group, str) for group in claim):
            return claim
    raise InvalidCredentials("the token's groups are neither a list of texts nor a text")
