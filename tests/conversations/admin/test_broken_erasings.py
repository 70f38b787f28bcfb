"""Sessions whose erasing broke off: in no list, but found with all of their owner's, and on the stuck turns' page."""

import datetime as dt
import re

import pytest

from conversations.models import UsageDay, UsageDaySession
from conversations.services.staff import broken_erasings, erase
from conversations.store import erasing
from conversations.store.tables import SESSION_KEY, SessionRow
from dynamodb_client.encoding import stamp
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import NOW, YESTERDAY, a_session, a_stuck_session, said, sessions
from tests.faulty_dynamodb import FaultyDynamoDB

PAGE = "/admin/conversations/stuckturn/"
SESSIONS = "/admin/conversations/session/"


def a_broken_erasing(session_id: str, *, at: dt.datetime = YESTERDAY, owner: str = "carol") -> str:
    """A session whose erasing broke off when it was marked; returns its id."""
    a_session(session_id, owner=owner)
    said(session_id, "Hello", "Hi")
    erasing.mark(session_id, owner=owner, now=at)
    return session_id


def items(session_id: str) -> list[str]:
    """The sort keys of everything in a session's partition."""
    return [row.timestamp for row in SessionRow.query(session_id)]


def test_everything_of_an_owner_is_erased_with_those_and_counted(tables: None, db: None) -> None:
    ids = [*sessions(3, owner="carol"), a_broken_erasing("broken"), a_broken_erasing("now", at=NOW)]
    a_broken_erasing("theirs", owner="dora")
    receipt = erase.erase_owner("carol")
    assert (sorted(receipt.session_ids), receipt.unfinished, receipt.is_complete) == (sorted(ids), (), True)
    assert [session_id for session_id in ids if items(session_id)] == []
    assert len(items("theirs")) == 3


def test_a_second_break_loses_none_of_them(dynamodb: FaultyDynamoDB, db: None) -> None:
    ids = ["one", "two", "three"]
    for session_id in ids:
        a_session(session_id, owner="carol")
        said(session_id, "Hello", "Hi")
    removed: list[str] = []
    for _ in range(3):
        dynamodb.fault("server_error", "DeleteItem", times=None, skip=1)
        receipt = erase.erase_owner("carol")
        removed += receipt.session_ids
        dynamodb.recover()
    assert sorted(removed) == sorted(ids)
    assert (receipt.session_ids, receipt.is_complete) == ((removed[-1],), True)


@pytest.mark.parametrize("operation", ["Query", "BatchWriteItem", "DeleteItem"])
def test_is_found_wherever_it_broke_off(dynamodb: FaultyDynamoDB, sign_in: SignIn, operation: str) -> None:
    a_session("one", owner="carol")
    said("one", "Hello", "Hi")
    client = sign_in("Operator")
    dynamodb.fault("server_error", operation, times=None)  # type: ignore[arg-type]  # one of its operations
    assert "Not everything is erased yet" in client.post(f"{SESSIONS}one/erase/").content.decode()
    dynamodb.recover()
    answer = client.post(f"{SESSIONS}erase-owner/?owner=carol", {"confirmed": "carol"}).content.decode()
    assert ("<li>one</li>" in answer, "Not everything" in answer, items("one")) == (True, False, [])


def test_the_page_that_asks_counts_what_there_is_to_erase(tables: None, sign_in: SignIn) -> None:
    sessions(2, owner="carol")
    a_broken_erasing("broken")
    a_session("expired", owner="carol", expires_at=int((NOW - dt.timedelta(days=1)).timestamp()))
    html = sign_in("Operator").get(f"{SESSIONS}erase-owner/?owner=carol").content.decode()
    assert "<dt>Sessions</dt><dd>4</dd>" in html


def test_they_are_listed_longest_first_with_a_way_to_go_on(tables: None, sign_in: SignIn) -> None:
    a_broken_erasing("newer")
    a_broken_erasing("older", at=YESTERDAY - dt.timedelta(days=40))
    a_broken_erasing("under-way", at=dt.datetime.now(dt.UTC))
    a_stuck_session("stuck")
    client = sign_in("Operator")
    html = client.get(PAGE).content.decode()
    rest = re.findall(r'href="([^"]*/erase/)"', html)
    assert rest == [f"{SESSIONS}older/erase/", f"{SESSIONS}newer/erase/"]
    assert re.findall(r"session/([^/]+)/cancel/", html) == ["stuck"]
    assert "Title of" not in html.partition("Erasing that broke off")[2]
    assert client.post(rest[0]).status_code == 200
    assert (items("older"), len(items("newer"))) == ([], 3)
    assert re.findall(r'href="([^"]*/erase/)"', client.get(PAGE).content.decode()) == rest[1:]


