"""Reading a query to its end, page by page."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from core.deadline import Deadline
from dynamodb_client.retrying import through_conflicts

# How long an outage may be for which a reader waits.
OUTAGE_SECONDS = 2


def every_item(query: Callable[..., Any], *, start: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The items of all pages, read as far as they are asked for. Raises StoreUnavailable.

    `query` takes `exclusive_start_key`; `start` is that of the first page.
    """
    while True:  # ends with what is asked for: a shorter bound would pass for its end
        outage = Deadline.after(OUTAGE_SECONDS)
        page = partial(query, exclusive_start_key=start)
        answer = through_conflicts(page, deadline=outage, outages_until=outage)
        yield from answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if not start:
            return
