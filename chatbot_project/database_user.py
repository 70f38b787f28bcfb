"""The PostgreSQL user that the application connects as: what it may do, and its password."""

from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

# In this order, and each of them again at every call: what was granted by hand meanwhile stays, what was revoked comes
# back. ALTER DEFAULT PRIVILEGES is for tables that migrations will make as the same owner.
_GRANTS = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {user}",
    "GRANT USAGE ON SCHEMA public TO {user}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {user}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {user}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {user}",
)


@dataclass(frozen=True, slots=True)
class DatabaseUser:
    """Who connects, and with which password."""

    name: str
    password: str = field(repr=False)


def make_user(connection: Any, user: DatabaseUser) -> bool:  # noqa: ANN401  # Django's wrapper has no one type
    """Makes the user with its rights, or gives it this password; says whether it was made.

    `connection` is Django's, to a PostgreSQL and as the owner of the tables, who may make users. Its transaction is the
    caller's. Raises django.db.DatabaseError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [user.name])
        missing: bool = cursor.fetchone()[0] == 0
        names = {"user": sql.Identifier(user.name), "database": sql.Identifier(connection.settings_dict["NAME"])}
        verb = "CREATE" if missing else "ALTER"
        secret = sql.Literal(_verifier(connection, user))
        cursor.execute(sql.SQL(verb + " ROLE {user} LOGIN PASSWORD {secret}").format(secret=secret, **names))
        for grant in _GRANTS:
            cursor.execute(sql.SQL(grant).format(**names))
    return missing


def _verifier(connection: Any, user: DatabaseUser) -> str:  # noqa: ANN401  # as above
    """What the server keeps of the password. Made here, so that the password is in no statement and in no log of its.

    https://www.postgresql.org/docs/current/libpq-misc.html#LIBPQ-PQENCRYPTPASSWORDCONN
    """
    connected = connection.connection.pgconn
    made: bytes = connected.encrypt_password(user.password.encode(), user.name.encode(), b"scram-sha-256")
    return made.decode()
