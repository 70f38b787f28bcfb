"""`manage.py create_tables`: the tables, where Terraform did not make them. May be run again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.store import tables_state
from dynamodb_client.errors import StoreUnavailable


class Command(BaseCommand):
    help = "Create the DynamoDB tables that are not there yet, with their indexes and TTL."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # the base class's signature
        try:
            made = tables_state.create()
        except StoreUnavailable as error:
            raise CommandError(f"DynamoDB does not answer as it should: {error}") from error
        self.stdout.write(f"Created {', '.join(made)}." if made else "All tables are there.")
