"""A client for which a call that hangs has timed out at once: nobody waits, and no slow answer passes for silence.

The read timeout of the SDK itself is what `test_faults.py` here and `tests/conversations/store` wait out.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from core.http_exchange import Answer
from core.quick_calls import QuickCalls
from dynamodb_client.quick import QuickClient

from .proxy import CALL_HEADER, Proxy

# Of every call of every hurried client, so that one proxy may serve several.
_numbers = count()


def hurry(client: QuickClient, proxy: Proxy) -> None:
    """From now on each call has a number. The proxy breaks a connection instead of holding it, and remembers whose."""
    session = client.sdk._endpoint.http_session

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        call = str(next(_numbers))
        request.headers[CALL_HEADER] = call
        try:
            answer: AWSResponse = session.send(request)
        except ConnectionClosedError as error:
            if call in proxy.held:
                raise ReadTimeoutError(endpoint_url=request.url) from error
            raise
        return answer

    # What this handler answers or raises stands for what the network does.
    client.sdk.meta.events.register("before-send.dynamodb", send)
    if client.calls:
        _number(client.calls)


def _number(calls: QuickCalls) -> None:
    post = calls.post

    def numbered(path: str, body: bytes, headers: Mapping[str, str], **options: Any) -> Answer:  # noqa: ANN401
        return post(path, body, {**headers, CALL_HEADER: str(next(_numbers))}, **options)

    calls.post = numbered  # type: ignore[method-assign]  # this client is the test's own
