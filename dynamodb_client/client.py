"""One DynamoDB client for every model and thread of the process.

PynamoDB would make a client for each model class (70 ms and 10 MB apiece) on its first use; here one is made, by
`warm_up` before the first request.
"""

import threading
import time
from functools import cache
from typing import Any

from botocore.config import Config
from django.conf import settings
from pynamodb.connection import Connection, TableConnection
from pynamodb.models import Model

from core.aws_clients import make_client
from core.quick_calls import quick_calls
from dynamodb_client.answers import take_as_they_stand
from dynamodb_client.faults import outcome_of
from dynamodb_client.quick import QuickClient
from dynamodb_client.throttles import count_throttles
from telemetry.calls import store_call

CONNECT_TIMEOUT_SECONDS = 1
# The slowest single call of ours answers in tens of milliseconds; three tries of three seconds fit into any deadline.
READ_TIMEOUT_SECONDS = 3
# The SDK's own attempts, behind the quick one of item operations.
MAX_ATTEMPTS = 2

_making = threading.Lock()


@cache
def _make_client() -> QuickClient:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
        max_pool_connections=settings.GUNICORN_CONNECTIONS,
        parameter_validation=False,  # what is sent is built by PynamoDB and proven by our tests
        tcp_keepalive=True,
        user_agent="chatbot-backend",  # the default one is put together anew on every call
    )
    client = make_client("dynamodb", settings.AWS_REGION, config)
    take_as_they_stand(client)
    count_throttles(client)
    return QuickClient(client, quick_calls(client))


def dynamodb_client() -> QuickClient:
    """The process's client; the first call makes it, at a cost of about 80 ms."""
    with _making:
        return _make_client()


class SharedConnection(Connection):
    """PynamoDB's connection over the process's one client. Each call is counted."""

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        begun, outcome = time.perf_counter(), "ok"
        try:
            return super()._make_api_call(operation_name, operation_kwargs)
        except Exception as error:
            outcome = outcome_of(error)
            raise
        finally:
            store_call(operation_name, outcome, time.perf_counter() - begun)

    @property
    def client(self) -> Any:  # noqa: ANN401  # the base class's type is private to PynamoDB
        return dynamodb_client()


class Row(Model):
    """Base of every model: the shared client instead of one of its own."""

    @classmethod
    def table(cls) -> TableConnection:
        """The model's low-level table, for what PynamoDB's models cannot say."""
        return cls._get_connection()

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        if not isinstance(table.connection, SharedConnection):
            shared = SharedConnection(region=settings.AWS_REGION)
            shared.add_meta_table(table.get_meta_table())
            table.connection = shared
        return table
