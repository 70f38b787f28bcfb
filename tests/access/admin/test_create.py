"""Making a key: it works, its secret is shown once, and a form that is wrong or sent again makes none."""

import datetime as dt
import logging
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from access.keys.caller import caller_of
from access.keys.find_keys import list_keys
from access.models import OneTimeForm
from access.scopes import Scope
from tests.access.keys.making import stored
from tests.faulty_dynamodb import FaultyDynamoDB

from .conftest import FORM, KEYS, SignIn
from .reading import errors, facts, new_token, page, secrets_in, token_of, trail

ADD = f"{KEYS}add/"
WHOLE = FORM | {
    "expires_at": "2126-01-02T03:04",
    "rate_limit": "5/second",
    "monthly_budget_usd": "12.50",
    "reason": "ticket 12",
}


def test_a_new_key_lets_its_owner_in_within_its_limits(operator: Client) -> None:
    answer = operator.post(ADD, WHOLE | {"form_token": new_token(operator)})

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    html = answer.content.decode()
    (secret,) = secrets_in(html)
    caller = caller_of(secret, before_look_up=lambda: None)
    (key,) = list_keys().keys
    assert (caller.owner, caller.scopes, caller.rate_limit, caller.monthly_budget_nano_usd, caller.credential_id) == (
        "alice",
        frozenset({Scope.CHAT, Scope.MODELS}),
        "5/second",
        12_500_000_000,
        key.key_id,
    )
    assert (key.name, key.expires_at) == ("Web shop", dt.datetime(2126, 1, 2, 3, 4, tzinfo=dt.UTC))
    assert facts(html)["Expires"] == "2126-01-02 03:04:00 UTC"


def test_what_is_left_empty_is_left_to_the_settings(operator: Client, settings: Settings) -> None:
    settings.RATE_LIMIT, settings.MONTHLY_BUDGET_USD = "60/minute", Decimal(100)
    html = page(operator, ADD)
    for part in ("Empty: the default (60/minute).", "Empty: the default (100.00 USD)."):
        assert part in html

    operator.post(ADD, FORM | {"form_token": token_of(html)})

    (key,) = list_keys().keys
    assert (key.expires_at, key.rate_limit, key.monthly_budget_nano_usd) == (None, None, None)


