"""What a function on Lambda imports until its first chat is answered: time that somebody waits for.

A package that is not in the list below makes every cold start slower. Import it where it is used (inside the function
that needs it, as `chatbot_project.openapi_pages` is), or add it here if a chat cannot do without.
"""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.events import recorded
from tests.scripted_bedrock import ScriptedBedrock

OURS = {
    "access",
    "bedrock_client",
    "chatbot_project",
    "conversations",
    "core",
    "deployment",
    "dynamodb_client",
    "telemetry",
}
DJANGO = {
    "asgiref",
    "axes",
    "django",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "environ",
    "rest_framework",
    "sqlparse",
    "whitenoise",
}
AWS = {"apig_wsgi", "botocore", "certifi", "dateutil", "httptools", "jmespath", "pynamodb", "six", "urllib3"}
# awslambdaric brings it, and takes it itself; django-environ would rather have it than the standard library's.
RUNTIME = {"simplejson"}
LIMITS = {"cachetools", "deprecated", "limits", "packaging", "wrapt"}
LOGS = {"orjson", "pythonjsonlogger"}

# Of packages that are there in part: what staff and readers of the OpenAPI document alone need.
ONLY_LATER = (
    "access.admin",
    "access.oidc",
    "access.staff.urls",
    "access.limits.shared",
    "conversations.admin",
    "conversations.api.docs",
    "conversations.services.staff",
    "conversations.store.staff",
    "chatbot_project.openapi",
    "django.contrib.postgres.",
    "drf_spectacular.utils",
    "telemetry.prometheus",
    "telemetry.spans",
)
PROGRAM = """
import json, sys
from types import SimpleNamespace
from deployment.lambda_handler import handler
context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 60_000)
answer = handler(json.load(sys.stdin), context)
print(json.dumps([answer["statusCode"], sorted(sys.modules)]))
"""


@pytest.fixture
def imported(tables: None, bedrock: ScriptedBedrock) -> list[str]:
    """The modules of a new process that has answered one chat."""
    event = recorded("alb") | {"headers": {"host": "localhost", "content-type": "application/json"}}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "chatbot_project.settings", "RATE_LIMIT": "60/minute"}
        | {"AWS_LAMBDA_FUNCTION_NAME": "chatbot"},
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    status, found = json.loads(told.splitlines()[-1])  # behind the metrics
    assert status == 200
    return [str(name) for name in found]


def test_a_first_chat_imports_what_it_needs_and_nothing_else(imported: list[str]) -> None:
    standard = sys.stdlib_module_names | {"__main__", "__mp_main__"}
    packages = {name.partition(".")[0] for name in imported} - standard
    # Of Python's own making: how it was built, what setuptools leaves in an environment, and Cython in its modules.
    made = ("_sysconfigdata", "_distutils_hack", "_cython_", "cython_runtime")
    packages = {name for name in packages if not name.startswith(made)}
    assert packages == OURS | DJANGO | AWS | LIMITS | LOGS | RUNTIME
    assert [name for name in imported if name.startswith(ONLY_LATER)] == []
