"""Which request is being answered, for everything that is logged or recorded on the way."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class RequestContext:
    """One request. Times are of time.monotonic(); ids are empty where there are none, `owner` until it is known.

    `trace` is the parent that the caller named, `trace_id` the trace that the request belongs to.
    """

    request_id: str
    started: float
    queue_seconds: float = 0.0
    trace_id: str = ""
    parent_id: str = ""
    sampled: bool = True
    owner: str = ""


current_request: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)
