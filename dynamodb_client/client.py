"""One DynamoDB client for every model and thread of the process.

PynamoDB would make a client for each model class (70 ms and 10 MB apiece) on its first use; here one is made, by
`warm_up` before the first request.
"""

import threading
from functools import cache
from typing import Any

from botocore.config import Config
from django.conf import settings
from pynamodb.connection import Connection, TableConnection
from pynamodb.models import Model

from core.aws_clients import make_client
from dynamodb_client.answers import take_as_they_stand

CONNECT_TIMEOUT_SECONDS = 1
# The slowest single call of ours answers in tens of milliseconds; three tries of three seconds fit into any deadline.
READ_TIMEOUT_SECONDS = 3
MAX_ATTEMPTS = 3

_making = threading.Lock()


@cache
def _make_client() -> Any:  # noqa: ANN401  # botocore makes the client's class at run time
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
    return client


def dynamodb_client() -> Any:  # noqa: ANN401  # botocore makes the client's class at run time
    """The process's client; the first call makes it, at a cost of about 80 ms."""
    with _making:
        return _make_client()


class SharedConnection(Connection):
    """PynamoDB's connection over the process's one client."""

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
