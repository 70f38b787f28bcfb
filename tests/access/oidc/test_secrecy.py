"""Nothing of a token reaches a log or the text of an exception."""

import json
import logging
import traceback

import pytest

from access.errors import AccessError
from access.oidc import caller_of
from tests.access.local_issuer import LocalIssuer, rsa_key

SECRET = "a-word-that-only-the-token-holds"


def tokens(issuer: LocalIssuer) -> list[str]:
    """Tokens that are refused one after the other, further and further in."""
    odd = "secret" + SECRET
    return [
        SECRET * 1_000,
        SECRET,
        f"{SECRET}.{SECRET}.{SECRET}",
        issuer.token(kid=odd, key=rsa_key("stranger")),
        issuer.token(headers={"crit": [SECRET], SECRET: 1}),
        issuer.token(headers={"typ": SECRET}),
        issuer.token({"sub": SECRET}, key=rsa_key("stranger")),
        issuer.token({"sub": SECRET, "exp": 1}),
        issuer.token({"sub": SECRET, "iss": SECRET}),
        issuer.token({"sub": SECRET, "aud": SECRET}),
        issuer.token({"sub": SECRET, "token_use": SECRET}),
        issuer.token({"sub": SECRET + " with a space"}),
        issuer.token({"sub": SECRET, "exp": SECRET}),
    ]


@pytest.mark.parametrize("down", [False, True])
def test_refusals_say_nothing_of_the_token(issuer: LocalIssuer, caplog: pytest.LogCaptureFixture, down: bool) -> None:
    caplog.set_level(logging.DEBUG)
    issuer.down = down

    for token in tokens(issuer):
        with pytest.raises(AccessError) as refused:
            caller_of(token)
        told = (
            "".join(traceback.format_exception(refused.value)) + repr(refused.value) + json.dumps(vars(refused.value))
        )
        assert SECRET not in told
        assert not [part for part in token.split(".") if part in told]
    assert SECRET not in caplog.text
    assert not [part for token in tokens(issuer) for part in token.split(".") if part in caplog.text]


def test_a_good_token_leaves_no_trace(issuer: LocalIssuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    caller_of(issuer.token({"sub": SECRET}))

    assert SECRET not in caplog.text
