"""`manage.py prepare_database`, with a real PostgreSQL: the user that it makes can do what the application does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings

from tests.chatbot_project.production import KEY
from tests.postgres_server import OWNER_PASSWORD, PostgresServer, write_certificates

PASSWORD = "user's: of a test?1"  # of a server that this test starts
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A folder as Kubernetes mounts it."""
    (tmp_path / "username").write_text("chatbot_api")
    (tmp_path / "password").write_text(PASSWORD)
    return tmp_path


def manage(server: PostgresServer, *arguments: str, **given: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py`, as the owner of the database. Its address is that of the manifests, with another authority."""
    options = f"sslmode=verify-full&sslrootcert={given.pop('authority', server.authority)}"
    host = given.pop("host", "localhost")
    url = f"postgres://chatbot:{quote(OWNER_PASSWORD, safe='')}@{host}:{server.port}/chatbot?{options}"
    environment = {"PATH": os.environ["PATH"], "DJANGO_SECRET_KEY": KEY, "DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment | given,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def prepare(server: PostgresServer, user: Path, **given: str) -> "subprocess.CompletedProcess[str]":
    return manage(server, "prepare_database", "--user-from", str(user), **given)


def test_the_user_reads_and_writes_rows_and_changes_no_table(server: PostgresServer, user: Path) -> None:
    (user / "username").write_text("chatbot_first")

    made = prepare(server, user)
    migrated = manage(server, "migrate", "--no-input")

    assert (made.returncode, made.stderr, made.stdout) == (0, "", "User chatbot_first was made.\n")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    with server.connect("chatbot_first", PASSWORD) as connection:
        connection.execute("INSERT INTO auth_group (name) VALUES ('Night')")
        connection.execute("UPDATE auth_group SET name = 'Day' WHERE name = 'Night'")
        assert connection.execute("SELECT count(*) FROM auth_group WHERE name = 'Day'").fetchone() == (1,)
        connection.execute("DELETE FROM auth_group WHERE name = 'Day'")
        for forbidden in (
            "CREATE TABLE mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "DROP TABLE auth_group",
            "TRUNCATE auth_group CASCADE",
            "ALTER TABLE auth_group ADD COLUMN mine int",
            "CREATE SCHEMA mine",
            "CREATE DATABASE mine",
            "CREATE ROLE mine",
            "SELECT rolpassword FROM pg_authid",
            "SET ROLE chatbot",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)):
                connection.execute(forbidden)


def test_may_be_run_again(server: PostgresServer, user: Path) -> None:
    (user / "username").write_text("chatbot_again")

    said = [prepare(server, user).stdout for _ in range(2)]

    assert said == [
        "User chatbot_again was made.\n",
        "User chatbot_again was there; it has the password that was given.\n",
    ]


def test_another_password_takes_the_place_of_the_one_before(server: PostgresServer, user: Path) -> None:
    prepare(server, user)
    (user / "password").write_text("another'one\n")

    done = prepare(server, user)

    assert done.returncode == 0, done.stderr
    server.connect("chatbot_api", "another'one").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect("chatbot_api", PASSWORD)


def test_passwords_are_in_no_log_of_the_server(server: PostgresServer, user: Path) -> None:
    with server.connect("root", "superuser", dbname="postgres") as root:
        root.execute("ALTER ROLE chatbot SET log_statement = 'all'")

    done = prepare(server, user)

    assert done.returncode == 0, done.stderr
    assert 'ROLE "chatbot_api" LOGIN PASSWORD \'SCRAM-SHA-256$' in server.log()
    assert PASSWORD not in server.log()
    assert PASSWORD.replace("'", "''") not in server.log()


def test_whoever_shows_another_certificate_is_no_server_of_ours(
    server: PostgresServer, user: Path, tmp_path: Path
) -> None:
    write_certificates(tmp_path, "somebody else")

    strange = prepare(server, user, authority=str(tmp_path / "authority.pem"))
    elsewhere = prepare(server, user, host="127.0.0.1")

    assert (strange.returncode, elsewhere.returncode) == (1, 1)
    assert "certificate verify failed" in strange.stderr
    assert 'does not match host name "127.0.0.1"' in elsewhere.stderr


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("chatbot", PASSWORD, "chatbot is who DATABASE_URL connects as: name another user."),
        ("Robert'; --", PASSWORD, "username must be 1 to 63 lower-case letters, digits and _"),
        ("pg_monitor", PASSWORD, "and not begin with pg_ or rds."),
        ("chatbot_api", "", "password is empty."),
    ],
)
def test_refuses_a_user_that_cannot_be_meant(
    server: PostgresServer, user: Path, name: str, password: str, sentence: str
) -> None:
    (user / "username").write_text(name)
    (user / "password").write_text(password)

    done = prepare(server, user)

    assert done.returncode == 1
    assert sentence in done.stderr


def test_says_which_file_is_missing(server: PostgresServer, user: Path) -> None:
    (user / "password").unlink()

    done = prepare(server, user)

    assert (done.returncode, done.stderr) == (
        1,
        f"CommandError: {user}/password cannot be read: No such file or directory.\n",
    )


def test_another_database_has_no_users_to_make(server: PostgresServer, user: Path) -> None:
    done = prepare(server, user, DATABASE_URL=f"sqlite:///{user}/staff.sqlite3")

    assert (done.returncode, done.stderr) == (
        1,
        "CommandError: DATABASE_URL names no PostgreSQL: other databases have no users to make.\n",
    )


def test_what_the_server_refuses_is_said_without_the_statement(server: PostgresServer, user: Path) -> None:
    with server.connect("root", "superuser", dbname="postgres") as root:
        root.execute("ALTER ROLE chatbot NOCREATEROLE")
        try:
            (user / "username").write_text("chatbot_other")
            done = prepare(server, user)
        finally:
            root.execute("ALTER ROLE chatbot CREATEROLE")

    assert (done.returncode, done.stderr) == (1, "CommandError: PostgreSQL refused: permission denied to create role\n")
