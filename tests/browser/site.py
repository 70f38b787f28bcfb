"""The project as staff meet it: served with its static files by gunicorn, with accounts of staff of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local_aws.ports import answers
from tests.processes.server_process import ROOT, ServerProcess
from tests.processes.waiting import until

SECONDS = 60
PASSWORD = "a password of staff for tests"
ROLES = ("Support", "Auditor", "Operator")
# In a process of its own: the tests' own thread runs the browser's event loop, and Django opens no database beside one.
PREPARE = f"""
import django
django.setup()
from django.contrib.auth.models import Group, User
from django.core.management import call_command
call_command("collectstatic", "--noinput", "-v0")
call_command("migrate", "-v0")
for role in {ROLES!r}:
    user = User.objects.create_user(role.lower(), password={PASSWORD!r}, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
"""


@dataclass(frozen=True)
class Site:
    """A running server. Every role has an account of its name in lower case, with `PASSWORD`."""

    process: ServerProcess

    @property
    def url(self) -> str:
        return self.process.url


def start(folder: Path, *, dynamodb: str) -> Site:
    """Serves the project on the tables of the DynamoDB at this address; accounts and files are kept in the folder."""
    variables = {
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
        "DATABASE_URL": f"sqlite:///{folder / 'staff.sqlite3'}",
        "STATIC_ROOT": str(folder / "static"),
    }
    settings = {"DJANGO_SETTINGS_MODULE": "chatbot_project.settings"}
    command = [sys.executable, "-c", PREPARE]
    subprocess.run(command, cwd=ROOT, env=os.environ | settings | variables, check=True, timeout=SECONDS)
    process = ServerProcess(folder, deadline_seconds=20, **variables)
    port = int(process.url.rpartition(":")[2])
    until(lambda: answers(port, "/health"), seconds=SECONDS)
    return Site(process)
