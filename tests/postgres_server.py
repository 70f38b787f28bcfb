"""A PostgreSQL of its own for a test, with TLS, and an owner who is no superuser: as Amazon RDS gives one."""

import datetime as dt
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

READY_SECONDS = 30
OWNER_PASSWORD = "owner's: of a test/1"  # of a server that this test starts
# PostgreSQL does not run as root; Debian's package brings this user.
SYSTEM_USER = "postgres"
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
ssl = on
fsync = off
"""
# As rds.force_ssl: nobody without TLS.
CALLERS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


def program(name: str) -> str:
    """Of PostgreSQL's server; the test is skipped where there is none."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ["PATH"]]))
    if found is None:
        pytest.skip("no PostgreSQL is installed (Debian: apt install postgresql)")
    return found


class PostgresServer:
    """With a database `chatbot`, whose owner of the same name may make users."""

    def __init__(self) -> None:
        self.initdb, self.postgres = program("initdb"), program("postgres")
        # Not below pytest's folder, which is for its own user alone.
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def authority(self) -> Path:
        """Who signed the server's certificate, for sslrootcert."""
        return self.folder / "authority.pem"

    def connect(self, user: str, password: str, **options: Any) -> "psycopg.Connection[Any]":  # noqa: ANN401  # libpq's
        found = {"dbname": "chatbot", "sslmode": "verify-full", "sslrootcert": str(self.authority)} | options
        return psycopg.connect(host="localhost", port=self.port, user=user, password=password, autocommit=True, **found)

    def __enter__(self) -> Self:
        as_whom = {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []} if os.geteuid() == 0 else {}
        self.folder.chmod(0o755)
        (self.folder / "password").write_text("superuser")
        write_certificates(self.folder)
        data = self.folder / "data"
        if as_whom:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, SYSTEM_USER, SYSTEM_USER)
        subprocess.run(
            [self.initdb, "--pgdata", data, "--username", "root", "--pwfile", self.folder / "password", "--no-sync"],
            check=True,
            capture_output=True,
            **as_whom,  # type: ignore[call-overload]  # two sets of its arguments
        )
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(f"{CONFIGURATION}port = {self.port}\n")
            configuration.write(f"ssl_cert_file = '{self.folder}/server.pem'\nssl_key_file = '{self.folder}/key.pem'\n")
        (data / "pg_hba.conf").write_text(CALLERS)
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen([self.postgres, "-D", data], stdout=log, stderr=log, **as_whom)  # type: ignore[call-overload]  # as above
        self._make_owner()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.folder)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _make_owner(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while True:
            try:
                root = self.connect("root", "superuser", dbname="postgres")
            except psycopg.OperationalError:
                assert self._process.poll() is None, self.log()
                assert time.monotonic() < until, "PostgreSQL did not start"
                time.sleep(0.1)
            else:
                break
        with root:
            escaped = OWNER_PASSWORD.replace("'", "''")
            root.execute(f"CREATE ROLE chatbot LOGIN CREATEDB CREATEROLE PASSWORD '{escaped}'")
            root.execute("CREATE DATABASE chatbot OWNER chatbot")
        root.close()


def write_certificates(folder: Path, authority_name: str = "authority") -> None:
    """`authority.pem`, and `server.pem` with `key.pem` for localhost, signed by it."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(authority_name, authority_key, authority_name, authority_key, is_authority=True)
    server = _certificate("localhost", server_key, authority_name, authority_key, is_authority=False)
    (folder / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(server.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(server_key.private_bytes(serialization.Encoding.PEM, *private))
    (folder / "key.pem").chmod(0o600)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, signer: str, signing: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, signer)]
    return (
        x509.CertificateBuilder()
        .subject_name(named[0])
        .issuer_name(named[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signing, hashes.SHA256())
    )
