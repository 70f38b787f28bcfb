"""One child of `runlocal`: everything that must be there before the server starts."""

import json
import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from local_aws.api_key import ensure_api_key
from local_aws.staff import ensure_staff_account
from local_aws.state import State


class Command(BaseCommand):
    help = "Bring database, staff account, static files and tables up to date; every step may be run again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--answer-fd", type=int, required=True, help="where to write the outcome, as JSON")
        parser.add_argument("--create-tables", action="store_true", help="make the DynamoDB tables that are not there")
        parser.add_argument("--api-key", action="store_true", help="make an API key, unless the one of before is good")

    def handle(self, *args: str, **options: int) -> None:
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout, stderr=self.stderr)
        call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout, stderr=self.stderr)
        if options["create_tables"]:
            call_command("create_tables", stdout=self.stdout, stderr=self.stderr)
        api_key = ensure_api_key(State(settings.LOCAL_STATE_DIR)) if options["api_key"] else None
        with os.fdopen(options["answer_fd"], "w") as answer:
            json.dump({"staff_password": ensure_staff_account(), "api_key": api_key}, answer)
