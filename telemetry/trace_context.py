"""The trace that a caller or a load balancer says a request belongs to.

W3C's traceparent (https://www.w3.org/TR/trace-context/) and AWS's X-Amzn-Trace-Id
(https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader).
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_ROOT = re.compile(r"(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})", re.IGNORECASE)
_PARENT = re.compile(r"(?:^|;)\s*Parent=(?!0{16})([0-9a-f]{16})", re.IGNORECASE)
_NOT_SAMPLED = re.compile(r"(?:^|;)\s*Sampled=0")
_SAMPLED_FLAG = 1

# What Lambda says of the invocation under way: it names the function's own segment, the request's header does not.
invocation_header: ContextVar[str] = ContextVar("invocation_header", default="")


@dataclass(frozen=True, slots=True)
class TraceParent:
    """A place in a trace, in hexadecimal. `span_id` is empty where only the trace is named."""

    trace_id: str
    span_id: str
    sampled: bool


def find_parent(header: Callable[[str], str | None], *, xray_first: bool) -> TraceParent | None:
    """The parent that the headers name; X-Ray's before W3C's if `xray_first`. What cannot be read is not there."""
    xray = _from_xray(invocation_header.get() or header("X-Amzn-Trace-Id"))
    if xray and xray_first:
        return xray
    return _from_w3c(header("traceparent")) or xray


def _from_w3c(text: str | None) -> TraceParent | None:
    found = _TRACEPARENT.fullmatch(text) if text else None
    # A later version may say more behind the flags; the first may not.
    if found is None or (found[4] and text and text.startswith("00")):
        return None
    return TraceParent(found[1], found[2], sampled=bool(int(found[3], 16) & _SAMPLED_FLAG))


def _from_xray(text: str | None) -> TraceParent | None:
    root = _ROOT.search(text) if text else None
    if root is None or not text:
        return None
    parent = _PARENT.search(text)
    trace_id = (root[1] + root[2]).lower()
    return TraceParent(trace_id, parent[1].lower() if parent else "", sampled=not _NOT_SAMPLED.search(text))
