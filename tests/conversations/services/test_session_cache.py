"""What is held of a session is never taken for more than it is, and the cache never outgrows its bound."""

import datetime as dt

import pytest

from conversations.domain import Session
from conversations.services.context import Exchange
from conversations.services.session_cache import Held, SessionCache

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
EXCHANGES = (Exchange.of("Hello", "Hi"), Exchange.of("How are you?", "Well."))


def session(session_id: str = "s", *, created_at: dt.datetime = NOON, version: int = 3) -> Session:
    return Session(session_id, "alice", "Title", created_at, NOON, version=version)


def held(*exchanges: Exchange, version: int = 3, created_at: dt.datetime = NOON) -> Held:
    return Held(created_at, version, NOON, exchanges or EXCHANGES)


@pytest.fixture
def cache() -> SessionCache:
    return SessionCache(max_bytes=20_000)


def test_gives_back_what_it_holds_of_the_session_as_it_is(cache: SessionCache) -> None:
    cache.put("s", held())

    assert cache.get(session()) == held()


def test_knows_nothing_of_a_session_it_never_saw(cache: SessionCache) -> None:
    cache.put("s", held())

    assert cache.get(session("other")) is None


def test_gives_back_what_it_holds_of_an_earlier_version_which_it_names(cache: SessionCache) -> None:
    cache.put("s", held(version=3))

    assert cache.get(session(version=5)) == held(version=3)


def test_has_nothing_of_a_session_that_is_not_yet_where_it_was(cache: SessionCache) -> None:
    cache.put("s", held(version=4))

    assert cache.get(session(version=3)) is None


@pytest.mark.parametrize("later", [-1, 1])
def test_has_nothing_of_another_session_with_the_same_id(cache: SessionCache, later: int) -> None:
    cache.put("s", held(created_at=NOON))

    assert cache.get(session(created_at=NOON + dt.timedelta(microseconds=later))) is None


def test_the_newer_takes_the_place_of_the_older(cache: SessionCache) -> None:
    cache.put("s", held(EXCHANGES[0], version=3))
    cache.put("s", held(version=4))

    assert cache.get(session(version=4)) == held(version=4)


def test_drops_the_oldest_when_what_it_holds_outgrows_the_bound(cache: SessionCache) -> None:
    sessions = [session(f"s{number}") for number in range(50)]
    for each in sessions:
        cache.put(each.session_id, held(Exchange.of("q" * 500, "a" * 500)))

    kept = [each.session_id for each in sessions if cache.get(each)]
    assert 10 <= len(kept) <= 20  # of a thousand characters each, and what is around them
    assert kept == [each.session_id for each in sessions[-len(kept) :]]


def test_counts_what_exchanges_cost_beside_their_text(cache: SessionCache) -> None:
    cache.put("s", held(*[Exchange.of("q", "a")] * 1_000))

    assert cache.get(session()) is None


def test_does_not_keep_more_than_the_whole_cache_takes_and_leaves_the_others(cache: SessionCache) -> None:
    cache.put("small", held())
    cache.put("large", held(Exchange.of("q" * 20_000, "a")))

    assert (cache.get(session("small")), cache.get(session("large"))) == (held(), None)


def test_forgets_the_older_of_a_session_whose_newer_is_too_large(cache: SessionCache) -> None:
    cache.put("s", held(version=3))
    cache.put("s", held(Exchange.of("q" * 20_000, "a"), version=4))

    assert cache.get(session(version=4)) is None
