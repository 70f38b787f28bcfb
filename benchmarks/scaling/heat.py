"""How hot the hottest partition of an index becomes: chats are dealt out to partitions and counted."""

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random

# So many chats are dealt out, but a second's at least and a minute's at most: more would not change the figures much.
MOST_CHATS = 100_000
_LONGEST_SECONDS = 60.0
MOST_SHARDS = 4_096


@dataclass(frozen=True, slots=True)
class Heat:
    """Units a second of the hottest partition: on average, and in the busiest second of any of them."""

    average: float
    busiest_second: float


def shard_of(session_id: str, shards: int) -> int:
    """As conversations/store/tables.py has it; a test compares them."""
    return zlib.crc32(session_id.encode()) % shards


def hottest_shard(rate: float, *, shards: int, sessions: int, units: float, rng: Random) -> Heat:
    """Of an index whose shard is a hash of the session's id; `sessions` are in use, and each chats as often."""
    of_session = [shard_of(f"{rng.getrandbits(128):032x}", shards) for _ in range(max(1, min(sessions, MOST_CHATS)))]
    seconds = _seconds(rate)
    return _heat(rng.choices(of_session, k=round(rate * seconds)), seconds, units, rng)


def hottest_owner(rate: float, *, owners: int, skew: float, units: float, rng: Random) -> Heat:
    """Of an index whose partition is an owner; the n-th owner has n**-skew times the chats of the first (Zipf)."""
    weights = list(accumulate(rank**-skew for rank in range(1, owners + 1)))
    seconds = _seconds(rate)
    return _heat(rng.choices(range(owners), cum_weights=weights, k=round(rate * seconds)), seconds, units, rng)


def least_shards(
    rate: float, *, first: int, partition_writes: int, sessions: int, units: float, rng: Callable[[], Random]
) -> int | None:
    """The first number, doubled from `first`, with which no shard is above its partition on average.

    None where it would be more than MOST_SHARDS.
    """
    shards = first
    while shards <= MOST_SHARDS:
        # No hottest is below the even share, so what that rules out is not simulated.
        if rate * units / shards <= partition_writes:
            heat = hottest_shard(rate, shards=shards, sessions=sessions, units=units, rng=rng())
            if heat.average <= partition_writes:
                return shards
        shards *= 2
    return None


def _seconds(rate: float) -> float:
    return max(1.0, min(_LONGEST_SECONDS, MOST_CHATS / rate))


def _heat(partitions: list[int], seconds: float, units: float, rng: Random) -> Heat:
    by_second = Counter((partition, int(rng.random() * seconds)) for partition in partitions)
    return Heat(
        average=units * max(Counter(partitions).values(), default=0) / seconds,
        busiest_second=units * max(by_second.values(), default=0),
    )
