"""A day of an index is split over shards; reading all of them takes as long as reading a few."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

# So many queries of one page are under way at once: a page of staff's shall not crowd out the chat.
AT_ONCE = 8


def every_shard(read: Callable[[int], T], *, shards: int) -> list[T]:
    """What `read` returns for each shard's number, in their order. Raises what the first that fails raises."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="shards")
    try:
        return list(pool.map(read, range(shards)))
    finally:
        pool.shutdown(cancel_futures=True)  # one has failed: the others are not begun
