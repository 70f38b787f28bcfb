"""What is taken out of the images' environment, and that the application needs none of it."""

import ast
from pathlib import Path

import botocore

from deployment.images.trim_environment import CREDENTIALS, SERVICES, trim

ROOT = Path(__file__).parent.parent.parent.parent
APPLICATION = ("access", "bedrock_client", "chatbot_project", "conversations", "core", "dynamodb_client", "telemetry")
# Functions whose first argument is the name of a service.
MAKERS = {"client", "create_client", "make_client"}


def made(file: Path) -> set[str]:
    """The services that a module makes clients of."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call) and node.args]
    named = [call.args[0] for call in calls if called(call) in MAKERS]
    return {name.value for name in named if isinstance(name, ast.Constant) and isinstance(name.value, str)}


def called(call: ast.Call) -> str:
    """The function's name, or the method's."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_keeps_every_service_that_the_application_names() -> None:
    found = set().union(*(made(file) for package in APPLICATION for file in (ROOT / package).rglob("*.py")))
    assert found == SERVICES


def test_names_services_as_botocore_does() -> None:
    known = {path.name for path in (Path(botocore.__file__).parent / "data").iterdir()}
    assert known >= SERVICES | CREDENTIALS


def test_takes_out_what_is_never_read(tmp_path: Path) -> None:
    kept = {
        *("botocore/data/dynamodb/2012-08-10/service-2.json.gz", "botocore/data/sts/service-2.json.gz"),
        *("botocore/data/endpoints.json", "django/conf/locale/en/LC_MESSAGES/django.mo"),
        *("django/conf/locale/de/formats.py", "gevent/hub.py"),
        *("zope/interface/interface.py", "django/contrib/admin/sites.py"),
    }
    gone = {
        *("botocore/data/ec2/2016-11-15/service-2.json.gz", "gevent/tests/test__hub.py"),
        *("django/conf/locale/de/LC_MESSAGES/django.mo", "axes/locale/fr/LC_MESSAGES/django.po"),
        *("gevent/testing/util.py", "zope/interface/tests/test_interface.py", "django/contrib/gis/forms/fields.py"),
    }
    for name in kept | gone:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    trim(tmp_path)
    assert {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()} == kept
