"""GET and DELETE /history/{session_id}: pages of it, long ones, expired ones, erased ones."""

import datetime as dt

import httpx
import pytest
from pytest_django import Settings

from conversations.services import clock
from conversations.services.session_cache import cache
from conversations.store import erasing, sessions
from conversations.store.tables import SESSION_KEY, MessageRow, SessionRow
from dynamodb_client.encoding import stamp
from tests.conversations.api.asking import problem, said
from tests.scripted_bedrock import ScriptedBedrock

LONG = 10_000


def chat(api: httpx.Client, message: str, session_id: str = "s") -> None:
    assert api.post("/chat", json={"message": message, "session_id": session_id}).status_code == 200


def items_of(session_id: str) -> int:
    return int(MessageRow.table().query(session_id, select="COUNT")["Count"])


def pages(api: httpx.Client, *, most: int = LONG, **query: str | int) -> list[str]:
    """Every message of session s, page by page, or those of the first `most` pages."""
    found: list[str] = []
    cursor: str | None = None
    for _ in range(most):
        answer = api.get("/history/s", params={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200
        assert len(answer.json()["messages"]) <= int(query["limit"])
        found += [message["content"] for message in answer.json()["messages"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found
    assert most < LONG, "the pages have no end"
    return found


def test_pages_in_both_orders(api: httpx.Client) -> None:
    for number in range(3):
        chat(api, str(number))
    everything = ["0", "You said: 0", "1", "You said: 1", "2", "You said: 2"]
    for limit in (1, 2, 4, 6, 100):
        assert pages(api, limit=limit) == everything
        assert pages(api, limit=limit, order="desc") == everything[::-1]


def test_a_page_that_ends_with_the_history_says_so(api: httpx.Client) -> None:
    chat(api, "Hello")
    assert api.get("/history/s", params={"limit": 2}).json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "many"),
        ("limit", "1_0"),
        ("limit", ""),
        ("order", "sideways"),
        ("cursor", "nonsense"),
        ("cursor", "é"),
        ("cursor", "W10"),
        ("cursor", "WyIjc2Vzc2lvbiJd"),
    ],
)
def test_refuses_a_bad_query(api: httpx.Client, name: str, value: str) -> None:
    chat(api, "Hello")
    assert problem(api.get("/history/s", params={name: value})) == (400, "invalid_request")


def test_a_bad_session_id_is_named(api: httpx.Client) -> None:
    answer = api.get("/history/a%20b")
    assert problem(answer) == (400, "invalid_request")
    assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [("session_id", "invalid")]


def test_erasing_leaves_nothing_and_may_be_repeated(api: httpx.Client) -> None:
    chat(api, "Hello")
    chat(api, "Other", "other")
    for _ in range(2):
        answer = api.delete("/history/s")
        assert (answer.status_code, answer.content) == (204, b"")
    assert items_of("s") == 0
    assert problem(api.get("/history/s")) == (404, "session_not_found")
    assert [session["session_id"] for session in api.get("/sessions").json()["sessions"]] == ["other"]


def test_a_session_begun_again_knows_nothing_of_the_erased_one(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    chat(api, "Before")
    api.delete("/history/s")
    chat(api, "After")
    assert said(bedrock.requests[-1]) == [("user", "After")]
    assert len(api.get("/history/s").json()["messages"]) == 2


def test_an_interrupted_erasure_is_finished_by_the_next_chat(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    chat(api, "Before")
    erasing.mark("s", owner="anonymous", now=dt.datetime.now(dt.UTC))
    assert problem(api.get("/history/s")) == (404, "session_not_found")
    chat(api, "After")
    assert said(bedrock.requests[-1]) == [("user", "After")]
    assert [message["content"] for message in api.get("/history/s").json()["messages"]] == ["After", "You said: After"]


def test_what_expired_is_not_shown_although_it_is_still_there(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings
) -> None:
    settings.HISTORY_RETENTION_DAYS = 1
    chat(api, "Old")
    for item in MessageRow.table().query("s")["Items"]:
        row = {"SessionId": item["SessionId"]["S"], "Timestamp": item["Timestamp"]["S"]}
        MessageRow.table().update_item(
            row["SessionId"], row["Timestamp"], actions=[SessionRow.expires_at.set(1_000_000_000)]
        )
    assert items_of("s") == 3
    assert problem(api.get("/history/s")) == (404, "session_not_found")
    assert api.get("/sessions").json()["sessions"] == []
    chat(api, "New")
    assert said(bedrock.requests[-1]) == [("user", "New")]
    assert [message["content"] for message in api.get("/history/s").json()["messages"]] == ["New", "You said: New"]


def fill(count: int) -> list[str]:
    """Puts messages before the first of session s, which is there; returns what they say, in their order."""
    incarnation = stamp(sessions.get("s", owner="anonymous", now=dt.datetime.now(dt.UTC)).created_at)
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    contents = [f"message {number} " + "x" * 300 for number in range(count)]
    with MessageRow.batch_write() as batch:
        for number, content in enumerate(contents):
            batch.save(
                MessageRow(
                    "s",
                    stamp(begin + dt.timedelta(seconds=number)),
                    session_created_at=incarnation,
                    message_id=f"m{number}",
                    turn_id=f"t{number // 2}",
                    role="assistant" if number % 2 else "user",
                    content=content,
                    created_at=stamp(begin),
                    model_id="us.amazon.nova-pro-v1:0",
                )
            )
    return contents


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_pages_of_a_long_history_hold_every_message_once(api: httpx.Client, order: str) -> None:
    chat(api, "last")
    everything = [*fill(1_000), "last", "You said: last"]
    assert pages(api, limit=100, order=order) == (everything if order == "asc" else everything[::-1])


def test_a_history_of_10000_messages_pages_chats_on_and_erases(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    chat(api, "last")
    everything = [*fill(LONG - 2), "last", "You said: last"]
    # Some at both ends: MiniStack takes a third of a second for any page of so many.
    assert pages(api, limit=100, most=3) == everything[:300]
    assert pages(api, limit=100, most=3, order="desc") == everything[:-301:-1]
    chat(api, "and now?")
    assert len(said(bedrock.requests[-1])) < 300
    assert api.delete("/history/s").status_code == 204
    assert items_of("s") == 0


def test_old_messages_of_a_living_session_expire(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    chat(api, "Old")
    for item in MessageRow.table().query("s", range_key_condition=MessageRow.timestamp >= "0")["Items"]:
        expire = [MessageRow.expires_at.set(1_000_000_000)]
        MessageRow.table().update_item("s", item["Timestamp"]["S"], actions=expire)
    cache._entries.clear()
    chat(api, "New")
    assert said(bedrock.requests[-1]) == [("user", "New")]
    assert pages(api, limit=10) == ["New", "You said: New"]
    cache._entries.clear()
    chat(api, "Newer")
    assert said(bedrock.requests[-1]) == [("user", "New"), ("assistant", "You said: New"), ("user", "Newer")]


def test_what_a_process_holds_is_sent_no_longer_than_it_is_kept(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HISTORY_RETENTION_DAYS = 1
    began = clock.now()
    for hours, message in ((0, "Old"), (20, "Newer"), (30, "Newest")):
        monkeypatch.setattr(clock, "now", lambda hours=hours: began + dt.timedelta(hours=hours))
        chat(api, message)
    assert said(bedrock.requests[-1]) == [("user", "Newer"), ("assistant", "You said: Newer"), ("user", "Newest")]


@pytest.mark.parametrize("held", [True, False])
def test_messages_that_outlived_their_session_are_nobodys(
    api: httpx.Client, bedrock: ScriptedBedrock, held: bool
) -> None:
    """Whose head TTL took first, since it was given an end when they had none."""
    chat(api, "Somebody else's")
    SessionRow.table().delete_item("s", SESSION_KEY)
    chat(api, "Mine")
    assert said(bedrock.requests[-1]) == [("user", "Mine")]
    if not held:
        cache._entries.clear()
    chat(api, "Again")
    assert said(bedrock.requests[-1]) == [("user", "Mine"), ("assistant", "You said: Mine"), ("user", "Again")]
    assert pages(api, limit=2) == ["Mine", "You said: Mine", "Again", "You said: Again"]
