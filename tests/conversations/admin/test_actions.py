"""What staff do with sessions: each asks first, acts by POST, and is on record."""

import datetime as dt
import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from pytest_django.fixtures import Settings

from conversations.admin import audit
from conversations.services.staff import erase
from conversations.store.tables import SESSION_KEY, SessionRow, UsageRow
from dynamodb_client.encoding import stamp
from dynamodb_client.errors import StoreUnavailable
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import (
    MODEL,
    NOW,
    YESTERDAY,
    a_session,
    a_stuck_session,
    pending,
    said,
    sessions,
)
from tests.faulty_dynamodb import FaultyDynamoDB
from tests.faulty_dynamodb.script import Kind, Operation

SESSIONS = "/admin/conversations/session/"
READS: tuple[Operation, ...] = ("GetItem", "Query")


def items(session_id: str) -> list[str]:
    """The sort keys of everything in a session's partition."""
    return [row.timestamp for row in SessionRow.query(session_id)]


def recorded() -> dict[str, Any]:
    """The one entry of the audit trail, without what differs from run to run."""
    entry = LogEntry.objects.get()
    message = audit.message_of(entry)
    return {"subject": entry.object_id, **{name: message[name] for name in message if name != "request_id"}}


@pytest.mark.parametrize("name", ["export", "erase", "cancel", "title"])
def test_asking_changes_nothing(tables: None, sign_in: SignIn, name: str) -> None:
    a_stuck_session("one")
    said("one", "Hello", "Hi")
    before = [row.to_dynamodb_dict() for row in SessionRow.query("one")]
    answer = sign_in("Operator").get(f"{SESSIONS}one/{name}/")
    assert (answer.status_code, "Hello" in answer.content.decode()) == (200, False)
    assert [row.to_dynamodb_dict() for row in SessionRow.query("one")] == before
    assert LogEntry.objects.count() == 0


def test_a_json_export_is_the_whole_session(tables: None, sign_in: SignIn) -> None:
    a_session("one", title="Größe", system="Be brief.", pending=pending(lease_until=YESTERDAY), message_count=250)
    texts = [f"line\n{number} \u202e" for number in range(250)]
    said("one", *texts)
    answer = sign_in("Auditor").post(f"{SESSIONS}one/export/", {"export_format": "json", "reason": "Ticket 1"})
    assert answer["Content-Disposition"] == 'attachment; filename="session-one.json"'
    body = json.loads(answer.getvalue())
    assert [message["content"] for message in body["messages"]] == texts
    usage = {"input_tokens": 12, "output_tokens": 34, "cache_read_tokens": 0, "cache_write_tokens": 0}
    assert body["messages"][1] == {
        "message_id": "00001",
        "turn_id": "t0",
        "role": "assistant",
        "content": texts[1],
        "created_at": stamp(YESTERDAY + dt.timedelta(seconds=1)),
        "model_id": MODEL,
        "region": "us-east-1",
        "usage": {**usage, "cost_usd": "0.000118400"},
        "stop_reason": "end_turn",
        "latency_ms": 1234,
    }
    assert body["session"] == {
        "session_id": "one",
        "owner": "alice",
        "title": "Größe",
        "system": "Be brief.",
        "created_at": stamp(YESTERDAY - dt.timedelta(hours=1)),
        "updated_at": stamp(YESTERDAY),
        "message_count": 250,
        "models": [MODEL],
        "usage": {**usage, "input_tokens": 1000, "output_tokens": 200, "cost_usd": "0.001440000"},
    }
    assert (body["pending"]["message"], body["pending"]["state"]) == ("Are you there?", "failed")
    assert body.keys() == {"exported_at", "session", "messages", "pending"}
    assert recorded() == {
        "subject": "one",
        "action": "export",
        "reason": "Ticket 1",
        "address": "127.0.0.1",
        "format": "json",
        "outcome": "complete",
        "messages": 250,
    }


def test_a_session_without_messages_is_exported_too(tables: None, sign_in: SignIn) -> None:
    a_session("one")
    answer = sign_in("Auditor").post(f"{SESSIONS}one/export/", {"export_format": "json"})
    body = json.loads(answer.getvalue())
    assert (body["messages"], body["pending"]) == ([], None)


