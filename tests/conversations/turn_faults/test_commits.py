"""A turn's end whose outcome is not known: it is found out, and never done twice."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings

from conversations.domain import LEASE_MARGIN_SECONDS, Turn
from conversations.services import clock
from conversations.store import turn_end
from core.deadline import Deadline
from dynamodb_client.client import SharedConnection
from tests.conversations.hearing import ask
from tests.faulty_dynamodb import FaultyDynamoDB, Kind
from tests.scripted_bedrock import ScriptedBedrock

from .books import ANSWER, Books, Fate, assert_sent_once
from .cells import LOST, first_and_later, json_and_stream

Requests = Sequence[dict[str, Any]]


@json_and_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("kind", ["server_error", "hang", "conflict", *LOST])
def test_an_outage_that_ends_right_after_the_deadline_is_found_out_about(
    dynamodb: FaultyDynamoDB, books: Books, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    fail = turn_end.fail

    def fail_after_all(turn: Turn, *, error_code: str, partial: str, deadline: Deadline) -> None:
        dynamodb.recover()
        fail(turn, error_code=error_code, partial=partial, deadline=deadline)

    monkeypatch.setattr(turn_end, "fail", fail_after_all)
    dynamodb.fault(kind, "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of("TransactWriteItems")].count(kind) > 1
    fate: Fate = "answered" if kind in LOST else "failed"
    books.assert_kept(heard, fate, partial=ANSWER)
    books.assert_ends_well(heard, fate)


@json_and_stream
@first_and_later
@pytest.mark.parametrize("kind", LOST)
def test_a_commit_whose_token_was_forgotten_is_known_by_its_answer(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    tokens = forget_tokens(monkeypatch)
    dynamodb.fault(kind, "TransactWriteItems", times=3)
    heard = ask(books.api, books.question)
    assert len(set(tokens)) > 1
    books.assert_kept(heard, "answered")
    assert_sent_once(bedrock, books.earlier)
    books.assert_ends_well(heard, "answered")


@json_and_stream
@first_and_later
@pytest.mark.parametrize("kind", LOST)
def test_a_mark_whose_token_was_forgotten_is_not_made_twice(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    tokens = forget_tokens(monkeypatch)
    bedrock.fail("ModelErrorException")
    dynamodb.fault(kind, "TransactWriteItems", times=3)
    heard = ask(books.api, books.question)
    assert len(set(tokens)) > 1
    books.assert_kept(heard, "failed")
    books.assert_ends_well(heard, "failed")


def forget_tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """DynamoDB knows no token from an earlier call, as after ten minutes. Returns the tokens as they were sent."""
    tokens: list[str] = []
    write = SharedConnection.transact_write_items

    def write_anew(
        self: SharedConnection,
        checks: Requests,
        deletes: Requests,
        puts: Requests,
        updates: Requests,
        *,
        client_request_token: str,
    ) -> object:
        tokens.append(f"{client_request_token[:30]}-{len(tokens)}")
        return write(self, checks, deletes, puts, updates, client_request_token=tokens[-1])

    monkeypatch.setattr(SharedConnection, "transact_write_items", write_anew)
    return tokens


@json_and_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
def test_a_turn_nobody_runs_any_more_gives_way_when_its_lease_is_over(
    dynamodb: FaultyDynamoDB, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb.fault("reset", "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    dynamodb.recover()
    books.assert_kept(heard, "held")
    began = clock.now()
    monkeypatch.setattr(
        clock, "now", lambda: began + dt.timedelta(seconds=settings.CHAT_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)
    )
    books.failures += 1  # it is booked when the next turn comes upon it
    books.assert_ends_well(heard, "nowhere")
