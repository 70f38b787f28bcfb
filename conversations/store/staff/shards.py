"""A day of an index is split over shards; reading all of them takes as long as reading a few."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

# So many queries of one page are under way at once: a page of staff's shall not crowd out the chat.
AT_ONCE = 8


def every_shard(read: Callable[[int], T], *, shards: int) -> list[T]:
    """What `read` returns for each shard's number, in their order. Raises what the first that fails raises.

    Once one has failed no other is begun, so a page waits for a DynamoDB that is silent once and not shard by shard.
    """
    failures: list[BaseException] = []

    def read_unless_failed(number: int) -> T:
        if failures:
            raise failures[0]
        try:
            return read(number)
        except BaseException as error:
            failures.append(error)
            raise

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="shards") as pool:
        return list(pool.map(read_unless_failed, range(shards)))
