"""The tables that the stack looks up."""

import os
import subprocess
import sys

from django.conf import settings

from tests.deployment.terraform.stacks import ACCOUNT

SECRET_KEY = "a-key-for-tests-only-of-fifty-characters-that-signs-nothing"


def environment(aws: str, region: str) -> dict[str, str]:
    """Of the project, over MiniStack at this address."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SECRET_KEY": SECRET_KEY,
        "AWS_ENDPOINT_URL": aws,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def make_tables(aws: str, region: str) -> None:
    command = [sys.executable, "manage.py", "create_tables"]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment(aws, region),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
