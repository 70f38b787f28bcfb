"""`manage.py runlocal`, which `make run` and `make run-aws` start: the whole product on this machine.

With `--aws` the model and the tables are those of the user's AWS account, and nothing else changes.
"""

import os
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import closing
from socket import socket

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from local_aws import environment, launch, ports
from local_aws.aws_account import open_account, require_tables
from local_aws.children import end_with_parent
from local_aws.errors import LocalModeError, StopRequestedError
from local_aws.staff import STAFF_NAME
from local_aws.state import State
from local_aws.supervisor import Supervisor

_TABLES = (settings.CONVERSATIONS_TABLE, settings.USAGE_TABLE, settings.API_KEYS_TABLE)


class Command(BaseCommand):
    help = "Run the chatbot on this machine until Ctrl-C, then save its data."
    requires_system_checks = ()  # the server's start makes them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--aws", action="store_true", help="use your AWS credentials instead of MiniStack")
        parser.add_argument("--create-tables", action="store_true", help="with --aws: make tables that are not there")
        parser.add_argument("--stop-with-parent", action="store_true", help="stop when the calling process ends")

    def handle(self, *args: str, **options: bool) -> None:
        if options["stop_with_parent"]:
            end_with_parent(os.getppid())()
        try:
            state = State(settings.LOCAL_STATE_DIR)
            with (
                state.locked() as lock,
                closing(ports.listen(settings.PORT)) as listener,
                Supervisor(state.logs) as supervisor,
            ):
                self._run(supervisor, state, lock, listener, options)
                self._say("Stopping: turns under way are finished first; Ctrl-C again does not wait for them.")
        except StopRequestedError:
            self._say("Stopped before it was ready.")
        except LocalModeError as error:
            raise CommandError(str(error)) from error
        else:
            self._say(f"Stopped; the data is in {state.root}.")

    def _run(
        self, supervisor: Supervisor, state: State, lock: int, listener: socket, options: Mapping[str, bool]
    ) -> None:
        create_tables = options["create_tables"] or not options["aws"]
        if options["aws"]:
            application = self._on_aws(state, create_tables=create_tables)
        else:
            application = self._on_ministack(supervisor, state, lock)
        self._say("Bringing database, tables and static files up to date …")
        # In an AWS account keys are for its people to make: they go on being good when this is stopped.
        made = launch.prepare(supervisor, application, create_tables=create_tables, api_key=not options["aws"])
        if made.staff_password:
            # At once, and not with the addresses: if the server fails to start, nobody could read it again.
            self._say(f"Staff account: user {STAFF_NAME}, password {made.staff_password} (shown this once).")
        port = listener.getsockname()[1]
        self._say("Starting the server …")
        launch.start_server(supervisor, application, listener)
        self._announce(f"http://{ports.LOOPBACK}:{port}", state, made.api_key)
        supervisor.watch()

    def _on_aws(self, state: State, *, create_tables: bool) -> Mapping[str, str]:
        account = open_account(os.environ.get("AWS_REGION"))
        region = account.region_name or settings.AWS_REGION
        self._say(f"Using your AWS account in {region} …")
        if not create_tables:
            require_tables(account, region, _TABLES)
        return environment.account_environment(os.environ, secret_key=state.secret_key(), region=region)

    def _on_ministack(self, supervisor: Supervisor, state: State, lock: int) -> Mapping[str, str]:
        self._say("Starting MiniStack …")
        model_url = launch.start_model(supervisor, os.environ)
        endpoint = launch.start_ministack(supervisor, state, os.environ, model_url=model_url, lock=lock)
        return environment.local_environment(os.environ, secret_key=state.secret_key(), endpoint=endpoint)

    def _announce(self, url: str, state: State, api_key: str | None) -> None:
        body = '{"message": "Hello", "session_id": "abc123"}'
        credentials = f'-H "Authorization: Bearer {api_key}" ' if api_key else ""
        self._say(
            f"\nReady on {url}\n"
            f"  API documentation  {url}/docs\n"
            f"  Staff pages        {url}/admin/ (user {STAFF_NAME})\n"
            f"  Logs               {state.logs}\n"
            f"\nSay something:\n"
            f"  curl -s {url}/chat {credentials}-H 'Content-Type: application/json' -d '{body}'\n"
            f"\nCtrl-C stops everything and saves the data.\n"
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
