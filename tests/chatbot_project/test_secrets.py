"""Secrets from files and from AWS Secrets Manager, and what is said when they cannot be read."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from chatbot_project.secrets import resolved
from tests.chatbot_project.production import ENVIRONMENT, KEY, settings_of

NAMES = ("DJANGO_SECRET_KEY", "DATABASE_URL")
URL = "postgres://chatbot:from-the-vault@database.example.com:5432/chatbot"
PREFIX = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:"
SECRETS = {
    "plain-AbCdEf": {"SecretString": KEY},
    "object-AbCdEf": {"SecretString": json.dumps({"url": URL, "port": 5432})},
    "binary-AbCdEf": {"SecretBinary": "AAE="},
}
PLAIN, OBJECT, BINARY = (PREFIX + name for name in SECRETS)
# Fetched by a process of its own, and on Lambda by this one.
PLACES: tuple[dict[str, str], ...] = ({}, {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"})


class _Vault(BaseHTTPRequestHandler):
    """GetSecretValue, as AWS Secrets Manager answers it."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["SecretId"]
        held = SECRETS.get(asked.removeprefix(PREFIX))
        body = json.dumps(held or {"__type": "ResourceNotFoundException", "Message": "No such secret."}).encode()
        self.send_response(200 if held else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests of a test are no news."""


@pytest.fixture(autouse=True)
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Secrets Manager that the SDK finds."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Vault) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{server.server_address[1]}")
        yield
        server.shutdown()
        thread.join()


def test_values_of_the_environment_stay_as_they_are() -> None:
    environment = {"DJANGO_SECRET_KEY": "a value\n", "OTHER_FILE": "/nowhere"}

    assert resolved(environment, NAMES) == environment


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_file_gives_its_text_without_the_newline_at_its_end(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(b" a key " + ending.encode())

    assert resolved({"DJANGO_SECRET_KEY_FILE": str(path)}, NAMES)["DJANGO_SECRET_KEY"] == " a key "


def test_refuses_a_file_and_a_value_at_once() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^Set DATABASE_URL or DATABASE_URL_FILE, not both.$"):
        resolved({"DATABASE_URL": URL, "DATABASE_URL_FILE": "/run/secrets/database"}, NAMES)


def test_names_the_variable_whose_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL_FILE cannot be read: No such file or directory.$"):
        resolved({"DATABASE_URL_FILE": str(tmp_path / "nothing")}, NAMES)

    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL_FILE is not text in UTF-8.$"):
        resolved({"DATABASE_URL_FILE": str(tmp_path / "binary")}, NAMES)


@pytest.mark.parametrize("place", PLACES)
def test_an_arn_gives_the_secret_or_one_key_of_it(tmp_path: Path, place: dict[str, str]) -> None:
    (tmp_path / "reference").write_text(f"{OBJECT}#url\n")
    environment = {"DJANGO_SECRET_KEY": PLAIN, "DATABASE_URL_FILE": str(tmp_path / "reference")}

    found = resolved(environment | place, NAMES)

    assert (found["DJANGO_SECRET_KEY"], found["DATABASE_URL"]) == (KEY, URL)


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        (f"{PLAIN}#url", "the secret in AWS Secrets Manager has no text under the key that follows the #."),
        (f"{OBJECT}#absent", "the secret in AWS Secrets Manager has no text under the key that follows the #."),
        (f"{OBJECT}#port", "the secret in AWS Secrets Manager has no text under the key that follows the #."),
        (BINARY, "the secret in AWS Secrets Manager is binary, and must be text."),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_says_what_is_wrong_with_a_secret_and_never_its_text(secret: str, reason: str, place: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        resolved({"DATABASE_URL": secret} | place, NAMES)

    assert str(refused.value) == f"DATABASE_URL: {reason}"


@pytest.mark.parametrize("place", PLACES)
def test_names_the_variable_whose_secret_is_not_there(place: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        resolved({"DATABASE_URL": f"{PREFIX}other-AbCdEf"} | place, NAMES)
    assert str(refused.value) == "DATABASE_URL cannot be read from AWS Secrets Manager: ResourceNotFoundException."

    with pytest.raises(ImproperlyConfigured) as refused:
        resolved({"DATABASE_URL": "arn:aws:s3:::a-bucket"} | place, NAMES)
    assert str(refused.value) == "DATABASE_URL begins like an ARN and is none of a secret in AWS Secrets Manager."


def test_the_settings_take_secrets_exactly(tmp_path: Path) -> None:
    key = r"$HOME and \$5, then $" + KEY
    (tmp_path / "key").write_text(key)
    told = {name: value for name, value in ENVIRONMENT.items() if name != "DJANGO_SECRET_KEY"}
    told |= {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name == "PATH"}
    told |= {"DJANGO_SECRET_KEY_FILE": str(tmp_path / "key"), "DATABASE_URL": f"{OBJECT}#url"}

    with pytest.MonkeyPatch.context() as patch:
        read = settings_of(patch, told)

    assert read["SECRET_KEY"] == key
    assert read["DATABASES"]["default"]["PASSWORD"] == "from-the-vault"


def test_a_url_that_cannot_be_read_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(monkeypatch, ENVIRONMENT | {"DATABASE_URL": "postgres://chatbot@database:pass/word@/chatbot"})

    assert str(refused.value) == "DATABASE_URL is no URL of a database."


def test_reading_a_secret_leaves_what_gevent_must_patch_alone() -> None:
    # gunicorn.conf.py reads the settings before the workers patch the standard library.
    program = "import sys; from chatbot_project import settings; print('urllib3' in sys.modules, settings.SECRET_KEY)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SECRET_KEY": PLAIN},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.stdout, done.stderr) == (f"False {KEY}\n", "")
