"""One call of AWS's API: `python -m deployment.scripts.aws ACTION ARGUMENTS`, for the deploy scripts.

Region, credentials and endpoint are the SDK's own business. What a script reads comes on standard output; an error is
one line on standard error and exit code 1.
"""

import sys
from collections.abc import Callable

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployment.scripts import images, lambda_releases, tables
from deployment.scripts.errors import DeployError

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})


def _account() -> str:
    account: str = boto3.client("sts", config=_CONFIG).get_caller_identity()["Account"]
    return account


def _registry_password() -> str:
    return images.registry_password(boto3.client("ecr", config=_CONFIG))


def _image_digest(repository: str, tag: str) -> str:
    return images.digest(boto3.client("ecr", config=_CONFIG), repository=repository, tag=tag)


def _mark_deployed(repository: str, digest: str) -> str:
    images.mark_deployed(boto3.client("ecr", config=_CONFIG), repository=repository, digest=digest)
    return ""


def _live(function: str) -> str:
    return lambda_releases.live(boto3.client("lambda", config=_CONFIG), function=function)


def _released(function: str, before: str) -> str:
    lambda_releases.note_before(boto3.client("lambda", config=_CONFIG), function=function, before=before)
    return ""


def _missing_tables(*names: str) -> str:
    client = boto3.client("dynamodb", config=_CONFIG)
    return ", ".join(name for name in names if tables.describe(client, name) is None)


def _wait_ready(function: str, version: str, seconds: str) -> str:
    client = boto3.client("lambda", config=_CONFIG)
    lambda_releases.wait_ready(client, function=function, version=version, seconds=int(seconds))
    return ""


def _roll_back(function: str, option: str = "") -> str:
    if option not in ("", "--dry-run"):
        raise DeployError(f"roll-back takes no option but --dry-run, and was given {option}: nothing was changed.")
    client = boto3.client("lambda", config=_CONFIG)
    return lambda_releases.roll_back(client, function=function, dry_run=option == "--dry-run")


_ACTIONS: dict[str, Callable[..., str]] = {
    "account": _account,  # the account's number
    "registry-password": _registry_password,  # of the account's ECR registry, for 12 hours
    "image-digest": _image_digest,  # REPOSITORY TAG; nothing where there is no such image
    "mark-deployed": _mark_deployed,  # REPOSITORY DIGEST: the registry keeps what was deployed
    "missing-tables": _missing_tables,  # NAMES...: which of them are not there
    "live": _live,  # FUNCTION: the version behind its alias; nothing where there is none yet
    "released": _released,  # FUNCTION VERSION: notes which version was live before
    "wait-ready": _wait_ready,  # FUNCTION VERSION SECONDS; the alias stands for the version behind it
    "roll-back": _roll_back,  # FUNCTION [--dry-run]: one sentence about what was done, or would be
}


def main(arguments: list[str]) -> int:
    """The exit code."""
    action, *rest = arguments
    try:
        answer = _ACTIONS[action](*rest)
    except ClientError as error:
        said = error.response["Error"]
        return _failed(f"AWS refused {error.operation_name}: {said.get('Code')}: {said.get('Message')}")
    except (BotoCoreError, DeployError) as error:
        return _failed(str(error))
    if answer:
        sys.stdout.write(f"{answer}\n")
    return 0


def _failed(sentence: str) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
