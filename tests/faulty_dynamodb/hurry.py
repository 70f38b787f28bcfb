"""A client for which a call that hangs has timed out at once: nobody waits, and no slow answer passes for silence.

The read timeout of the SDK itself is what `test_faults.py` here and `tests/conversations/store` wait out.
"""

from itertools import count
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from .proxy import CALL_HEADER, Proxy


def hurry(client: Any, proxy: Proxy) -> None:  # noqa: ANN401  # botocore makes the client's class at run time
    """From now on each call has a number. The proxy breaks a connection instead of holding it, and remembers whose."""
    session, numbers = client._endpoint.http_session, count()

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        call = str(next(numbers))
        request.headers[CALL_HEADER] = call
        try:
            answer: AWSResponse = session.send(request)
        except ConnectionClosedError as error:
            if call in proxy.held:
                raise ReadTimeoutError(endpoint_url=request.url) from error
            raise
        return answer

    # What this handler answers or raises stands for what the network does.
    client.meta.events.register("before-send.dynamodb", send)
