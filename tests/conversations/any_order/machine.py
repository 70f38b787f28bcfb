"""Any order of requests, faults and deaths; after each of them everything is compared with what must be true."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.conversations.api.asking import problem, said
from tests.scripted_bedrock import Gate

from .bodies import history_body, session_body
from .callers import Told, UnderWay
from .expected import Exchange, Expected, Request, Turn
from .outcomes import BEGINNING, Ending, Outcome, Scripts
from .processes import Moment, ProcessDied
from .service import Service
from .stored import Stored

# Long enough for a turn that can be interrupted, and for one that cannot there is nothing to wait for.
PATIENCE, NO_PATIENCE = 20.0, 0.05
MOST_WAITING = 3
DAY_AND_MORE = 25 * 3600

# Two sessions that the caller names, those that the server names, and the newest of these by its name.
places = st.sampled_from(["a", "b", "the server's", "the newest"])
keys = st.sampled_from(["", "k-1", "k-2"])
messages = st.sampled_from(["Hello", "Grüße \U0001f600"])
processes = st.sampled_from([0, 1])
indexes = st.integers(0, 3)
flags = st.booleans()
mostly = st.sampled_from([True, True, False])
Finder = Callable[[httpx.Client, str], httpx.Response]
Fate = Outcome | Moment
deaths = [Moment.BEGUN, Moment.ASKED, Moment.ANSWERED, Moment.COMMITTED, Moment.REFUSED, Moment.FAILED]
finders: st.SearchStrategy[Finder] = st.sampled_from(
    [
        lambda http, session_id: http.post("/chat", json={"message": "Hello", "session_id": session_id}),
        lambda http, session_id: http.delete(f"/sessions/{session_id}/pending"),
        lambda http, session_id: http.delete(f"/history/{session_id}"),
    ]
)
fates: st.SearchStrategy[Fate] = st.sampled_from([*[Outcome.WHOLE] * 6, *Outcome, *deaths])


@dataclass(frozen=True)
class Waiting:
    """A turn whose model waits at a gate. `begun`: its caller has heard the beginning of the answer."""

    turn: Turn
    gate: Gate
    ending: Ending
    caller: UnderWay
    stream: bool
    begun: bool


class AnyOrder(RuleBasedStateMachine):
    """The service on one side, `Expected` on the other."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        service.reset()
        self.service = service
        self.http = service.callers.http
        self.scripts = Scripts(service.bedrock)
        self.expected = Expected()
        self.stored = Stored()
        self.waiting: list[Waiting] = []
        self.asked: list[Request] = []
        self.named: dict[str, str] = {}
        self.newest = ""
        self.touched = "a"
        self.calls = 0
        self.news = False  # without it nothing is renamed and no time passes: half of all steps would go there

    def teardown(self) -> None:
        for waiting in self.waiting:
            waiting.gate.open()
            waiting.caller.wait()

    @rule(place=places, message=messages, key=keys, stream=flags, fate=fates, process=processes)
    def send(self, place: str, message: str, key: str, stream: bool, fate: Fate, process: int) -> None:
        self._send(self._request(place, message, key), stream, fate, process)

    @precondition(lambda self: self.asked)
    @rule(index=indexes, stream=flags, fate=fates, process=processes)
    def send_again(self, index: int, stream: bool, fate: Fate, process: int) -> None:
        self._send(self.asked[-1 - index % len(self.asked)], stream, fate, process)

    @rule(
        place=st.sampled_from(["a", "b"]),
        messages=st.lists(messages, min_size=2, max_size=3),
        stream=flags,
        process=processes,
    )
    def converse(self, place: str, messages: list[str], stream: bool, process: int) -> None:
        """A few plain turns, each taken by another process than the one before."""
        for number, message in enumerate(messages):
            self._send(self._request(place, message, ""), stream, Outcome.WHOLE, (process + number) % 2)

    @rule(place=places, message=messages, key=st.sampled_from(["k-1", "k-2"]), stream=flags, process=processes)
    def send_again_a_day_later(self, place: str, message: str, key: str, stream: bool, process: int) -> None:
        request = self._request(place, message, key)
        self._send(request, stream, Outcome.WHOLE, process)
        self.service.time.pass_by(DAY_AND_MORE)
        self._send(request, stream, Outcome.WHOLE, process)

    @precondition(lambda self: len(self.waiting) < MOST_WAITING)
    @rule(
        place=places,
        message=messages,
        key=keys,
        stream=flags,
        begun=flags,
        leaves=flags,
        breaks=flags,
        process=processes,
    )
    def send_and_wait(
        self, place: str, message: str, key: str, stream: bool, begun: bool, leaves: bool, breaks: bool, process: int
    ) -> None:
        request = self._request(place, message, key)
        self._send_and_wait(request, stream=stream, begun=begun, process=process, leaves=leaves, breaks=breaks)

    def _send_and_wait(
        self, request: Request, *, stream: bool, begun: bool, process: int, leaves: bool = False, breaks: bool = False
    ) -> None:
        if self._is_answered_without_the_model(request, stream, process):
            return
        gate, ending = self.scripts.write_with_gate(begun=begun, breaks=breaks)
        now = self.service.time.now()
        caller = self.service.callers.begin(request, gate.reached, stream=stream, leaves=leaves)
        turn = self._begun(request, now, calls=1)
        if stream and begun:
            assert caller.began.wait(PATIENCE)
        self.waiting.append(Waiting(turn, gate, ending, caller, stream, begun))

    @precondition(lambda self: self.waiting)
    @rule(index=indexes)
    def let_the_model_go_on(self, index: int) -> None:
        self._let_go_on(self.waiting[index % len(self.waiting)])

    @precondition(lambda self: len(self.waiting) < MOST_WAITING)
    @rule(place=places, message=messages, key=keys, breaks=flags, goes_on=flags)
    def answer_too_late(self, place: str, message: str, key: str, breaks: bool, goes_on: bool) -> None:
        """A turn that cannot be interrupted is stopped. Its model answers all the same, perhaps into the next turn."""
        before = list(self.waiting)
        self.send_and_wait(place, message, key, stream=False, begun=False, leaves=False, breaks=breaks, process=0)
        if self.waiting == before:
            return
        one, session_id = self.waiting[-1], self.touched
        self._stop(session_id, one.turn)
        if goes_on:
            self._send_and_wait(Request(session_id, message, ""), stream=True, begun=True, process=1)
        self._let_go_on(one)

    def _let_go_on(self, one: Waiting) -> None:
        self.waiting.remove(one)
        one.gate.open()
        told = one.caller.wait()
        if self.expected.session_of(one.turn):
            self._end(one.turn, one.ending, told, stream=one.stream)
        elif told:  # overtaken, stopped or erased: whatever the model says now, nothing of it is stored
            codes = {"deadline_exceeded", "turn_cancelled", "session_not_found", one.ending.error_code}
            assert told.code in codes - {""}

    @precondition(lambda self: self.expected.pending)
    @rule(index=indexes)
    def stop(self, index: int) -> None:
        pending = sorted(self.expected.pending, key=lambda one: not self._waits(one[1]))
        self._stop(*pending[index % len(pending)])

    def _stop(self, session_id: str, turn: Turn) -> None:
        self.touched = session_id
        waiting = next((one for one in self.waiting if one.turn is turn and one.stream), None)
        self.service.stop_within(PATIENCE if waiting else NO_PATIENCE)
        answer = self.http.delete(f"/sessions/{self.touched}/pending")
        assert (answer.status_code, answer.content) == (204, b"")
        now = self.service.time.now()
        if turn.seen_at(now)[0] == "failed":
            self.expected.clear(self.touched, now)
        elif waiting:
            self._stopped(waiting)
        else:
            self.expected.fail(turn, "turn_cancelled", None)

    @precondition(lambda self: self.expected.kept)
    @rule(index=indexes, moment=st.sampled_from([None, None, Moment.MARKED, Moment.EMPTIED]))
    def erase(self, index: int, moment: Moment | None) -> None:
        kept = self.expected.kept
        self.touched = kept[index % len(kept)]
        self.service.take(0, dies_at=moment)
        try:
            answer = self.http.delete(f"/history/{self.touched}")
        except ProcessDied:
            self.service.processes.restart()
        else:
            assert (moment, answer.status_code, answer.content) == (None, 204, b"")
        self.expected.erase(self.touched, self.service.time.now(), to_its_end=moment is None)

    @precondition(lambda self: self.expected.interrupted(self.service.time.now()))
    @rule(index=indexes, finder=finders, process=processes)
    def come_upon_an_interrupted_turn_and_die(self, index: int, finder: Finder, process: int) -> None:
        """It is booked, and nothing else has happened: the next one finds it as failed."""
        now = self.service.time.now()
        interrupted = self.expected.interrupted(now)
        self.touched, _ = interrupted[index % len(interrupted)]
        self.service.take(process, dies_at=Moment.BOOKED)
        with pytest.raises(ProcessDied):
            finder(self.http, self.touched)
        self.service.processes.restart()
        self.expected.come_upon(self.touched, now)

    @precondition(lambda self: self.expected.sessions and self.news)
    @rule(index=indexes, title=st.sampled_from(["Short", "Ümläute \u2028"]))
    def rename(self, index: int, title: str) -> None:
        self.touched = list(self.expected.sessions)[index % len(self.expected.sessions)]
        answer = self.http.patch(f"/sessions/{self.touched}", json={"title": title})
        self.news = False
        session = self.expected.sessions[self.touched]
        session.title = title
        self.stored.check(self.expected)
        body = session_body(self.stored.partitions[self.touched], session, self.service.time.now())
        assert (answer.status_code, answer.json()) == (200, body)

    @precondition(lambda self: self.expected.sessions and self.news)
    @rule(seconds=st.sampled_from([30, 90, 90, DAY_AND_MORE]))
    def let_time_pass(self, seconds: int) -> None:
        self.service.time.pass_by(seconds)
        self.news = False

    @invariant()
    def what_must_be_true_is_true(self) -> None:
        self.stored.check(self.expected)
        assert len(self.service.bedrock.requests) == self.calls
        assert self.service.processes.outages == []  # the table was there all the time
        now, partitions = self.service.time.now(), self.stored.partitions
        assert self._listed() == {
            session_id: session_body(partitions[session_id], session, now)
            for session_id, session in self.expected.sessions.items()
        }
        answer = self.http.get(f"/history/{self.touched}", params={"limit": 100})
        if session := self.expected.sessions.get(self.touched):
            assert answer.json() == history_body(partitions[self.touched], session, now)
        else:
            assert problem(answer) == (404, "session_not_found")

    def _waits(self, turn: Turn) -> bool:
        return any(waiting.turn is turn for waiting in self.waiting)

    def _place(self, place: str) -> str:
        """The session that a place means, as far as there is one."""
        self.touched = place if place in {"a", "b"} else self.newest or "a"
        return self.touched

    def _request(self, place: str, message: str, key: str) -> Request:
        request = Request(None if place == "the server's" else self._place(place), message, key)
        self.asked.append(request)
        return request

    def _send(self, request: Request, stream: bool, fate: Fate, process: int) -> None:
        if self._is_answered_without_the_model(request, stream, process):
            return
        if isinstance(fate, Moment):
            self._send_and_die(request, stream, fate, process)
            return
        ending = self.scripts.write(fate)
        now = self.service.time.now()
        told = self.service.callers.ask(request, stream=stream)
        turn = self._begun(request, now, calls=ending.calls)
        assert told is not None
        assert not told.replayed
        self._end(turn, ending, told, stream=stream)

    def _send_and_die(self, request: Request, stream: bool, moment: Moment, process: int) -> None:
        ending = Ending(0)
        if moment is not Moment.BEGUN:
            fails = moment in {Moment.REFUSED, Moment.FAILED}
            ending = self.scripts.write(Outcome.REFUSED if fails else Outcome.WHOLE)
        self.service.take(process, dies_at=moment)
        now = self.service.time.now()
        told = self.service.callers.ask(request, stream=stream)
        self.service.processes.restart()
        turn = self._begun(request, now, calls=ending.calls)
        assert told is None or (stream and told.code == "internal_error")
        if moment in {Moment.COMMITTED, Moment.FAILED}:
            self._end(turn, ending, None, stream=stream)

    def _is_answered_without_the_model(self, request: Request, stream: bool, process: int) -> bool:
        session_id = request.session_id or self.named.get(request.key)
        verdict = self.expected.verdict(session_id, request, self.service.time.now())
        self.service.take(process)
        self.news = True
        if verdict == "begins":
            return False
        self.touched = session_id or self.touched
        told = self.service.callers.ask(request, stream=stream)
        assert told is not None
        if isinstance(verdict, Exchange):
            assert (told.code, told.replayed) == ("", True)
            self._told(verdict, told)
        else:
            assert told.code == verdict
        return True

    def _begun(self, request: Request, now: dt.datetime, *, calls: int) -> Turn:
        """The turn that has begun, in the session asked for or in a new one; the model has heard all that was said."""
        new = set(self._listed()) - set(self.expected.sessions)
        session_id = request.session_id or self.named.get(request.key) or min(new)
        assert new <= {session_id}
        if request.session_id is None:
            self.newest = session_id
            if request.key:
                self.named[request.key] = session_id
        self.touched = session_id
        turn = self.expected.begin(session_id, request, now)
        self.calls += calls
        heard = [*self.expected.sessions[session_id].said, ("user", request.message)]
        assert [said(call) for call in self.service.bedrock.requests[self.calls - calls :]] == [heard] * calls
        return turn

    def _end(self, turn: Turn, ending: Ending, told: Told | None, *, stream: bool) -> None:
        if ending.error_code:
            assert told is None or told.code == ending.error_code
            self.expected.fail(turn, ending.error_code, ending.partial if stream else None)
            return
        exchange = Exchange(turn, ending.answer, "end_turn", ending.tokens)
        self._commit(exchange, told)

    def _stopped(self, waiting: Waiting) -> None:
        self.waiting.remove(waiting)
        told = waiting.caller.wait()
        if waiting.begun:
            self._commit(Exchange(waiting.turn, BEGINNING, "cancelled", None), told)
            return
        assert told is None or told.code == "turn_cancelled"
        self.expected.fail(waiting.turn, "turn_cancelled", None)

    def _commit(self, exchange: Exchange, told: Told | None) -> None:
        assert self.expected.commit(exchange.turn, exchange, self.service.time.now())
        if told:
            assert (told.code, told.replayed) == ("", False)
            self._told(exchange, told)

    @staticmethod
    def _told(exchange: Exchange, told: Told) -> None:
        """Whoever is told an answer, and however often, is told the same."""
        exchange.told = exchange.told or told.body
        assert told.body == exchange.told
        assert (told.body["response"], told.body["stop_reason"]) == (exchange.answer, exchange.stop_reason)
        if told.content:
            exchange.content = exchange.content or told.content
            assert told.content == exchange.content

    def _listed(self) -> dict[str, Any]:
        answer: httpx.Response = self.http.get("/sessions", params={"limit": 100})
        return {session["session_id"]: session for session in answer.json()["sessions"]}
