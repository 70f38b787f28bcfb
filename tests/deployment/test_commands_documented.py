"""The commands of AWS in docs/OPERATIONS.md and docs/COST.md are of its API, and name what the stacks make."""

import re
from collections.abc import Iterator

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel
from django.conf import settings

DOCS = settings.BASE_DIR / "docs"
APP_EKS = settings.BASE_DIR / "deployment" / "terraform" / "app-eks"
# The command line's own, of no API.
OF_THE_PROGRAM = {"query", "output", "region"}
OF_NO_API = {("logs", "tail"), ("s3", "ls")}
COMMAND = re.compile(r"\baws ([a-z0-9-]+) ((?:wait )?[a-z0-9-]+)((?: [^`|;#\n)]*)?)")


def commands(page: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Service, operation and options of each command; lines that go on in the next one are one."""
    text = (DOCS / page).read_text().replace("\\\n", " ")
    for service, operation, rest in COMMAND.findall(text):
        yield service, operation, tuple(re.findall(r"(?<= )--([a-z0-9-]+)", rest))


def taken(service: str, operation: str) -> set[str]:
    """The options of a command. For a wait those of what it asks again and again."""
    session = botocore.session.get_session()
    model = session.get_service_model(service.removesuffix("api"))  # s3api: the operations of S3
    called = {xform_name(name, "-"): name for name in model.operation_names}
    if operation.startswith("wait "):
        waiters = session.get_waiter_model(service)
        waits = {f"wait {xform_name(name, '-')}": waiters.get_waiter(name).operation for name in waiters.waiter_names}
        return _taken(model.operation_model(waits[operation]))
    return _taken(model.operation_model(called[operation]))


def _taken(operation: OperationModel) -> set[str]:
    """The options of an operation; one that is yes or no has a second one, for no."""
    given = operation.input_shape.members.items() if operation.input_shape else ()
    names = {xform_name(name, "-"): shape for name, shape in given}
    return {*names, *(f"no-{name}" for name, shape in names.items() if shape.type_name == "boolean")}


FOUND = sorted({command for page in ("OPERATIONS.md", "COST.md") for command in commands(page)})


@pytest.mark.parametrize(
    ("service", "operation", "options"), FOUND, ids=lambda part: part if isinstance(part, str) else ""
)
def test_a_command_is_one_of_the_api(service: str, operation: str, options: tuple[str, ...]) -> None:
    if (service, operation) in OF_NO_API:
        return
    assert set(options) - OF_THE_PROGRAM <= taken(service, operation)


def test_the_staff_database_is_restored_behind_its_own_group_and_parameters() -> None:
    restores = [options for _, operation, options in FOUND if operation == "restore-db-instance-to-point-in-time"]
    text = (DOCS / "OPERATIONS.md").read_text()
    stack = (APP_EKS / "database.tf").read_text()

    assert len(restores) == 2
    for options in restores:
        assert {"db-subnet-group-name", "vpc-security-group-ids", "db-parameter-group-name", "multi-az"} <= set(options)
    assert "Name=group-name,Values=chatbot-production-database" in text
    assert '"${local.name}-database"' in stack
    (version,) = re.findall(r'"database_version" \{[^}]*?default += "(\d+)"', (APP_EKS / "variables.tf").read_text())
    assert f"--db-parameter-group-name chatbot-production-postgres{version}" in text
    assert '"${local.name}-postgres${var.database_version}"' in stack
    assert "--master-user-secret-kms-key-id alias/chatbot-production-eks" in text
    assert '"alias/${local.name}-eks"' in (APP_EKS / "encryption.tf").read_text()
