"""The project's settings under test: MiniStack and the scripted Bedrock on ports of this process, nothing real."""

import os
import socket
from tempfile import TemporaryDirectory


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_static = TemporaryDirectory()  # WhiteNoise warns of a folder that is not there; removed at the end
_staff = TemporaryDirectory()
MINISTACK_PORT = _free_port()
BEDROCK_PORT = _free_port()

for name in [name for name in os.environ if name.startswith(("AWS_", "BEDROCK_"))]:
    if name != "AWS_CA_BUNDLE":
        del os.environ[name]
os.environ.update(
    DJANGO_SECRET_KEY="a-key-for-tests-only-of-fifty-characters-that-signs-nothing",
    DATABASE_URL="sqlite:///:memory:",
    ALLOW_ANONYMOUS="on",
    RATE_LIMIT="",  # the tests of limits set their own; others may send what they like
    RATE_LIMIT_FAILURES="",
    MAX_CONCURRENT_TURNS="0",
    STATIC_ROOT=_static.name,
    AWS_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="000000000001",
    AWS_SECRET_ACCESS_KEY="not-a-secret",
    AWS_ENDPOINT_URL_DYNAMODB=f"http://127.0.0.1:{MINISTACK_PORT}",
    AWS_ENDPOINT_URL_BEDROCK=f"http://127.0.0.1:{BEDROCK_PORT}",
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME=f"http://127.0.0.1:{BEDROCK_PORT}",
)

from chatbot_project.settings import *  # noqa: E402, F403
from chatbot_project.settings import DATABASES, LOGGING  # noqa: E402

# Hashing a password slowly, as Django does by itself, is most of what signing in costs.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file: Django never closes a database in memory, and what stays open shows in the tests that come after.
DATABASES["default"]["TEST"] = {"NAME": f"{_staff.name}/staff.sqlite3"}

LOGGING["loggers"]["httpx"] = {
    "level": "WARNING"
}  # a failing test shows what the server logs, not each request of its own
