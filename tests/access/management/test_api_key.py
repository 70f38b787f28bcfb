"""`manage.py api_key`: the secret alone on standard output, everything else beside it."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from access.callers import Caller
from access.keys import caller_of
from access.keys.find_keys import find_key, list_keys
from access.scopes import Scope
from tests.faulty_dynamodb import FaultyDynamoDB


def run(*arguments: str) -> tuple[str, str]:
    """What it prints on standard output and beside it."""
    out, err = StringIO(), StringIO()
    call_command("api_key", *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    return str(refused.value)


def test_makes_a_key_that_lets_its_owner_in(tables: None) -> None:
    out, err = run(
        *("create", "--owner", "alice", "--name", "web shop", "--scopes", "chat,models", "--expires-in-days", "30"),
        *("--rate-limit", "10/second", "--monthly-budget-usd", "12.50"),
    )

    (key,) = list_keys().keys
    assert re.fullmatch(r"cb_[\w-]{43}\n", out)
    assert err == f"Key {key.key_id} of alice. Keep the secret well: it is shown this once and stored nowhere.\n"
    assert caller_of(out.strip(), before_look_up=lambda: None) == Caller(
        owner="alice",
        scopes=frozenset({Scope.CHAT, Scope.MODELS}),
        rate_limit="10/second",
        monthly_budget_nano_usd=12_500_000_000,
        credential_id=key.key_id,
    )
    assert key.name == "web shop"
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).days in {29, 30}  # whole seconds are kept of it


def test_lists_keys_as_they_are(tables: None) -> None:
    run("create", "--owner", "alice", "--name", "first")
    run("create", "--owner", "bob", "--name", "second", "--scopes", "chat")
    (bobs,) = list_keys(owner="bob").keys
    run("revoke", bobs.key_id)

    out, err = run("list")
    heading, *rows = out.splitlines()
    assert heading.split("  ")[0] == "KEY ID"
    assert {tuple(re.split(r" {2,}", row))[1:5] for row in rows} == {
        ("active", "alice", "first", "chat,history:read,history:delete,models"),
        ("revoked", "bob", "second", "chat"),
    }
    assert err == ""
    assert [line.split()[2] for line in run("list", "--owner", "alice")[0].splitlines()[1:]] == ["alice"]


def test_lists_page_by_page(tables: None) -> None:
    for number in range(3):
        run("create", "--owner", "alice", "--name", str(number))

    out, err = run("list", "--limit", "2")
    cursor = out.splitlines()[-1].split()[0]
    assert (len(out.splitlines()), err) == (3, f"More follow: --cursor {cursor}\n")
    out, err = run("list", "--limit", "2", "--cursor", cursor)
    assert (len(out.splitlines()), err) == (2, "")


def test_rotates_and_revokes(tables: None) -> None:
    run("create", "--owner", "alice", "--name", "test")
    (old,) = list_keys().keys

    out, err = run("rotate", old.key_id, "--overlap-hours", "1")
    new = find_key(str(find_key(old.key_id).rotated_to))
    assert caller_of(out.strip(), before_look_up=lambda: None).credential_id == old.key_id
    assert err.startswith(f"Key {new.key_id} of alice takes the place of {old.key_id}. ")

    assert run("revoke", new.key_id) == (
        "",
        f"Key {new.key_id} of alice is revoked; within 30 seconds nobody gets in with it.\n",
    )
    assert find_key(new.key_id).revoked_at is not None


def test_what_cannot_be_is_one_sentence_and_changes_nothing(tables: None) -> None:
    create = ("create", "--owner", "alice", "--name", "test")
    assert refusal(*create, "--scopes", "admin").startswith("No such scope: 'admin'; there are chat,")
    assert refusal(*create, "--rate-limit", "often") == "'often' is no rate; write one as in 60/minute."
    assert refusal("create", "--owner", "anonymous", "--name", "test") == (
        "anonymous is the owner of callers without credentials."
    )
    for option, value in [
        ("--monthly-budget-usd", "much"),
        ("--expires-in-days", "0"),
        ("--expires-in-days", "36501"),
        ("--expires-in-days", "soon"),
    ]:
        assert option in refusal(*create, option, value)
    for action in ("revoke", "rotate"):
        assert refusal(action, "0" * 14) == f"There is no key {'0' * 14}."
    assert refusal("list", "--limit", "1000") == "A page holds 1 to 99 keys."
    for hours in ("-1", "2161", "999999999999", "a day"):
        assert "--overlap-hours" in refusal("rotate", "0" * 14, "--overlap-hours", hours)
    assert list_keys().keys == []


def test_an_outage_is_one_sentence(dynamodb: FaultyDynamoDB) -> None:
    dynamodb.fault("server_error", "Query", times=None)
    assert refusal("list") == "DynamoDB does not answer as it should: InternalServerError"
