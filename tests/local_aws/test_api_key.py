"""The key that `make run` makes of its own."""

from pathlib import Path

import httpx
import pytest

from access.callers import Caller
from access.keys import caller_of
from access.keys.find_keys import list_keys
from access.keys.revoke_key import revoke_key
from access.scopes import ALL_SCOPES
from conversations.store import tables_state
from dynamodb_client.errors import StoreUnavailable
from local_aws.api_key import ensure_api_key
from local_aws.state import State
from tests.faulty_dynamodb import FaultyDynamoDB


def test_is_made_once_kept_for_the_owner_alone_and_good(tables: None, tmp_path: Path) -> None:
    secret = ensure_api_key(State(tmp_path))

    assert ensure_api_key(State(tmp_path)) == secret
    assert (tmp_path / "api_key").read_text() == secret
    assert (tmp_path / "api_key").stat().st_mode & 0o777 == 0o600
    (key,) = list_keys().keys
    assert caller_of(secret, before_look_up=lambda: None) == Caller(
        owner="local", scopes=ALL_SCOPES, credential_id=key.key_id
    )


def test_is_made_anew_when_it_was_revoked(tables: None, tmp_path: Path) -> None:
    old = State(tmp_path)
    old.keep_api_key("cb_" + "x" * 43)
    secret = ensure_api_key(State(tmp_path))
    assert secret != "cb_" + "x" * 43

    (key,) = list_keys().keys
    revoke_key(key.key_id)
    State(tmp_path).keep_api_key("damaged")
    assert ensure_api_key(State(tmp_path)) not in {secret, "damaged"}


def test_is_made_anew_when_the_tables_are(ministack: str, tables: None, tmp_path: Path) -> None:
    secret = "cb_" + "A" * 43
    State(tmp_path).keep_api_key(secret)
    httpx.post(f"{ministack}/_ministack/reset").raise_for_status()
    tables_state.create()

    assert ensure_api_key(State(tmp_path)) != secret
    assert len(list_keys(owner="local").keys) == 1


def test_a_key_that_may_be_good_is_not_thrown_away(dynamodb: FaultyDynamoDB, tmp_path: Path) -> None:
    State(tmp_path).keep_api_key("cb_" + "B" * 43)
    dynamodb.fault("server_error", "GetItem", times=None)

    with pytest.raises(StoreUnavailable):
        ensure_api_key(State(tmp_path))
    assert State(tmp_path).api_key() == "cb_" + "B" * 43
