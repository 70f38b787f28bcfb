"""Whatever is said, by whom and when: the report equals the sums of messages and of sessions, to the nano-dollar."""

import datetime as dt
import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bedrock_client import Usage
from conversations.domain import LedgerLine, PendingTurn, Spending
from conversations.services import stop_turn
from conversations.services.staff import closing_days
from conversations.services.staff.usage_report import UsageReport, usage_lines, usage_report
from conversations.store import turn_begin
from conversations.store.tables import SESSION_KEY, MessageRow, SessionRow, SpendingRow
from core.deadline import Deadline
from tests.access.cast import key_of
from tests.conversations.services.staff.booked import DAY, MICRO, PRO, it_is, noon
from tests.scripted_bedrock import ScriptedBedrock, Tokens

LAST = dt.date(2026, 11, 23)
DAYS = [LAST - 2 * DAY, LAST - DAY, LAST]
OWNERS = ["alice", "bob", "carol"]
Booked = dict[tuple[dt.date, str, str], Spending]


class Office:
    """Owners who chat at random, so that some turns have no answer, some half of one, and of some the process dies."""

    def __init__(self, api: httpx.Client, bedrock: ScriptedBedrock, seed: int) -> None:
        self.api, self.bedrock, self.random = api, bedrock, random.Random(seed)  # noqa: S311  # a plan, not a secret
        self.headers = {owner: key_of(owner) for owner in OWNERS}
        self.dead: dict[str, tuple[str, str]] = {}
        self.errors: defaultdict[tuple[dt.date, str, str], int] = defaultdict(int)

    def turn(self, day: dt.date) -> None:
        """One turn of somebody's."""
        owner, model_id = self.random.choice(OWNERS), self.random.choice([PRO, MICRO])
        order = {"message": "Hello", "session_id": f"{owner}-{self.random.randrange(4)}", "model_id": model_id}
        if order["session_id"] not in self.dead and not self.random.randrange(8):
            self.dies(day, owner, order)
            return
        self._come_upon_the_dead(day, order["session_id"])
        kinds: list[Callable[[httpx.Headers, dict[str, Any]], bool]] = [self._answered, self._refused, self._cut]
        kind = self.random.choices([*kinds, self._stopped], [8, 2, 1, 1])[0]
        if not kind(httpx.Headers(self.headers[owner]), order):
            self.errors[day, owner, model_id] += 1

    def clear_the_dead(self, day: dt.date) -> None:
        """Staff end every stuck turn that is left."""
        for session_id, (owner, _) in list(self.dead.items()):
            stop_turn.stop_turn(owner=owner, session_id=session_id)
            self._come_upon_the_dead(day, session_id)

    def dies(self, day: dt.date, owner: str, order: dict[str, str]) -> None:
        """A turn whose process is gone, and its lease too: nothing is booked on the day on which it began."""
        began = noon(day) - dt.timedelta(hours=1)
        pending = PendingTurn(uuid.uuid4().hex, "Lost?", order["model_id"], began, began + dt.timedelta(seconds=75))
        turn_begin.begin(order["session_id"], owner=owner, title="Lost?", pending=pending, deadline=Deadline.after(5))
        self.dead[order["session_id"]] = owner, order["model_id"]

    def _come_upon_the_dead(self, day: dt.date, session_id: str) -> None:
        if session_id in self.dead:
            self.errors[(day, *self.dead.pop(session_id))] += 1

    def _answered(self, headers: httpx.Headers, order: dict[str, Any]) -> bool:
        pick = self.random.randrange
        self.bedrock.reply("Hi", usage=Tokens(pick(5000), pick(1, 900), cache_read=pick(3000), cache_write=pick(700)))
        return self.api.post("/chat", json=order, headers=headers).raise_for_status().is_success

    def _refused(self, headers: httpx.Headers, order: dict[str, Any]) -> bool:
        self.bedrock.fail("AccessDeniedException")
        return self.api.post("/chat", json=order, headers=headers).is_success

    def _cut(self, headers: httpx.Headers, order: dict[str, Any]) -> bool:
        self.bedrock.cut()
        return "event: done" in self.api.post("/chat", json={**order, "stream": True}, headers=headers).text

    def _stopped(self, headers: httpx.Headers, order: dict[str, Any]) -> bool:
        gate = self.bedrock.gate()
        self.bedrock.stream("Half", gate, " and never this")
        with ThreadPoolExecutor(1) as pool:
            streamed = pool.submit(self.api.post, "/chat", json={**order, "stream": True}, headers=headers)
            assert gate.reached.wait(10)
            self.api.delete(f"/sessions/{order['session_id']}/pending", headers=headers).raise_for_status()
            return "event: done" in streamed.result().text


