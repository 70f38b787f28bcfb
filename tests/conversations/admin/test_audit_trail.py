"""The audit trail's page: whose entries a link shows, and that many entries cost no more than few."""

import importlib
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.admin.audit import READING
from tests.conversations.admin.conftest import SignIn

TRAIL = "/admin/admin/logentry/"
MIGRATION = importlib.import_module("access.migrations.0004_indexes_of_the_audit_trail")
INDEXES = {"staff_trail_by_time", "staff_trail_by_object"}


@pytest.fixture
def entries(sign_in: SignIn) -> None:
    """Of three sessions, one of which begins like another."""
    sign_in("Support")
    user = User.objects.get()
    for subject in ("one", "one-more", "two"):
        LogEntry.objects.create(user=user, object_id=subject, object_repr=subject, action_flag=READING)


def subjects(html: str) -> list[str]:
    """What the entries of a page are about."""
    return re.findall(r'<td class="field-subject"><bdi>(.*?)</bdi>', html)


def plans(queries: CaptureQueriesContext) -> list[str]:
    """How the database looks for the rows of the trail's page; the days above them are another query."""
    asked = [each["sql"] for each in queries if 'FROM "django_admin_log"' in each["sql"]]
    found = []
    with connection.cursor() as cursor:
        for sql in asked:
            if "ORDER BY" in sql and "DISTINCT" not in sql:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                found.append(" / ".join(row[-1] for row in cursor.fetchall()))
    return found


def test_a_link_shows_the_entries_of_exactly_one_subject_and_can_be_undone(entries: None, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    html = client.get(f"{TRAIL}?subject=one").content.decode()
    assert subjects(html) == ["one"]
    assert "By session, owner or key" in html
    html = client.get(TRAIL).content.decode()
    assert (subjects(html), "By session, owner or key" in html) == (["two", "one-more", "one"], False)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("action_time__year=99999999999999999999", 400),
        ("action_time__year=9999", 400),
        ("action_time__year=9999&action_time__month=12&action_time__day=31", 400),
        ("action_time__year=9998&action_time__month=12&action_time__day=31", 200),
        ("action_time__year=0", 400),
        ("action_time__year=-1", 400),
        ("action_time__year__gte=99999", 400),
        ("action_time__year=2026&action_time__month=99999999999999999999", 400),
        ("action_time__year=2026&action_time__month=2&action_time__day=30", 302),
        ("action_time__year=2026&action_time__month=11&action_time__day=99999999999999999999", 400),
        ("action_time__year=now", 302),
        ("id__in=1,99999999999999999999", 400),
        ("content_type__id__in=-99999999999999999999", 400),
        ("id__in=1,2", 200),
        ("subject=99999999999999999999", 200),
        ("q=99999999999999999999", 200),
    ],
)
def test_numbers_that_there_cannot_be_are_refused(entries: None, sign_in: SignIn, asked: str, status: int) -> None:
    answer = sign_in("Auditor").get(f"{TRAIL}?{asked}", headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert ("This cannot be shown" in answer.content.decode()) == (status == 400)
    assert answer.headers.get("Location") == (f"{TRAIL}?e=1" if status == 302 else None)


def test_the_days_above_the_page_say_that_they_are_utc(entries: None, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    moment = LogEntry.objects.latest("action_time").action_time
    for asked in ("", f"?action_time__year={moment.year}&action_time__month={moment.month}"):
        html = client.get(f"{TRAIL}{asked}").content.decode()
        days = re.search(r'<nav class="toplinks">(.*?)</nav>', html, re.DOTALL)
        assert days
        assert re.sub("<[^>]*>", "", days[1]).split()[:2] == ["Days", "(UTC)"]


def test_no_subject_is_blank(entries: None, sign_in: SignIn) -> None:
    LogEntry.objects.filter(object_id="two").update(object_id="", object_repr="")
    assert subjects(sign_in("Auditor").get(TRAIL).content.decode()) == ["(no name)", "one-more", "one"]


@pytest.mark.parametrize(("asked", "index"), [("", "staff_trail_by_time"), ("?subject=one", "staff_trail_by_object")])
def test_the_latest_entries_are_found_by_an_index(entries: None, sign_in: SignIn, asked: str, index: str) -> None:
    client = sign_in("Auditor")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{TRAIL}{asked}").status_code == 200
    found = plans(queries)
    assert found
    assert all(index in plan and "TEMP B-TREE" not in plan for plan in found), found


def test_the_indexes_can_be_taken_away_and_made_again(db: None) -> None:
    def there() -> set[str]:
        with connection.cursor() as cursor:
            return INDEXES & set(connection.introspection.get_constraints(cursor, LogEntry._meta.db_table))

    assert there() == INDEXES
    operations = MIGRATION.Migration.operations
    with connection.cursor() as cursor:
        for operation in reversed(operations):
            cursor.execute(operation.reverse_sql)
    assert there() == set()
    with connection.cursor() as cursor:
        for operation in operations:
            cursor.execute(operation.sql)
    assert there() == INDEXES