def test_without_the_permission_there_is_no_way_to_go_on(tables: None, sign_in: SignIn) -> None:
    a_broken_erasing("broken")
    html = sign_in("Support").get(PAGE).content.decode()
    assert ("broken" in html, "/erase/" in html) == (True, False)


def test_says_when_there_are_more_than_were_looked_at(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broken_erasings, "MOST", 5)
    for number in range(5):
        a_broken_erasing(f"s{number}")
    found = broken_erasings.find_broken_erasings()
    assert (len(found.rows), found.is_all) == (5, True)
    a_broken_erasing("one-more")
    found = broken_erasings.find_broken_erasings()
    assert (len(found.rows), found.is_all) == (5, False)


@pytest.mark.parametrize("count", [1, 90])
def test_takes_as_many_calls_for_many_as_for_few(dynamodb: FaultyDynamoDB, sign_in: SignIn, count: int) -> None:
    for number in range(count):
        session_id = a_session(f"s{number}")
        erasing.mark(session_id, owner="alice", now=YESTERDAY)
    client = sign_in("Operator")
    dynamodb.requests.clear()
    assert len(re.findall(r"/erase/", client.get(PAGE).content.decode())) == count
    assert calls_made(dynamodb) == ["Query"] * 16 * 3 + ["Query"] * 16 + ["BatchGetItem"]


def test_what_closed_days_kept_of_erased_sessions_goes_at_once(tables: None, sign_in: SignIn) -> None:
    for day in (YESTERDAY.date() - dt.timedelta(days=back) for back in (3, 4)):
        copy = UsageDay.objects.create(day=day, copied_at=NOW, left_out_nano_usd=0)
        for session_id in ("one", "two", "theirs"):
            UsageDaySession.objects.create(day=copy, session_id=session_id, cost_nano_usd=5)
    for session_id in ("one", "two"):
        a_session(session_id, owner="carol")
    a_session("theirs", owner="dora")
    client = sign_in("Operator")
    assert "<dd>2 entries</dd>" in client.post(f"{SESSIONS}one/erase/").content.decode()
    assert set(UsageDaySession.objects.values_list("session_id", flat=True)) == {"two", "theirs"}
    answer = client.post(f"{SESSIONS}erase-owner/?owner=carol", {"confirmed": "carol"})
    assert "<dd>2 entries</dd>" in answer.content.decode()
    assert list(UsageDaySession.objects.values_list("session_id", flat=True)) == ["theirs"] * 2


def test_a_session_that_is_not_erased_to_its_end_stays_among_the_dearest(dynamodb: FaultyDynamoDB, db: None) -> None:
    a_session("one", owner="carol")
    copy = UsageDay.objects.create(day=YESTERDAY.date(), copied_at=NOW, left_out_nano_usd=0)
    UsageDaySession.objects.create(day=copy, session_id="one", cost_nano_usd=5)
    dynamodb.fault("server_error", "UpdateItem", times=None)
    receipt = erase.erase_owner("carol")
    assert (receipt.session_ids, receipt.unfinished, receipt.copies) == ((), ("one",), 0)
    dynamodb.recover()
    assert (SessionRow.get("one", SESSION_KEY).state, UsageDaySession.objects.count()) == ("idle", 1)


def test_a_marked_head_holds_nothing_that_was_said_and_keeps_its_place(tables: None) -> None:
    a_broken_erasing("one")
    head = SessionRow.get("one", SESSION_KEY).to_dynamodb_dict()
    assert {name: head[name]["S"] for name in ("Owner", "UpdatedAt", "State", "ErasingSince")} == {
        "Owner": "carol",
        "UpdatedAt": stamp(YESTERDAY),
        "State": "erasing",
        "ErasingSince": stamp(YESTERDAY),
    }
    assert head["ActivityDay"]["S"].startswith("erasing#")
    assert head.keys() & {"Title", "System", "PendingTurn"} == set()
