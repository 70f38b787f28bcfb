"""The ledger as CSV: asked for first, sent as POST, on record, and no formula in it."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from access.staff.exports import file_on_record
from conversations.admin import audit
from conversations.admin.usage import export
from conversations.admin.usage.spreadsheet import UsageFile, csv_of
from conversations.domain import LedgerLine, Spending
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.usage_stored import (
    MICRO,
    PRO,
    a_month,
    at_noon,
    booked,
    idle_days_of_the_month_copied,
    nothing_copied,
)
from tests.faulty_dynamodb import FaultyDynamoDB

EXPORT = "/admin/conversations/usage/export/"
HEADER = (
    '"day (UTC)","owner","model","turns answered","turns failed","input tokens","cache read tokens",'
    '"cache write tokens","output tokens","cost (USD)","model latency (ms, sum)"\r\n'
)
NOVEMBER = (
    HEADER + f'"2026-11-02","alice","{PRO}","4","1","1007","3000","500","203","1.500000001","4600"\r\n'
    f'"2026-11-02","bob","{MICRO}","2","0","7","0","0","3","0.000000665","500"\r\n'
    f'"2026-11-22","bob","{MICRO}","0","2","0","0","0","0","0.000000000","0"\r\n'
    f'"2026-11-23","alice","{MICRO}","1","0","10","0","0","10","0.000000020","250"\r\n'
)


@pytest.fixture
def month(dynamodb: FaultyDynamoDB, db: None, monkeypatch: pytest.MonkeyPatch) -> FaultyDynamoDB:
    """It is 2026-11-23, there was some use this month, and the closed days without use are copied."""
    at_noon(monkeypatch)
    a_month()
    idle_days_of_the_month_copied()
    return dynamodb


def sent(answer: Any) -> str:  # noqa: ANN401  # the test client's own
    """The file that came."""
    body: bytes = answer.getvalue()
    return body.decode()


def recorded() -> dict[str, Any]:
    """The one entry of the audit trail, without what differs from run to run."""
    entry = LogEntry.objects.get()
    message = audit.message_of(entry)
    return {"subject": entry.object_id, **{name: message[name] for name in message if name != "request_id"}}


def test_is_the_ledger_line_by_line(month: FaultyDynamoDB, sign_in: SignIn) -> None:
    answer = sign_in("Auditor").post(EXPORT, REMOTE_ADDR="192.0.2.9")
    assert answer.streaming
    assert sent(answer) == NOVEMBER
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="usage-2026-11-01-to-2026-11-23.csv"'
    assert "no-store" in answer["Cache-Control"]
    assert recorded() == {
        "subject": "2026-11-01 to 2026-11-23",
        "action": "export_usage",
        "reason": "",
        "address": "192.0.2.9",
        "since": "2026-11-01",
        "until": "2026-11-23",
        "outcome": "complete",
        "rows": 4,
    }


def test_has_the_range_owner_and_model_of_the_page(month: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    query = f"?since=2026-11-02&until=2026-11-22&owner=bob&model={MICRO}"
    html = client.get(f"/admin/conversations/usage/{query}").content.decode()
    assert 'href="/admin/conversations/usage/export/?since=2026-11-02&amp;until=2026-11-22&amp;owner=bob&amp;' in html
    lines = NOVEMBER.splitlines(keepends=True)
    assert sent(client.post(EXPORT + query)) == "".join([lines[0], *lines[2:4]])
    entry = recorded()
    assert (entry["subject"], entry["owner"], entry["model"]) == ("bob", "bob", MICRO)


def test_asking_first_sends_nothing_and_records_nothing(month: FaultyDynamoDB, sign_in: SignIn) -> None:
    month.requests.clear()
    answer = sign_in("Auditor").get(f"{EXPORT}?owner=%3Cb%3E")
    assert (answer.status_code, "<bdi>&lt;b&gt;</bdi>" in answer.content.decode()) == (200, True)
    assert (month.calls, LogEntry.objects.count()) == ([], 0)


def test_needs_a_reason_where_the_setting_asks_for_one(
    month: FaultyDynamoDB, sign_in: SignIn, settings: Settings
) -> None:
    settings.STAFF_REASON_REQUIRED = ["export_usage"]
    client = sign_in("Auditor")
    answer = client.post(EXPORT)
    assert (answer.status_code, "This field is required." in answer.content.decode()) == (400, True)
    assert LogEntry.objects.count() == 0
    assert sent(client.post(EXPORT, {"reason": "Invoice"})) == NOVEMBER
    assert recorded()["reason"] == "Invoice"


def test_is_refused_without_the_token_of_the_form(month: FaultyDynamoDB, sign_in: SignIn) -> None:
    signed_in = sign_in("Auditor")
    client = Client(enforce_csrf_checks=True, headers={"user-agent": "test"})
    client.cookies = signed_in.cookies
    assert client.post(EXPORT).status_code == 403
    assert LogEntry.objects.count() == 0


def test_nothing_is_sent_while_dynamodb_is_away(month: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    client.get("/admin/conversations/usage/")  # the closed days are copied
    month.fault("reset", "Query", times=None)
    answer = client.post(EXPORT)
    html = answer.content.decode()
    assert (answer.status_code, "DynamoDB cannot be reached" in html) == (503, True)
    assert "Sessions and usage cannot be shown, changed or exported at the moment;" in html
    assert "may have been done" not in html
    entry = recorded()
    assert (entry["outcome"], entry["why"]) == ("refused", "store_unavailable")
    assert "rows" not in entry


def test_closed_days_are_sent_while_dynamodb_is_away(month: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    client.get("/admin/conversations/usage/")
    month.fault("reset", "Query", times=None)
    assert sent(client.post(f"{EXPORT}?until=2026-11-22")) == "".join(NOVEMBER.splitlines(keepends=True)[:-1])


def test_nothing_is_sent_while_days_are_missing(
    month: FaultyDynamoDB, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_copied()
    at_noon(monkeypatch, copied_at_once=21)
    answer = sign_in("Auditor").post(EXPORT)
    assert (answer.status_code, "Nothing was exported." in answer.content.decode()) == (503, True)
    entry = recorded()
    assert (entry["outcome"], entry["why"]) == ("refused", "usage_incomplete")


@pytest.fixture
def open_database() -> Iterator[None]:
    """The end of a request would close the tests' own."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


