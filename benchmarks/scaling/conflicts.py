"""How often commits meet in the ledger: two transactions that touch one item at the same time refuse each other.

Turns of one owner and model begin to commit at random moments, each on the item of its session's shard. A commit that
finds its item held is refused and tries again after a pause with full jitter, as dynamodb_client/retrying.py does.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import log
from random import Random

from dynamodb_client.retrying import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS

# So many turns are simulated, and so many tries of one: an end that no deadline allows to be reached.
MOST_TURNS = 4_000
_MOST_TRIES = 1_000


@dataclass(frozen=True, slots=True)
class Contention:
    """What came of the turns: how many, the ones refused at least once, the ones that gave up, and all tries.

    `wait_99` is how many seconds later than at the first try 99 of 100 were stored; `seconds` when the last one ended.
    """

    turns: int
    refused_once: int
    gave_up: int
    tries: int
    wait_99: float
    seconds: float


@dataclass(slots=True)
class _Commit:
    item: int
    began: float
    longest_pause: float = FIRST_PAUSE_SECONDS
    tries: int = 0


def simulate(
    rate: float, *, shards: int, hold_seconds: float, deadline_seconds: float, seconds: float, rng: Random
) -> Contention:
    """`rate` commits a second for `seconds`, or MOST_TURNS if those are fewer, over `shards` items."""
    commits = _arrivals(rate, shards, seconds, rng)
    waiting = [(commit.began, number) for number, commit in enumerate(commits)]
    heapify(waiting)
    free_at = [0.0] * shards
    waits: list[float] = []
    gave_up, now = 0, 0.0
    while waiting:
        now, number = heappop(waiting)
        commit = commits[number]
        commit.tries += 1
        if free_at[commit.item] <= now:
            free_at[commit.item] = now + hold_seconds
            waits.append(now - commit.began)
            continue
        # The refusal takes as long as the commit would have.
        again = now + hold_seconds + rng.uniform(0, commit.longest_pause)
        commit.longest_pause = min(2 * commit.longest_pause, LONGEST_PAUSE_SECONDS)
        if again - commit.began > deadline_seconds or commit.tries == _MOST_TRIES:
            gave_up += 1
        else:
            heappush(waiting, (again, number))
    return Contention(
        turns=len(commits),
        refused_once=sum(commit.tries > 1 for commit in commits),
        gave_up=gave_up,
        tries=sum(commit.tries for commit in commits),
        wait_99=sorted(waits)[int(0.99 * (len(waits) - 1))] if waits else 0.0,
        seconds=now,
    )


def _arrivals(rate: float, shards: int, seconds: float, rng: Random) -> list[_Commit]:
    found: list[_Commit] = []
    now = 0.0
    for _ in range(MOST_TURNS):
        now += -log(1.0 - rng.random()) / rate
        if now > seconds:
            break
        found.append(_Commit(rng.randrange(shards), now))
    return found
