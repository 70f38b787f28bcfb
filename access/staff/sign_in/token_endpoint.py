"""From the code that a browser brings back to an ID token: RFC 6749 4.1.3 and 5, from server to server."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import urllib3
from django.conf import settings

from access.errors import InvalidCredentials, IssuerUnavailable
from access.staff.sign_in.issuer import endpoints
from access.tokens.fetching import post_form

# RFC 6749 5.2; a name outside it is not ours to log.
_REFUSALS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant"),
        *("unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    }
)


def redeem(fields: Mapping[str, str]) -> dict[str, Any]:
    """What the issuer gives for a code; the fields of `fields` are the form's, with client_id and client_secret.

    Raises InvalidCredentials for a code that the issuer does not accept, and IssuerUnavailable.
    """
    found = endpoints()
    headers = {"Accept": "application/json"}
    form = dict(fields)
    if not found.secret_in_form:
        pair = (settings.STAFF_OIDC_CLIENT_ID, form.pop("client_secret"))
        headers |= urllib3.make_headers(basic_auth=":".join(quote(part, safe="") for part in pair))
    status, body = post_form(found.token, form, headers)
    answer = _object(body)
    if status in {400, 401}:
        named = answer.get("error")
        reason = named if isinstance(named, str) and named in _REFUSALS else f"status {status}"
        raise InvalidCredentials(f"the issuer did not redeem the code: {reason}")
    if status != 200:  # noqa: PLR2004  # OK; a redirection is no answer either
        raise IssuerUnavailable(f"the token endpoint answered with status {status}")
    return answer


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {}
