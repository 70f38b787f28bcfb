"""`manage.py prepare_database --user-from FOLDER`: makes the database user that the application connects as.

Run before `migrate` and as whoever owns the tables (DATABASE_URL); may be run again. The user reads and writes rows,
and cannot change a table. Its name and password are read from the files `username` and `password`, as Kubernetes mounts
a Secret: on a command line other processes would see them.
"""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction

from chatbot_project.database_user import DatabaseUser, make_user

# Names that need no quoting in anybody's SQL; those of PostgreSQL and of Amazon RDS begin otherwise.
_NAME = re.compile(r"(?!pg_|rds)[a-z_][a-z0-9_]{0,62}")


class Command(BaseCommand):
    help = "Make the PostgreSQL user that the application connects as, or give it another password."
    # They look at tables, which may not be there yet.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--user-from", type=Path, required=True, metavar="FOLDER", help="has the files username and password"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # the base class's signature
        user = _user(options["user_from"])
        if connection.vendor != "postgresql":
            raise CommandError("DATABASE_URL names no PostgreSQL: other databases have no users to make.")
        if user.name == connection.settings_dict["USER"]:
            raise CommandError(f"{user.name} is who DATABASE_URL connects as: name another user.")
        try:
            with transaction.atomic():
                made = make_user(connection, user)
        except DatabaseError as error:
            # The first line: those behind it show the statement.
            raise CommandError(f"PostgreSQL refused: {str(error).partition(chr(10))[0]}") from None
        self.stdout.write(f"User {user.name} was {'made' if made else 'there; it has the password that was given'}.")


def _user(folder: Path) -> DatabaseUser:
    try:
        name, password = ((folder / file).read_text().removesuffix("\n") for file in ("username", "password"))
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from None
    if not _NAME.fullmatch(name):
        raise CommandError("username must be 1 to 63 lower-case letters, digits and _, and not begin with pg_ or rds.")
    if not password:
        raise CommandError("password is empty.")
    return DatabaseUser(name, password)
