"""The function's entry point on AWS Lambda: `python -m awslambdaric deployment.lambda_handler.handler`.

Answers events of a function URL, of API Gateway (REST and HTTP APIs) and of an Application Load Balancer with the same
application that gunicorn serves. A streamed answer is sent in one piece, when its turn has ended.
"""

import gc

# Nearly everything that imports make stays. The collector would look through it again and again.
gc.disable()

import logging  # noqa: E402  # from here on without the collector
import os  # noqa: E402  # as above
import threading  # noqa: E402  # as above
from typing import Any  # noqa: E402  # as above

from apig_wsgi import make_lambda_handler  # noqa: E402  # as above
from django.urls import get_resolver  # noqa: E402  # as above

from chatbot_project.wsgi import application  # noqa: E402  # as above
from conversations.services.warm_up import warm_up  # noqa: E402  # as above
from deployment.lambda_events import LambdaRequests, cleaned  # noqa: E402  # as above
from telemetry.invocations import invocation  # noqa: E402  # as above

logger = logging.getLogger("deployment")

# What runs beside a request. Lambda freezes the process when the request is answered, and with it these in mid-call.
BESIDE_REQUESTS = frozenset({"turn", "key-last-use", "oidc-keys"})
BESIDE_SECONDS = 2.0


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # awslambdaric has no types
    """Lambda's answer to one HTTP request. Raises what it raises for an event that is none: a failed invocation."""
    # Another at each invocation, so no setting.
    with invocation(os.environ.get("_X_AMZN_TRACE_ID", "")):
        answer: dict[str, Any] = _handle(cleaned(event), context)
        for thread in threading.enumerate():
            if thread.name in BESIDE_REQUESTS:
                thread.join(BESIDE_SECONDS)
    return answer


def _initialise() -> None:
    """What the first request would pay for otherwise. Asks nobody over the network."""
    try:
        warm_up()
        _ = get_resolver().url_patterns
    except Exception:
        logger.exception("Warming up failed: the first request will be slower.")
    gc.freeze()
    gc.enable()


_handle = make_lambda_handler(LambdaRequests(application), binary_support=True)
_initialise()
