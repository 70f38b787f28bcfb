"""A cached window is used for the very state it was made from, and the cache never outgrows its bound."""

import dataclasses
import datetime as dt

import pytest

from conversations.domain import Session
from conversations.services.context import Exchange
from conversations.services.session_cache import SessionCache

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
WINDOW = (Exchange.of("Hello", "Hi"), Exchange.of("How are you?", "Well."))


def session(session_id: str = "s", *, created_at: dt.datetime = NOON, version: int = 3) -> Session:
    return Session(session_id, "alice", "Title", created_at, NOON, version=version)


@pytest.fixture
def cache() -> SessionCache:
    return SessionCache(max_bytes=20_000)


def test_gives_back_the_window_of_the_state_it_was_made_from(cache: SessionCache) -> None:
    cache.put(session(), 3, WINDOW)

    assert cache.get(session()) == WINDOW


def test_knows_nothing_of_a_session_it_never_saw(cache: SessionCache) -> None:
    cache.put(session("s"), 3, WINDOW)

    assert cache.get(session("other")) is None


def test_keeps_the_window_for_the_version_that_the_turn_commits(cache: SessionCache) -> None:
    before = session(version=3)
    cache.put(before, 4, WINDOW)

    assert (cache.get(before), cache.get(dataclasses.replace(before, version=4))) == (None, WINDOW)


@pytest.mark.parametrize("version", [2, 4])
def test_refuses_a_window_of_another_version(cache: SessionCache, version: int) -> None:
    cache.put(session(version=3), 3, WINDOW)

    assert cache.get(session(version=version)) is None


def test_refuses_a_window_of_an_erased_session_that_was_begun_again(cache: SessionCache) -> None:
    cache.put(session(created_at=NOON), 3, WINDOW)

    assert cache.get(session(created_at=NOON + dt.timedelta(microseconds=1))) is None


def test_an_empty_window_is_known_to_be_empty(cache: SessionCache) -> None:
    cache.put(session(), 3, ())

    assert cache.get(session()) == ()


def test_a_newer_window_takes_the_place_of_the_older(cache: SessionCache) -> None:
    cache.put(session(version=3), 3, WINDOW[:1])
    cache.put(session(version=4), 4, WINDOW)

    assert (cache.get(session(version=3)), cache.get(session(version=4))) == (None, WINDOW)


def test_drops_the_oldest_windows_when_their_text_outgrows_the_bound(cache: SessionCache) -> None:
    window = (Exchange.of("q" * 500, "a" * 500),)
    sessions = [session(f"s{number}") for number in range(50)]
    for each in sessions:
        cache.put(each, 3, window)

    held = [each.session_id for each in sessions if cache.get(each)]
    assert 10 <= len(held) <= 20  # of a thousand characters each, and what is around them
    assert held == [each.session_id for each in sessions[-len(held) :]]


def test_counts_what_exchanges_cost_beside_their_text(cache: SessionCache) -> None:
    cache.put(session(), 3, (Exchange.of("q", "a"),) * 1_000)

    assert cache.get(session()) is None


def test_does_not_keep_a_window_larger_than_the_whole_cache_and_leaves_the_others(cache: SessionCache) -> None:
    cache.put(session("small"), 3, WINDOW)
    cache.put(session("large"), 3, (Exchange.of("q" * 20_000, "a"),))

    assert (cache.get(session("small")), cache.get(session("large"))) == (WINDOW, None)


def test_forgets_the_older_window_of_a_session_whose_new_one_is_too_large(cache: SessionCache) -> None:
    cache.put(session(), 3, WINDOW)
    cache.put(session(), 3, (Exchange.of("q" * 20_000, "a"),))

    assert cache.get(session()) is None
