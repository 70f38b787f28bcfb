"""Two servers as they are deployed, one Redis."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.processes.conftest import StartServer, client, start_server  # noqa: F401  # fixtures

from .redis_server import RedisServer

# Counted like any request, and answered without a look at DynamoDB.
BAD_REQUEST = "/sessions?limit=many"


def test_two_servers_let_exactly_the_rate_through_until_redis_is_away(
    redis_server: RedisServer,
    start_server: StartServer,  # noqa: F811  # the fixture above
    client: httpx.Client,  # noqa: F811  # the fixture above
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    monkeypatch.setenv("RATE_LIMIT", "53/hour")
    servers = [start_server() for _ in range(2)]

    def ask(number: int) -> int:
        return client.get(servers[number % 2].url + BAD_REQUEST).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(400)))
        assert (answers.count(400), answers.count(429)) == (53, 347)
        redis_server.kill()
        assert list(pool.map(ask, range(40))) == [400] * 40
