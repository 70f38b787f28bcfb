"""The trace that headers name, and headers that name none."""

import pytest

from telemetry.trace_context import TraceParent, find_parent, invocation_header

TRACE, SPAN, ANOTHER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"
ROOT = f"Root=1-{TRACE[:8]}-{TRACE[8:]}"


def parent(headers: dict[str, str], *, xray_first: bool = False) -> TraceParent | None:
    return find_parent(headers.get, xray_first=xray_first)


@pytest.mark.parametrize(
    ("traceparent", "sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-brings", True),
    ],
)
def test_reads_traceparent(traceparent: str, sampled: bool) -> None:
    assert parent({"traceparent": traceparent}) == TraceParent(TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_passes_over_what_is_no_traceparent(traceparent: str) -> None:
    assert parent({"traceparent": traceparent}) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"{ROOT};Parent={SPAN};Sampled=1", TraceParent(TRACE, SPAN, sampled=True)),
        (f"{ROOT};Parent={SPAN};Sampled=0", TraceParent(TRACE, SPAN, sampled=False)),
        (f"Self=1-67891234-12456789abcdef012345678a;{ROOT}", TraceParent(TRACE, "", sampled=True)),
        (f"{ROOT.upper().replace('ROOT', 'Root')}; Parent={SPAN}; Lineage=a", TraceParent(TRACE, SPAN, sampled=True)),
        ("Root=1-5759e988", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_reads_amazons_header(header: str, found: TraceParent | None) -> None:
    assert parent({"X-Amzn-Trace-Id": header}) == found


def test_w3c_comes_first_and_with_xray_amazon_does() -> None:
    headers = {"traceparent": f"00-{TRACE}-{ANOTHER}-01", "X-Amzn-Trace-Id": f"{ROOT};Parent={SPAN}"}

    assert parent(headers) == TraceParent(TRACE, ANOTHER, sampled=True)
    assert parent(headers, xray_first=True) == TraceParent(TRACE, SPAN, sampled=True)


def test_the_invocation_knows_more_than_the_requests_header() -> None:
    held = invocation_header.set(f"{ROOT};Parent={SPAN};Sampled=1")
    try:
        assert parent({"X-Amzn-Trace-Id": ROOT}) == TraceParent(TRACE, SPAN, sampled=True)
    finally:
        invocation_header.reset(held)
