"""Making a key: what is stored of it, and what it cannot be."""

import datetime as dt
import hashlib
import json
import re
import time
from decimal import Decimal

import pytest

from access.keys.errors import InvalidField
from access.keys.find_keys import find_key
from access.keys.secret import new_key_id, new_secret

from .making import DAY, NOON, Fields, at, issue, stored


def test_stores_everything_but_the_secret(tables: None) -> None:
    issued = issue(
        owner="alice@example.com",
        name="web shop, production",
        scopes=["models", "chat"],
        expires_at=NOON + DAY,
        rate_limit="10/second",
        monthly_budget_usd=Decimal("12.50"),
        clock=at(NOON),
    )

    (item,) = stored()
    assert item | {"Scopes": sorted(item["Scopes"]["SS"])} == {
        "KeyHash": {"S": hashlib.sha256(issued.secret.encode()).hexdigest()},
        "KeyId": {"S": issued.key.key_id},
        "Listing": {"S": "key"},
        "Owner": {"S": "alice@example.com"},
        "Name": {"S": "web shop, production"},
        "Scopes": ["chat", "models"],
        "CreatedAt": {"S": "2026-11-23T12:00:00.000000Z"},
        "ExpiresAt": {"N": str(int((NOON + DAY).timestamp()))},
        "RateLimit": {"S": "10/second"},
        "MonthlyBudgetNanoUsd": {"N": "12500000000"},
    }
    assert issued.secret not in json.dumps(stored())
    assert issued.secret not in repr(issued)
    assert find_key(issued.key.key_id) == issued.key


def test_a_key_without_limits_has_none(tables: None) -> None:
    issued = issue(clock=at(NOON))

    key = find_key(issued.key.key_id)
    assert key == issued.key
    assert (key.expires_at, key.rate_limit, key.monthly_budget_nano_usd, key.last_used_at) == (None,) * 4


def test_secrets_are_256_random_bits_and_never_the_same() -> None:
    made = {new_secret() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(r"cb_[A-Za-z0-9_-]{43}", secret) for secret in made)


def test_public_ids_sort_by_age(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [0, 31, 32, 1_795_000_000, 1_795_000_001, 32**7 - 1]
    made = []
    for seconds in moments:
        monkeypatch.setattr(time, "time", lambda seconds=seconds: seconds + 0.9)
        made.append(new_key_id())

    assert made == sorted(made)
    assert {len(key_id) for key_id in made} == {14}
    assert len({new_key_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "fields",
    [
        {"owner": "a"},
        {"owner": "!" * 255},
        {"name": "שלום, 日本"},
        {"name": "n" * 100},
        {"expires_at": NOON + dt.timedelta(seconds=1)},
        {"rate_limit": "1/day"},
        {"monthly_budget_usd": Decimal(0)},
        {"monthly_budget_usd": Decimal("0.000000001")},
        {"monthly_budget_usd": Decimal(1_000_000_000)},
    ],
)
def test_takes_what_is_just_allowed(tables: None, fields: Fields) -> None:
    wanted: Fields = {**fields, "clock": at(NOON)}
    issued = issue(**wanted)

    assert find_key(issued.key.key_id) == issued.key


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"owner": ""}, "An owner is 1 to 255 visible ASCII characters, without spaces."),
        ({"owner": "x" * 256}, "An owner is 1 to 255 visible ASCII characters, without spaces."),
        ({"owner": "al ice"}, "An owner is 1 to 255 visible ASCII characters, without spaces."),
        ({"owner": "alice\n"}, "An owner is 1 to 255 visible ASCII characters, without spaces."),
        ({"owner": "anonymous"}, "anonymous is the owner of callers without credentials."),
        ({"name": " "}, "A name is 1 to 100 printable characters, not only spaces."),
        ({"name": "n" * 101}, "A name is 1 to 100 printable characters, not only spaces."),
        ({"name": "a\x1b[2Jb"}, "A name is 1 to 100 printable characters, not only spaces."),
        ({"scopes": []}, "No scope is named; there are chat, history:read, history:delete, models."),
        ({"scopes": ["admin"]}, "No such scope: 'admin'; there are chat, history:read, history:delete, models."),
        ({"expires_at": NOON}, "The expiry must be in the future."),
        ({"expires_at": dt.datetime(2030, 1, 1)}, "The expiry needs a time zone."),  # noqa: DTZ001  # that is the point
        ({"rate_limit": "often"}, "'often' is no rate; write one as in 60/minute."),
        ({"rate_limit": "0/minute"}, None),
        ({"rate_limit": "1/second" + " " * 50}, "A rate has at most 50 characters, as in 60/minute."),
        ({"monthly_budget_usd": Decimal(-1)}, None),
        ({"monthly_budget_usd": Decimal("NaN")}, None),
        ({"monthly_budget_usd": Decimal("Infinity")}, None),
        ({"monthly_budget_usd": Decimal("1e10")}, None),
        (
            {"monthly_budget_usd": Decimal("0.0000000001")},
            "A monthly budget is 0 to 1,000,000,000 US dollars, with nine digits behind the point at most.",
        ),
    ],
)
def test_refuses_what_a_key_cannot_be_and_stores_nothing(tables: None, fields: Fields, said: str | None) -> None:
    wanted: Fields = {**fields, "clock": at(NOON)}
    with pytest.raises(InvalidField) as refused:
        issue(**wanted)

    assert refused.value.field == next(iter(fields))
    assert said in {None, str(refused.value)}
    assert stored() == []