def test_a_file_that_nobody_reads_broke_off(month: FaultyDynamoDB, sign_in: SignIn, open_database: None) -> None:
    sign_in("Auditor").post(EXPORT).close()
    entry = recorded()
    assert (entry["outcome"], entry["rows"]) == ("broke off", 4)


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_a_file_that_is_not_read_to_its_end_broke_off(db: None, pieces: int) -> None:
    user = User.objects.create_user("auditor")
    entry = LogEntry.objects.create(user=user, action_flag=audit.READING, change_message='{"action": "export_usage"}')
    line = LedgerLine(dt.date(2026, 11, 23), "alice", PRO, Spending(turns=1))
    file = UsageFile(lambda: [line] * 1200)
    with closing(file_on_record(entry, file.pieces(), facts=lambda: {"rows": file.rows})) as sent_pieces:
        list(islice(sent_pieces, pieces))
    rows = 1000 if pieces == 2 else 500
    assert audit.message_of(entry) == {"action": "export_usage", "outcome": "broke off", "rows": rows}


def test_a_file_whose_reading_fails_broke_off(
    month: FaultyDynamoDB, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = dt.date(2026, 11, 23)

    def lines(**_: object) -> Iterator[LedgerLine]:
        for number in range(700):
            yield LedgerLine(day, f"owner {number}", PRO, Spending(turns=number))
        raise RuntimeError

    monkeypatch.setattr(export, "usage_lines", lines)
    answer = sign_in("Auditor").post(EXPORT)
    with pytest.raises(RuntimeError):
        sent(answer)
    entry = recorded()
    assert (entry["outcome"], entry["rows"]) == ("broke off", 700)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ('a",=1', 'a",=1'),
        ("a;=1\r\n=2", "a;=1\r\n=2"),
        ("مستخدم", "مستخدم"),
    ],
)
def test_no_name_of_a_caller_becomes_a_formula(
    tables: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, cell: str
) -> None:
    at_noon(monkeypatch)
    booked("2026-11-23", name, name, turns=1)
    rows = list(csv.reader(io.StringIO(sent(sign_in("Auditor").post(f"{EXPORT}?since=2026-11-23")), newline="")))
    assert [row[1:3] for row in rows[1:]] == [[cell, cell]]


BLANKS = [
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\v",
    "\x00",
    "\x1f",
    "\x85",
    "\xa0",
    "\u2003",
    "\u2028",
    "\u200b",
    "\u202e",
    "\ufeff",
]
SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("blank", BLANKS)
def test_signs_of_every_width_are_guarded_behind_whatever_is_not_seen(blank: str, sign: str) -> None:
    for before in (blank, blank * 2, f"{blank} \t"):
        assert cells_of(f"{before}{sign}1") == [f"'{before}{sign}1"] * 2


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("'=1")
@example("''")
def test_a_name_comes_back_when_an_apostrophe_is_taken_away(name: str) -> None:
    assert [cell.removeprefix("'") for cell in cells_of(name)] == [name, name]
    assert cells_of(name)[0][:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", " "}


def cells_of(name: str) -> list[str]:
    """A name as owner and model, as the reader of a file finds it."""
    line = LedgerLine(dt.date(2026, 11, 23), name, name, Spending(turns=1))
    _, row = csv.reader(io.StringIO("".join(csv_of([line])), newline=""))
    return row[1:3]


def test_a_long_file_comes_in_pieces() -> None:
    day = dt.date(2026, 11, 23)
    lines = [LedgerLine(day, f"owner {number}", PRO, Spending(turns=number)) for number in range(1200)]
    pieces = list(csv_of(iter(lines)))
    assert [piece.count("\r\n") for piece in pieces] == [501, 500, 200]
    assert len(list(csv.reader(io.StringIO("".join(pieces), newline="")))) == 1201