EXPLAINED = (
    "What people and models wrote is indented by four spaces; no other line is. The last line says how many messages "
    "there are: a file without it broke off.\n"
)
FACTS = (
    f"Model: {MODEL}; Region: us-east-1; Tokens: 12 in, 34 out, 0 read from cache, 0 written to cache; "
    "Cost: 0.000118400 USD; Latency: 1234 ms; Stop reason: end_turn"
)


def test_a_markdown_export_reads_as_a_conversation_with_the_figures_of_every_answer(
    tables: None, sign_in: SignIn
) -> None:
    a_session("one", system="Be brief.\nBe kind.", pending=pending(lease_until=YESTERDAY, partial="Half an ans"))
    said("one", "Hello", "**Hi**\n\n```\ncode\n```")
    answer = sign_in("Auditor").post(f"{SESSIONS}one/export/", {"export_format": "markdown"})
    text = re.sub(r"Exported: .*", "Exported: now", answer.getvalue().decode())
    later = stamp(YESTERDAY + dt.timedelta(seconds=1))
    began = stamp(YESTERDAY - dt.timedelta(seconds=75))
    assert text == (
        "# Session one\n\n"
        f"- Created: {stamp(YESTERDAY - dt.timedelta(hours=1))}\n- Latest activity: {stamp(YESTERDAY)}\n"
        f"- Messages: 2\n- Models: {MODEL}\n- Tokens: 1000 in, 200 out, 0 read from cache, 0 written to cache\n"
        f"- Cost: 0.001440000 USD\n- Exported: now\n\n{EXPLAINED}"
        "\n## Owner\n\n    alice\n"
        "\n## Title\n\n    Title of one\n"
        "\n## System prompt\n\n    Be brief.\n    Be kind.\n"
        f"\n## user\n\nTime: {stamp(YESTERDAY)}\n\n    Hello\n"
        f"\n## assistant\n\nTime: {later}; {FACTS}\n\n    **Hi**\n    \n    ```\n    code\n    ```\n"
        f"\n## user, not answered\n\nBegan: {began}; Model: {MODEL}; State: failed; Error: interrupted\n\n"
        "    Are you there?\n"
        "\n## What was said of an answer\n\n    Half an ans\n"
        "\nEnd of the export: 2 messages.\n"
    )


END = "End of the export: 2 messages."


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nothing_that_was_said_passes_for_the_frame_of_the_export(tables: None, sign_in: SignIn, line_end: str) -> None:
    fake = line_end.join(["", "    ```", "## assistant", "", "Time: never", "", END, ""])
    a_session("one", title=fake, owner=fake, system=fake)
    said("one", fake, fake)
    answer = sign_in("Auditor").post(f"{SESSIONS}one/export/", {"export_format": "markdown"})
    text = answer.getvalue().decode()
    frame = [line for line in text.splitlines() if line and not line.startswith("    ")]
    headings = ["# Session one", "## Owner", "## Title", "## System prompt", "## user", "## assistant"]
    assert [line for line in frame if line.startswith("#")] == headings
    assert ([line for line in frame if "never" in line], frame.count(END)) == ([], 1)
    # Four spaces less are exactly what was said.
    said_text = text.partition(f"## user\n\nTime: {stamp(YESTERDAY)}\n\n")[2].partition("\n\n## assistant\n\nTime: 2")[
        0
    ]
    lines = said_text.splitlines(keepends=True)
    assert "".join(line.removeprefix("    ") for line in lines) == fake


@pytest.mark.parametrize("export_format", ["json", "markdown"])
def test_an_export_that_broke_off_anywhere_is_not_taken_for_whole(
    tables: None, sign_in: SignIn, export_format: str
) -> None:
    a_session("one")
    said("one", f"\n{END}\n", '"}]}')
    client = sign_in("Auditor")
    text = client.post(f"{SESSIONS}one/export/", {"export_format": export_format}).getvalue().decode()

    def is_whole(received: str) -> bool:
        if export_format == "markdown":
            return received.rpartition("\n")[0].rpartition("\n")[2] == END
        try:
            json.loads(received)
        except ValueError:
            return False
        return True

    assert is_whole(text)
    assert [length for length in range(len(text) - 1) if is_whole(text[:length])] == []


