"""Valkey's user may do what limits take, and nothing else."""

import re
from collections.abc import Iterator

import pytest
from limits import parse
from redis import Redis
from redis.exceptions import NoPermissionError

from access.limits.shared import SharedStore
from tests.access.limits.redis_server import RedisServer
from tests.deployment.terraform.stacks import STACKS

PASSWORD = "of-a-test"  # of a server that this test starts


@pytest.fixture
def url() -> Iterator[str]:
    """Of a server that knows the user as Terraform makes it."""
    terraform = (STACKS / "app-eks" / "cache.tf").read_text()
    (rules,) = re.findall(r'^\s*access_string = "(.*)"$', terraform, flags=re.MULTILINE)
    server = RedisServer()
    with Redis(port=server.port) as admin:
        admin.execute_command("ACL", "SETUSER", "chatbot-api", f">{PASSWORD}", *rules.split())
    yield server.url.replace("redis://", f"redis://chatbot-api:{PASSWORD}@").replace("&timeout=20", "")
    server.kill()


def test_limits_are_counted(url: str) -> None:
    store = SharedStore(url)

    places = [store.take_place("alice", place, most=1, seconds=60) for place in ("one", "two")]
    store.leave_place("alice", "one")
    taken = [store.windows.take(parse("2/minute"), "alice").allowed for _ in range(3)]

    assert places == [True, False]
    assert store.take_place("alice", "two", most=1, seconds=60)
    assert taken == [True, True, False]
    assert not store.windows.look(parse("2/minute"), "alice").allowed


@pytest.mark.parametrize(
    "command", [["GET", "others"], ["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "GET", "*"], ["ACL", "LIST"]]
)
def test_nothing_else_is_allowed(url: str, command: list[str]) -> None:
    with Redis.from_url(url) as caller, pytest.raises(NoPermissionError):
        caller.execute_command(*command)
