"""The server's image at work, with the environment of production and this machine in AWS's place."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.conf import settings

from local_aws.ports import free_port
from tests.deployment.images.containers import SERVER, Container, run
from tests.processes.waiting import until

START_SECONDS = 60


@pytest.fixture(scope="module")
def production(ministack: str) -> dict[str, str]:
    """Variables of the application; there are no tables yet."""
    httpx.post(f"{ministack}/_ministack/reset").raise_for_status()
    bedrock = f"http://127.0.0.1:{settings.BEDROCK_PORT}"
    return {
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": "sqlite:////tmp/staff.sqlite3",
        "SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO,https",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "000000000001",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_ENDPOINT_URL_DYNAMODB": ministack,
        "AWS_ENDPOINT_URL_BEDROCK": bedrock,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock,
    }


@pytest.fixture(scope="module")
def tables_made(production: dict[str, str]) -> None:
    """Tables, made by the image."""
    made = run(SERVER, "python", "manage.py", "create_tables", variables=production)
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(production: dict[str, str], tables_made: None, port: int) -> Iterator[Container]:
    """The server, which answers already; with staff's tables."""
    with _serving(production, port) as container:
        container.execute("python", "manage.py", "migrate", "--verbosity", "0")
        yield container


@pytest.fixture
def ending_server(production: dict[str, str], tables_made: None) -> Iterator[tuple[Container, str]]:
    """Another one for a test to stop, and its address."""
    other_port = free_port()
    with _serving(production, other_port) as container:
        yield container, f"http://127.0.0.1:{other_port}"


@pytest.fixture(scope="module")
def secret(server: Container) -> str:
    """An API key, made in the container."""
    return server.execute("python", "manage.py", "api_key", "create", "--owner", "alice", "--name", "tests").strip()


@pytest.fixture
def caller(server: Container, port: int, secret: str, bedrock: object) -> Iterator[httpx.Client]:
    """Somebody with that key, behind a load balancer that ends TLS."""
    headers = {"X-API-Key": secret, "X-Forwarded-Proto": "https"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        yield client


@contextmanager
def _serving(production: dict[str, str], port: int) -> Iterator[Container]:
    # Other servers of this machine may have the usual port of metrics: containers here share its network.
    ports = {"PORT": str(port), "METRICS_PORT": str(free_port())}
    container = Container(SERVER, variables=production | ports)
    try:
        until(lambda: _answers(container, port), seconds=START_SECONDS)
        yield container
    finally:
        container.remove()


def _answers(container: Container, port: int) -> bool:
    assert container.is_running(), container.log
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