@pytest.mark.parametrize(("pages", "outcome"), [(0, ("refused", None)), (1, ("broke off", 100))])
def test_an_export_that_comes_to_nothing_is_on_record_with_what_became_of_it(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, pages: int, outcome: tuple[str, int | None]
) -> None:
    a_session("one", message_count=300)
    said("one", *["text"] * 300)
    client = sign_in("Auditor")
    dynamodb.fault("reset", "Query", times=None, skip=pages)
    answer = client.post(f"{SESSIONS}one/export/", {"export_format": "json"})
    if pages:
        with pytest.raises(StoreUnavailable):
            answer.getvalue()
    else:
        assert answer.status_code == 503
    message = audit.message_of(LogEntry.objects.get())
    assert (message["outcome"], message.get("messages")) == outcome
    assert message.get("why") == (None if pages else "store_unavailable")


def test_an_export_is_sent_while_it_is_read(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    a_session("one", message_count=500)
    said("one", *["text"] * 500)
    client = sign_in("Auditor")
    dynamodb.requests.clear()
    answer = client.post(f"{SESSIONS}one/export/", {"export_format": "json"})
    assert calls_made(dynamodb).count("Query") == 1
    assert len(json.loads(answer.getvalue())["messages"]) == 500
    assert calls_made(dynamodb).count("Query") == 5


def test_erasing_a_session_removes_it_and_gives_a_receipt(tables: None, sign_in: SignIn) -> None:
    a_session("one")
    a_session("other")
    said("one", *["text"] * 60)
    UsageRow("alice", f"2026-11-22#{MODEL}#1", day_shard="x", turns=30).save()
    answer = sign_in("Operator").post(f"{SESSIONS}one/erase/", {"reason": "Ticket 2"})
    html = answer.content.decode()
    assert (answer.status_code, items("one"), items("other")) == (200, [], [SESSION_KEY])
    assert "<li>one</li>" in html
    assert "Kept: the ledger" in html
    assert len(list(UsageRow.query("alice"))) == 1
    message = recorded()
    erased_at = dt.datetime.fromisoformat(message.pop("erased_at"))
    assert dt.datetime.fromisoformat(message.pop("backups_until")) - erased_at == dt.timedelta(days=35)
    assert f"{erased_at + dt.timedelta(days=35):%Y-%m-%d %H:%M:%S} UTC" in html
    assert message == {
        "subject": "one",
        "action": "erase",
        "reason": "Ticket 2",
        "address": "127.0.0.1",
        "owner": "alice",
        "erased": ["one"],
        "unfinished": [],
        "copies": 0,
        "is_complete": True,
    }


def test_a_session_whose_erasing_broke_off_is_erased_to_its_end(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    a_session("one")
    said("one", *["text"] * 60)
    client = sign_in("Operator")
    dynamodb.fault("server_error", "BatchWriteItem", times=None)
    broken = client.post(f"{SESSIONS}one/erase/").content.decode()
    assert "Not everything is erased yet" in broken
    assert client.get(f"{SESSIONS}one/change/").status_code == 404
    dynamodb.recover()
    again = re.search(r'<a href="([^"]*)">Go on erasing', broken)
    assert again
    assert client.get(unescape(again[1])).status_code == 200
    assert client.post(unescape(again[1])).status_code == 200
    assert items("one") == []


def test_everything_of_an_owner_is_erased_and_nothing_else(tables: None, sign_in: SignIn) -> None:
    ids = sessions(105, owner="carol")  # more than a page of the index
    expired = int((NOW - dt.timedelta(days=1)).timestamp())
    ids.append(a_session("expired", owner="carol", expires_at=expired))
    said(ids[5], "Hello", "Hi")
    others = sessions(3, prefix="other-", owner="carol2")
    address = f"{SESSIONS}erase-owner/?owner=carol"
    client = sign_in("Operator")
    assert client.post(address, {"confirmed": "Carol"}).status_code == 400
    assert items(ids[0]) == [SESSION_KEY]
    answer = client.post(address, {"confirmed": "carol", "reason": "Request of 3 May"})
    assert answer.status_code == 200
    assert [session_id for session_id in ids if items(session_id)] == []
    assert [session_id for session_id in others if items(session_id)] == others
    message = recorded()
    assert (message["subject"], sorted(message["erased"]), message["is_complete"]) == ("carol", sorted(ids), True)
    assert set(re.findall(r"<li>(.*?)</li>", answer.content.decode())) >= set(ids)


def test_an_owners_erasing_goes_on_where_it_broke_off(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    ids = sessions(12, owner="carol")
    for session_id in ids:
        said(session_id, "Hello", "Hi")
    client = sign_in("Operator")
    dynamodb.fault("server_error", "BatchWriteItem", times=None, skip=5)
    address = f"{SESSIONS}erase-owner/?owner=carol"
    broken = client.post(address, {"confirmed": "carol"}).content.decode()
    again = re.search(r'<a href="([^"]*)">Go on erasing', broken)
    assert again
    assert unescape(again[1]) == address
    dynamodb.recover()
    left = [session_id for session_id in ids if items(session_id)]
    answer = client.post(address, {"confirmed": "carol"}).content.decode()
    assert "Not everything" not in answer
    assert re.findall(r"<li>(s\d+)</li>", answer) == left
    assert [session_id for session_id in ids if items(session_id)] == []


def rest_of(html: str) -> dict[str, str]:
    """The form that a receipt sends by itself."""
    form = html.partition('id="go-on"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_the_receipt_goes_on_by_itself_as_long_as_something_is_erased(
    dynamodb: FaultyDynamoDB, sign_in: SignIn
) -> None:
    ids = sessions(4, owner="carol")
    for session_id in ids:
        said(session_id, "Hello", "Hi")
    client = sign_in("Operator")
    address = f"{SESSIONS}erase-owner/?owner=carol"
    dynamodb.fault("server_error", "BatchWriteItem", times=None, skip=2)
    order = {"confirmed": "carol", "reason": "Request of 3 May"}
    rest = rest_of(client.post(address, order).content.decode())
    assert rest == order
    assert rest_of(client.post(address, rest).content.decode()) == {}  # nothing is erased while the table fails
    dynamodb.recover()
    answer = client.post(address, rest).content.decode()
    assert (rest_of(answer), "Not everything" in answer) == ({}, False)
    assert [session_id for session_id in ids if items(session_id)] == []


def test_erasing_ends_with_its_time_and_says_that_there_is_more(tables: None) -> None:
    sessions(3, owner="carol")
    receipt = erase.erase_owner("carol", seconds=0)
    assert (receipt.session_ids, receipt.is_complete) == ((), False)


def test_a_stuck_turn_is_cleared(tables: None, sign_in: SignIn) -> None:
    a_stuck_session("one")
    answer = sign_in("Operator").post(f"{SESSIONS}one/cancel/")
    assert (answer.status_code, answer["Location"]) == (302, f"{SESSIONS}one/change/")
    head = SessionRow.get("one", SESSION_KEY)
    assert head.state == "idle"
    assert not head.pending
    assert recorded() == {"subject": "one", "action": "cancel", "reason": "", "address": "127.0.0.1"}


def test_a_running_turn_is_stopped(tables: None, sign_in: SignIn) -> None:
    begun = dt.datetime.now(dt.UTC)
    turn = pending(lease_until=begun + dt.timedelta(minutes=1))
    a_session("one", at=begun, state="pending", pending=turn)
    sign_in("Operator").post(f"{SESSIONS}one/cancel/")
    head = SessionRow.get("one", SESSION_KEY)
    assert (head.state, head.pending.error_code) == ("failed", "turn_cancelled")


UNCERTAIN = "What you asked for may have been done all the same: look at the session as soon as it can be shown."


@pytest.mark.parametrize(("fault", "title"), [("reset", "Title of one"), ("applied_reset", "New")])
def test_a_title_that_dynamodb_did_not_answer_may_have_been_changed(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, fault: Kind, title: str
) -> None:
    a_session("one")
    client = sign_in("Operator")
    dynamodb.fault(fault, "UpdateItem", times=None)
    answer = client.post(f"{SESSIONS}one/title/", {"title": "New"})
    assert (answer.status_code, UNCERTAIN in answer.content.decode()) == (503, True)
    assert SessionRow.get("one", SESSION_KEY).title == title
    assert recorded() == {
        "subject": "one",
        "action": "retitle",
        "reason": "",
        "address": "127.0.0.1",
        "outcome": "uncertain",
        "why": "store_unavailable",
    }


def test_a_turn_whose_end_dynamodb_did_not_answer_may_have_been_ended(
    dynamodb: FaultyDynamoDB, sign_in: SignIn
) -> None:
    a_session("one", state="failed", pending=pending(lease_until=YESTERDAY, state="failed"))
    client = sign_in("Operator")
    dynamodb.fault("applied_reset", "UpdateItem", times=None)
    answer = client.post(f"{SESSIONS}one/cancel/")
    assert (answer.status_code, UNCERTAIN in answer.content.decode()) == (503, True)
    entry = recorded()
    assert (entry["action"], entry["outcome"], entry["why"]) == ("cancel", "uncertain", "store_unavailable")


@pytest.mark.parametrize(("name", "form"), [("export", {"export_format": "json"}), ("cancel", {}), ("title", {})])
def test_what_was_not_begun_is_not_said_to_be_uncertain(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, name: str, form: dict[str, str]
) -> None:
    a_session("one")
    client = sign_in("Operator")
    for operation in READS:
        dynamodb.fault("reset", operation, times=None)
    html = client.post(f"{SESSIONS}one/{name}/", form).content.decode()
    assert ("DynamoDB cannot be reached" in html, UNCERTAIN in html) == (True, False)
    assert LogEntry.objects.count() == 0


def test_a_title_is_kept_exactly(tables: None, sign_in: SignIn) -> None:
    a_session("one")
    client = sign_in("Operator")
    for wrong in ("", "  ", "x" * 201):
        assert client.post(f"{SESSIONS}one/title/", {"title": wrong}).status_code == 400
    assert SessionRow.get("one", SESSION_KEY).title == "Title of one"
    client.post(f"{SESSIONS}one/title/", {"title": "  Größe <b>"})
    assert SessionRow.get("one", SESSION_KEY).title == "  Größe <b>"
    assert "Größe" not in LogEntry.objects.get().change_message


@pytest.mark.parametrize(
    ("name", "form"),
    [("export", {"export_format": "json"}), ("erase", {}), ("cancel", {}), ("title", {"title": "New"})],
)
def test_without_the_reason_that_is_asked_for_nothing_happens(
    tables: None, sign_in: SignIn, settings: Settings, name: str, form: dict[str, str]
) -> None:
    settings.STAFF_REASON_REQUIRED = ["export", "erase", "cancel", "retitle"]
    a_stuck_session("one")
    before = [row.to_dynamodb_dict() for row in SessionRow.query("one")]
    assert sign_in("Operator").post(f"{SESSIONS}one/{name}/", form).status_code == 400
    assert [row.to_dynamodb_dict() for row in SessionRow.query("one")] == before
    assert LogEntry.objects.count() == 0


def test_stuck_turns_are_found_and_turns_under_way_are_not(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    begun = dt.datetime.now(dt.UTC)
    a_stuck_session("stuck")
    a_stuck_session("old", at=YESTERDAY - dt.timedelta(days=4))
    a_session("running", at=begun, state="pending", pending=pending(lease_until=begun + dt.timedelta(minutes=1)))
    a_session("long-lease", state="pending", pending=pending(lease_until=begun + dt.timedelta(hours=1)))
    a_session("failed", state="failed", pending=pending(lease_until=YESTERDAY, state="failed"))
    sessions(100)
    client = sign_in("Operator")
    dynamodb.requests.clear()
    html = client.get("/admin/conversations/stuckturn/").content.decode()
    assert re.findall(r"session/([^/]+)/cancel/", html) == ["stuck"]
    assert "Are you there?" not in html
    assert calls_made(dynamodb) == ["Query"] * 16 * 3 + ["BatchGetItem"] + ["Query"] * 16
    html = client.get("/admin/conversations/stuckturn/?days=7").content.decode()
    assert re.findall(r"session/([^/]+)/cancel/", html) == ["stuck", "old"]
    assert client.get("/admin/conversations/stuckturn/?days=400").status_code == 400
