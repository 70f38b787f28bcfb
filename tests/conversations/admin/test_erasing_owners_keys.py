"""API keys of an owner whose data is erased: counted, and revoked with it where staff want it so."""

import datetime as dt
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.fixtures import Settings

from access.api_key import ApiKey
from access.keys.find_keys import find_key
from access.keys.revoke_key import revoke_key
from access.store.tables import ApiKeyRow
from conversations.admin import owner_keys
from conversations.admin.audit import message_of
from tests.access.keys.making import issue
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import NOW, sessions
from tests.faulty_dynamodb import FaultyDynamoDB

ADDRESS = "/admin/conversations/session/erase-owner/?owner=carol"
KEYS = "/admin/access/apikey/?q=carol"


@pytest.fixture
def key_ids(tables: None) -> list[str]:
    """Two keys of Carol's that can be used, newest first; others are over, or another's."""
    sessions(2, owner="carol")
    revoke_key(issue(owner="carol").key.key_id)
    issue(owner="carol", expires_at=NOW - dt.timedelta(hours=1), clock=lambda: NOW - dt.timedelta(hours=2))
    issue(owner="bob")
    return sorted((issue(owner="carol").key.key_id for _ in range(2)), reverse=True)


def facts(client: Client, form: dict[str, str] | None = None) -> dict[str, str]:
    """What the asking page, or with a form the receipt, says."""
    answer = client.post(ADDRESS, form) if form else client.get(ADDRESS)
    assert answer.status_code == 200, answer.content.decode()
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", answer.content.decode())
    return {name: value for name, value in found if "API keys" in name}


def usable(key_ids: list[str]) -> list[str]:
    return [key_id for key_id in key_ids if find_key(key_id).revoked_at is None]


def trail() -> list[tuple[str, str, str]]:
    """Actions on record with subject and reason, oldest first."""
    entries = LogEntry.objects.order_by("pk")
    return [(message_of(each)["action"], each.object_id or "", message_of(each)["reason"]) for each in entries]


def test_keys_stay_unless_asked_for_and_page_and_receipt_count_them(key_ids: list[str], sign_in: SignIn) -> None:
    client = sign_in("Operator")
    link = f' (<a href="{KEYS}">all keys<span class="visually-hidden"> of this owner</span></a>)'
    assert facts(client) == {"API keys that can be used": f"2{link}"}
    assert 'name="revoke_keys" class="checked' not in client.get(ADDRESS).content.decode()
    assert facts(client, {"confirmed": "carol"}) == {
        "API keys revoked": "0",
        "API keys that can still be used": f"2{link}",
    }
    assert (usable(key_ids), trail()) == (key_ids, [("erase", "carol", "")])
    message = message_of(LogEntry.objects.get())
    assert (message["revoke_keys"], message["keys_revoked"], message["keys_usable"]) == (False, [], 2)


def test_keys_are_revoked_in_the_same_deed_and_on_record(key_ids: list[str], sign_in: SignIn) -> None:
    client = sign_in("Operator")
    told = facts(client, {"confirmed": "carol", "reason": "Ticket 7", "revoke_keys": "on"})
    assert told["API keys revoked"] == "2"
    assert told["API keys that can still be used"].startswith("0 (")
    assert usable(key_ids) == []
    assert trail() == [("erase", "carol", "Ticket 7"), *(("revoke_key", each, "Ticket 7") for each in key_ids)]
    message = message_of(LogEntry.objects.get(object_id="carol"))
    assert (message["revoke_keys"], message["keys_revoked"], message["keys_usable"]) == (True, key_ids, 0)


def test_who_may_not_manage_keys_is_not_offered_it_and_cannot_do_it(key_ids: list[str], sign_in: SignIn) -> None:
    client = sign_in("Nobody")
    user = User.objects.get()
    user.user_permissions.add(*Permission.objects.filter(codename__in=["erase_owner", "manage_apikey"]))
    assert facts(client) == {"API keys that can be used": "2"}
    assert "revoke_keys" not in client.get(ADDRESS).content.decode()
    assert client.post(ADDRESS, {"confirmed": "carol", "revoke_keys": "on"}).status_code == 403
    assert (usable(key_ids), trail()) == (key_ids, [])


def test_revoking_asks_for_a_reason_where_it_needs_one(key_ids: list[str], sign_in: SignIn, settings: Settings) -> None:
    settings.STAFF_REASON_REQUIRED = ["revoke_key"]
    client = sign_in("Operator")
    answer = client.post(ADDRESS, {"confirmed": "carol", "revoke_keys": "on"})
    assert (answer.status_code, "Revoking keys needs a reason." in answer.content.decode()) == (400, True)
    assert (usable(key_ids), trail()) == (key_ids, [])


def test_a_key_that_could_not_be_revoked_is_told(key_ids: list[str], dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Operator")
    dynamodb.fault("server_error", "UpdateItem", times=None)
    html = client.post(ADDRESS, {"confirmed": "carol", "revoke_keys": "on"}).content.decode()
    assert "Whoever has one of these keys can go on as this owner, and begin sessions anew." in html
    dynamodb.recover()
    assert usable(key_ids) == key_ids
    erasing, revoking = (message_of(entry) for entry in LogEntry.objects.order_by("pk"))
    assert (erasing["keys_revoked"], erasing["keys_usable"]) == ([], 2)
    assert (revoking["action"], revoking["outcome"], revoking["why"]) == (
        "revoke_key",
        "uncertain",
        "store_unavailable",
    )
    assert facts(client, {"confirmed": "carol", "revoke_keys": "on"})["API keys revoked"] == "2"


def test_a_key_that_is_gone_meanwhile_is_not_told_to_be_revoked(
    key_ids: list[str], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, other = key_ids

    def revoke_too_late(key_id: str) -> ApiKey:
        if key_id == gone:
            ApiKeyRow(find_key(gone).key_hash).delete()
        return revoke_key(key_id)

    monkeypatch.setattr(owner_keys, "revoke_key", revoke_too_late)
    told = facts(sign_in("Operator"), {"confirmed": "carol", "revoke_keys": "on"})
    assert told["API keys revoked"] == "1"
    assert told["API keys that can still be used"].startswith("0 (")
    message = message_of(LogEntry.objects.get(object_id="carol"))
    assert (message["keys_revoked"], message["keys_usable"]) == ([other], 0)