def test_the_secret_is_on_that_page_and_nowhere_else(operator: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = operator.post(ADD, WHOLE | {"form_token": new_token(operator)})
    (secret,) = secrets_in(answer.content.decode())
    (key,) = list_keys().keys

    later = [page(operator, address) for address in (KEYS, f"{KEYS}{key.key_id}/change/", "/admin/", ADD)]
    sessions = [str(session.get_decoded()) for session in Session.objects.all()]
    headers = str(dict(answer.items())) + str(answer.cookies)
    for text in (*later, *sessions, headers, str(trail()), str(stored()), caplog.text, answer.request["PATH_INFO"]):
        assert secret not in text


def test_the_audit_trail_says_who_made_what_for_whom_and_from_where(operator: Client) -> None:
    operator.post(ADD, WHOLE | {"form_token": new_token(operator)}, REMOTE_ADDR="192.0.2.9")

    (key,) = list_keys().keys
    assert trail() == [
        {
            "user": "operator",
            "key": key.key_id,
            "shown": key.key_id,
            "action": "create_key",
            "reason": "ticket 12",
            "address": "192.0.2.9",
            "owner": "alice",
            "name": "Web shop",
            "scopes": ["chat", "models"],
            "expires_at": "2126-01-02 03:04:00+00:00",
            "rate_limit": "5/second",
            "monthly_budget_usd": "12.50",
        }
    ]


def test_a_form_sent_again_makes_no_second_key(operator: Client) -> None:
    form = FORM | {"form_token": new_token(operator)}
    operator.post(ADD, form)

    again = operator.post(ADD, form)

    html = again.content.decode()
    assert (again.status_code, secrets_in(html), "This form was sent before" in html) == (409, [], True)
    assert (len(stored()), len(trail())) == (1, 1)


def test_forms_of_nobody_and_of_others_make_no_key(operator: Client, sign_in: SignIn) -> None:
    theirs = new_token(sign_in("Superuser"))
    for token in ({}, {"form_token": ""}, {"form_token": "x"}, {"form_token": "\0"}, {"form_token": theirs}):
        assert operator.post(ADD, FORM | token).status_code == 409
    assert (stored(), trail()) == ([], [])


def test_forms_that_nobody_sent_are_dropped(operator: Client, settings: Settings) -> None:
    new_token(operator)
    OneTimeForm.objects.update(shown_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    token = new_token(operator)
    assert [form.token for form in OneTimeForm.objects.all()] == [token]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("owner", "", "This field is required."),
        ("owner", "two words", "An owner is 1 to 255 visible ASCII characters, without spaces."),
        ("owner", "anonymous", "anonymous is the owner of callers without credentials."),
        ("name", " ", "A name is 1 to 100 printable characters, not only spaces."),
        ("scopes", [], "This field is required."),
        ("scopes", ["admin"], "Select a valid choice. admin is not one of the available choices."),
        ("expires_at", "2001-01-01T00:00", "The expiry must be in the future."),
        ("expires_at", "soon", "Enter a valid date/time."),
        ("rate_limit", "often", "'often' is no rate; write one as in 60/minute."),
        (
            "monthly_budget_usd",
            "-1",
            "A monthly budget is 0 to 1,000,000,000 US dollars, with nine digits behind the point at most.",
        ),
        ("monthly_budget_usd", "NaN", "Enter a number."),
    ],
)
def test_a_refusal_stands_at_its_field_and_the_form_can_be_sent_again(
    operator: Client, field: str, value: object, error: str
) -> None:
    token = new_token(operator)
    answer = operator.post(ADD, WHOLE | {"form_token": token, field: value})

    html = answer.content.decode()
    assert (answer.status_code, errors(html), token_of(html)) == (400, {field: [error]}, token)
    assert 'value="2126-01-02T03:04"' in html or field == "expires_at"
    assert (stored(), trail()) == ([], [])
    assert operator.post(ADD, WHOLE | {"form_token": token}).status_code == 200


def test_a_reason_is_asked_for_where_the_setting_says_so(operator: Client, settings: Settings) -> None:
    settings.STAFF_REASON_REQUIRED = ["create_key"]
    token = new_token(operator)
    answer = operator.post(ADD, FORM | {"form_token": token})
    assert (answer.status_code, errors(answer.content.decode())) == (400, {"reason": ["This field is required."]})
    assert operator.post(ADD, WHOLE | {"form_token": token}).status_code == 200


def test_text_is_kept_exactly_and_shown_harmless(operator: Client) -> None:
    name = ' <script>alert("x")</script> \u05d0'
    html = operator.post(ADD, FORM | {"name": name, "form_token": new_token(operator)}).content.decode()
    (key,) = list_keys().keys
    assert key.name == name
    assert "<script>alert" not in html + page(operator, KEYS)


def test_an_owner_in_the_address_is_filled_in(operator: Client) -> None:
    assert 'value="al&quot;ice"' in page(operator, f'{ADD}?owner=al"ice')


def test_with_dynamodb_away_says_that_it_may_have_been_made(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    operator = sign_in("Operator")
    token = new_token(operator)
    dynamodb.fault("reset", "PutItem", times=None)

    answer = operator.post(ADD, FORM | {"form_token": token})

    html = answer.content.decode()
    assert (answer.status_code, "may have been done all the same" in html, secrets_in(html)) == (503, True, [])
    assert [(entry["action"], entry["key"], entry["owner"], entry["outcome"], entry["why"]) for entry in trail()] == [
        ("create_key", "", "alice", "uncertain", "store_unavailable")
    ]
