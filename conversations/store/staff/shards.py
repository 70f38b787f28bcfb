"""A day of an index is split over shards; reading all of them takes as long as reading a few."""

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

T = TypeVar("T")

# So many queries of one page are under way at once: a page of staff's shall not crowd out the chat.
AT_ONCE = 8


def every_shard(read: Callable[[int], T], *, shards: int) -> list[T]:
    """What `read` returns for each shard's number, in their order. Raises what the first that fails raises.

    Once one has failed no other is begun, so a page waits for a DynamoDB that is silent once and not shard by shard.
    """
    has_failed = Event()

    def read_unless_failed(number: int) -> T:
        # They are begun in order: before one that is not begun stands the one that failed, and that is what is raised.
        if has_failed.is_set():
            raise CancelledError
        try:
            return read(number)
        except BaseException:
            has_failed.set()
            raise

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="shards") as pool:
        return list(pool.map(read_unless_failed, range(shards)))
