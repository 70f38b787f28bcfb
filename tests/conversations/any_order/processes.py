"""Processes that die at a moment that a test chooses.

A death is raised past every `except Exception`: nothing more is stored and nobody is told. Whoever waits for the turn
sees it too, as a caller sees a connection that breaks.
"""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import ParamSpec, TypeVar, cast

import pytest

from bedrock_client import ReplyStream, converse, converse_stream
from conversations.api import views
from conversations.domain import Turn
from conversations.services import send_message, stream_message
from conversations.services.session_cache import SessionCache
from conversations.store import erasing, messages, turn_begin, turn_end
from dynamodb_client.errors import StoreUnavailable

P = ParamSpec("P")
R = TypeVar("R")

CACHE_BYTES = 1024 * 1024


class Moment(Enum):
    """When a process dies that has a turn under way, erases a session, or comes upon a turn of one that died before."""

    BEGUN = "the turn has begun"
    ASKED = "the model has begun to answer"
    ANSWERED = "the model has answered"
    COMMITTED = "the turn is stored"
    REFUSED = "the model has refused"
    FAILED = "the failure is stored"
    MARKED = "the session is marked as being erased"
    BOOKED = "a turn whose process died before is booked"
    EMPTIED = "the messages of the session are deleted"


class ProcessDied(BaseException):
    """The process is gone."""


class Processes:
    """Two processes before the same tables: either may take a request, and each holds sessions of its own in memory.

    `outages` are the ends of turns for which the table was said to be unavailable.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._taking = 0
        self._dies_at: Moment | None = None
        self._dying: dict[str, Moment] = {}
        self.reset()
        patch.setattr(turn_begin, "begin", self._begin(turn_begin.begin))
        patch.setattr(turn_end, "commit", self._end(turn_end.commit, Moment.ANSWERED, Moment.COMMITTED))
        patch.setattr(turn_end, "fail", self._end(turn_end.fail, Moment.REFUSED, Moment.FAILED))
        patch.setattr(stream_message, "converse_stream", self._ask(converse_stream))
        patch.setattr(stream_message, "_run", self._run(stream_message._run))
        patch.setattr(turn_end, "fail_interrupted", self._book(turn_end.fail_interrupted))
        patch.setattr(messages, "delete_all", self._erase(messages.delete_all, Moment.MARKED))
        patch.setattr(erasing, "remove", self._erase(erasing.remove, Moment.EMPTIED))

    def reset(self) -> None:
        """Two new processes."""
        self.outages: list[str] = []
        self._held = [SessionCache(CACHE_BYTES), SessionCache(CACHE_BYTES)]
        self.restart()

    def take(self, process: int, *, dies_at: Moment | None = None) -> None:
        """The next request is this process's; with `dies_at` it is its last."""
        self._taking, self._dies_at = process, dies_at
        held, ask = self._held[process], self._ask(converse)
        self._patch.setattr(views, "send_message", partial(send_message.send_message, ask=ask, held=held))
        self._patch.setattr(views, "stream_message", partial(stream_message.stream_message, held=held))

    def restart(self) -> None:
        """Another process in the place of the one that died."""
        self._held[self._taking] = SessionCache(CACHE_BYTES)
        self._dies_at = None
        self._dying.clear()

    def _begin(self, begin: Callable[P, Turn]) -> Callable[P, Turn]:
        def begin_and_die(*args: P.args, **kwargs: P.kwargs) -> Turn:
            turn = begin(*args, **kwargs)
            if self._dies_at:
                self._dying[turn.pending.turn_id] = self._dies_at
            self._maybe_die(self._dies_at, Moment.BEGUN)
            return turn

        return begin_and_die

    def _ask(self, ask: Callable[P, R]) -> Callable[P, R]:
        def ask_and_die(*args: P.args, **kwargs: P.kwargs) -> R:
            reply = ask(*args, **kwargs)
            if self._dies_at is Moment.ASKED and isinstance(reply, ReplyStream):
                reply.close()
            self._maybe_die(
                self._dies_at, Moment.ASKED
            )  # every other turn that is under way has been answered or waits
            return reply

        return ask_and_die

    def _end(self, end: Callable[P, None], before: Moment, after: Moment) -> Callable[P, None]:
        def end_and_die(*args: P.args, **kwargs: P.kwargs) -> None:
            turn = cast("Turn", args[0])
            dies_at = self._dying.get(turn.pending.turn_id)
            self._maybe_die(dies_at, before)
            try:
                end(*args, **kwargs)
            except StoreUnavailable as error:
                self.outages.append(str(error))
                raise
            self._maybe_die(dies_at, after)

        return end_and_die

    def _run(self, run: Callable[..., None]) -> Callable[..., None]:
        def run_and_die(turn: Turn, order: object, tell: Callable[[object], None], *rest: object) -> None:
            try:
                run(turn, order, tell, *rest)
            except ProcessDied as death:
                tell(stream_message.Failed(death))  # type: ignore[arg-type]  # in the place of a broken connection

        return run_and_die

    def _book(self, book: Callable[P, None]) -> Callable[P, None]:
        def book_and_die(*args: P.args, **kwargs: P.kwargs) -> None:
            book(*args, **kwargs)
            self._maybe_die(self._dies_at, Moment.BOOKED)

        return book_and_die

    def _erase(self, step: Callable[P, None], before: Moment) -> Callable[P, None]:
        def erase_and_die(*args: P.args, **kwargs: P.kwargs) -> None:
            self._maybe_die(self._dies_at, before)
            step(*args, **kwargs)

        return erase_and_die

    @staticmethod
    def _maybe_die(dies_at: Moment | None, moment: Moment) -> None:
        if dies_at is moment:
            raise ProcessDied(moment.value)