def heads() -> list[SessionRow]:
    """Every session's head."""
    ids = [f"{owner}-{number}" for owner in OWNERS for number in range(4)]
    return list(SessionRow.batch_get([(session_id, SESSION_KEY) for session_id in ids]))


def said(office: Office) -> Booked:
    """What the messages of all sessions add up to, and the turns without one, by day, owner and model."""
    booked: Booked = defaultdict(Spending)
    for head in heads():
        for row in MessageRow.query(head.session_id, MessageRow.timestamp >= "0"):
            if row.role == "assistant":
                of = dt.datetime.fromisoformat(row.created_at).date(), head.owner, row.model_id
                booked[of] += Spending(1, 0, *spent(row), int(row.latency_ms or 0))
    for of, errors in office.errors.items():
        booked[of] += Spending(errors=errors)
    return booked


def spent(row: SpendingRow) -> tuple[Usage, int]:
    """Tokens and nano-dollars of a message or session."""
    counts = (row.input_tokens, row.output_tokens, row.cache_read_tokens, row.cache_write_tokens)
    return Usage(*(int(count or 0) for count in counts)), int(row.cost_nano_usd or 0)


def summed(spendings: Iterable[Spending]) -> Spending:
    return sum(spendings, Spending())


def by(number: int, booked: Booked) -> dict[Any, Spending]:
    """The sums by one part of the key."""
    return {
        key[number]: summed(spent for other, spent in booked.items() if other[number] == key[number]) for key in booked
    }


def check(report: UsageReport, booked: Booked) -> None:
    """The report is what was booked, and its parts agree."""
    assert report.totals == summed(booked.values())
    assert {day: spent for day, spent in report.by_day if spent != Spending()} == by(0, booked)
    assert dict(report.by_owner) == by(1, booked)
    assert dict(report.by_model) == by(2, booked)
    costs = [spent.cost_nano_usd for _, spent in report.by_owner]
    assert costs == sorted(costs, reverse=True)
    assert report.missing_days == []


def check_all(booked: Booked) -> None:
    """Reports and lines of everything, of each owner, each model, and each day."""
    check(usage_report(first=DAYS[0], last=LAST), booked)
    expected = [LedgerLine(*of, spent) for of, spent in sorted(booked.items())]
    assert list(usage_lines(first=DAYS[0], last=LAST)) == expected
    for owner in OWNERS:
        mine = {of: spent for of, spent in booked.items() if of[1] == owner}
        check(usage_report(first=DAYS[0], last=LAST, owner=owner), mine)
    for model_id in (PRO, MICRO):
        of_model = {of: spent for of, spent in booked.items() if of[2] == model_id}
        check(usage_report(first=DAYS[0], last=LAST, model_id=model_id), of_model)
    for day in DAYS:
        check(usage_report(first=day, last=day), {of: spent for of, spent in booked.items() if of[0] == day})


@pytest.mark.parametrize("seed", range(3))
def test_the_report_equals_messages_and_sessions(
    seed: int, db: None, api: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(api, bedrock, seed)
    office.dies(DAYS[0], "alice", {"session_id": "found-at-last", "model_id": PRO})
    for day in DAYS:
        it_is(monkeypatch, noon(day))
        monkeypatch.setattr(stop_turn, "now", lambda day=day: noon(day))
        for _ in range(20):
            office.turn(day)
    office.clear_the_dead(LAST)
    booked = said(office)
    assert len(booked) > 12
    assert summed(booked.values()).errors > 0
    with monkeypatch.context() as all_open:
        all_open.setattr(closing_days, "_MARGIN", dt.timedelta(days=30))
        check_all(booked)
    check_all(booked)
    report = usage_report(first=DAYS[0], last=LAST)
    for owner, spending in report.by_owner:
        sums = [spent(head) for head in heads() if head.owner == owner]
        assert (spending.usage, spending.cost_nano_usd) == (
            sum((usage for usage, _ in sums), Usage()),
            sum(cost for _, cost in sums),
        )
