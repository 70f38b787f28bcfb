"""Secrets from where they are kept: the environment, a file, or AWS Secrets Manager.

For a setting NAME, `NAME` holds the secret itself or the ARN of one in Secrets Manager, or `NAME_FILE` is the path of a
file with one of the two, as Docker and Kubernetes mount them. Errors name the variable and never its value.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME, then #KEY where the secret is a JSON object.
_ARN = re.compile(r"(?P<arn>arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:[^#]+)(?:#(?P<key>.+))?")
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 5, 3
# Every try of every secret, and the start of a Python with botocore in it.
_FETCH_SECONDS = 90
# Set by Lambda: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_ON_LAMBDA = "AWS_LAMBDA_RUNTIME_API"


def resolved(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The environment with the secrets of `names` in their places.

    Raises ImproperlyConfigured for a secret that is given twice or cannot be read.
    """
    found = dict(environment)
    for name in names:
        if path := environment.get(f"{name}_FILE"):
            if environment.get(name):
                raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
            found[name] = _from_file(name, path)
    kept_elsewhere = {name: found[name] for name in names if found.get(name, "").startswith("arn:")}
    if not kept_elsewhere:
        return found
    if _ON_LAMBDA in environment:
        return found | {name: _fetch(name, reference) for name, reference in kept_elsewhere.items()}
    return found | _from_secrets_manager(kept_elsewhere)


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{name}_FILE is not text in UTF-8.") from None


def _from_secrets_manager(arns: Mapping[str, str]) -> dict[str, str]:
    """In a process of its own: the settings are read before gevent patches what botocore imports (gunicorn.conf.py).

    On Lambda there is no gevent, and a second process would be a second cold start.
    """
    command = [sys.executable, "-m", "chatbot_project.secrets"]
    home = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(  # noqa: S603  # our own program, no shell
            command,
            input=json.dumps(dict(arns)),
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
            cwd=home,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImproperlyConfigured(f"AWS Secrets Manager did not answer for {', '.join(arns)}.") from None
    if done.returncode:
        raise ImproperlyConfigured(done.stderr.strip())
    values: dict[str, str] = json.loads(done.stdout)
    return values


def _fetch(name: str, reference: str) -> str:
    """The secret. Raises ImproperlyConfigured."""
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    from core.aws_clients import make_client

    named = _ARN.fullmatch(reference)
    if named is None:
        raise ImproperlyConfigured(f"{name} begins like an ARN and is none of a secret in AWS Secrets Manager.")
    retries = {"total_max_attempts": ATTEMPTS, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries=retries)  # type: ignore[arg-type]  # the stub's TypedDict
    try:
        client = make_client("secretsmanager", named["region"], config)
        text = client.get_secret_value(SecretId=named["arn"]).get("SecretString")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise ImproperlyConfigured(f"{name} cannot be read from AWS Secrets Manager: {code}.") from None
    except BotoCoreError as error:
        why = type(error).__name__
        raise ImproperlyConfigured(f"{name} cannot be read from AWS Secrets Manager: {why}.") from None
    return _chosen(name, text, named["key"])


def _chosen(name: str, text: str | None, key: str | None) -> str:
    if text is None:
        raise ImproperlyConfigured(f"{name}: the secret in AWS Secrets Manager is binary, and must be text.")
    if key is None:
        return text
    try:
        value = json.loads(text)[key]
    except (ValueError, LookupError, TypeError):
        value = None
    if not isinstance(value, str):
        reason = "has no text under the key that follows the #"
        raise ImproperlyConfigured(f"{name}: the secret in AWS Secrets Manager {reason}.")
    return value


if __name__ == "__main__":
    try:
        json.dump({name: _fetch(name, reference) for name, reference in json.load(sys.stdin).items()}, sys.stdout)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
