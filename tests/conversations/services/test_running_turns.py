"""Which turns are stopped, who looks for that, and how a process waits for its last ones."""

import datetime as dt
import threading
from collections.abc import Mapping
from contextlib import ExitStack

from conversations.domain import PendingTurn, Session, Turn
from conversations.services.running_turns import RunningTurns
from dynamodb_client.errors import StoreUnavailable

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
LOOK = 0.02


def turn(turn_id: str) -> Turn:
    session = Session(f"session of {turn_id}", "anonymous", "", NOW, NOW)
    return Turn(session, PendingTurn(turn_id, "Hi", "a-model", NOW, NOW))


class Table:
    """What DynamoDB says of running turns."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.stopped: set[str] = set()
        self.seen: list[dict[str, str]] = []
        self.away = False

    def find(self, running: Mapping[str, str]) -> set[str]:
        self.seen.append(dict(running))
        self.asked.set()
        if self.away:
            raise StoreUnavailable
        return self.stopped & set(running)


def lookers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "running-turns"]


def test_a_turn_that_should_stop_is_stopped_and_no_other() -> None:
    table = Table()
    turns = RunningTurns(table.find, LOOK)
    with turns.running(turn("a")) as other, turns.running(turn("b")) as stopped:
        table.stopped = {"b"}
        stopped.wait(5)
        assert stopped.is_set()
        assert not other.is_set()
    assert table.seen[-1] == {"a": "session of a", "b": "session of b"}


def test_a_turn_of_this_process_is_stopped_without_a_look() -> None:
    table = Table()
    turns = RunningTurns(table.find, look=5)
    with turns.running(turn("a")) as stop:
        turns.stop("a")
        turns.stop("of another process")
        assert stop.is_set()
    assert table.seen == []


def test_one_thread_looks_and_ends_with_the_last_turn() -> None:
    table = Table()
    turns = RunningTurns(table.find, LOOK)
    before = set(lookers())
    with ExitStack() as running:
        for number in range(5):
            running.enter_context(turns.running(turn(str(number))))
        (looker,) = set(lookers()) - before
        assert table.asked.wait(5)
    looker.join(5)
    assert not looker.is_alive()
    table.asked.clear()
    with turns.running(turn("later")):
        assert table.asked.wait(5)


def test_goes_on_looking_when_the_table_was_away() -> None:
    table = Table()
    table.away, table.stopped = True, {"a"}
    turns = RunningTurns(table.find, LOOK)
    with turns.running(turn("a")) as stop:
        assert table.asked.wait(5)
        assert not stop.is_set()
        table.away = False
        stop.wait(5)
        assert stop.is_set()


def test_waits_for_the_last_turn_and_shows_life_meanwhile() -> None:
    turns = RunningTurns(Table().find, LOOK)
    begun, over = threading.Event(), threading.Event()
    signs = []

    def run() -> None:
        with turns.running(turn("a")):
            begun.set()
            over.wait(5)

    def sign_of_life() -> None:
        signs.append(1)
        if len(signs) == 3:
            over.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(5)
    assert turns.wait(5, sign_of_life=sign_of_life)
    thread.join()


def test_does_not_wait_for_ever() -> None:
    turns = RunningTurns(Table().find, look=5)
    with turns.running(turn("a")):
        assert not turns.wait(0.1, sign_of_life=list)
    assert turns.wait(0.1, sign_of_life=list)
