"""What pods are told is what the application reads, and it starts with it."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from chatbot_project.settings import SECRETS
from tests.chatbot_project.production import KEY
from tests.deployment.kubernetes.manifests import ON_AWS, OVERLAYS, manifests, named, of_kind, settings_given
from tests.test_settings_documented import OF_THE_SDK, documented, names_read

ON_AWS_ALONE = {"SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO,https", "TRUSTED_PROXIES": "1"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_is_read(overlay: str) -> None:
    given = settings_given(manifests(overlay))

    assert set(given) <= {name for name, _ in documented()}
    assert set(given) <= {*names_read(), *OF_THE_SDK}
    assert set(given) & set(SECRETS) <= ({"DATABASE_URL"} if overlay == "local" else set())


@pytest.mark.parametrize("overlay", ON_AWS)
def test_secrets_are_the_applications_and_come_from_secrets_manager(overlay: str) -> None:
    rendered = manifests(overlay)
    spec = named(rendered, "ExternalSecret")["spec"]
    made = spec["target"]["template"]["data"]
    fetched = {found["secretKey"] for found in spec["data"]}

    assert set(made) == {"DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= set(SECRETS)
    assert {name for text in made.values() for name in re.findall(r"\{\{ \.(\w+)", text)} == fetched
    assert spec["secretStoreRef"] == {"kind": "SecretStore", "name": "secrets-manager"}
    assert named(rendered, "SecretStore", "secrets-manager")["spec"]["provider"]["aws"]["service"] == "SecretsManager"
    assert of_kind(rendered, "Secret") == []


@pytest.mark.parametrize("overlay", ON_AWS)
def test_the_deployment_passes_djangos_own_checks(overlay: str, tmp_path: Path) -> None:
    given = settings_given(manifests(overlay))
    secrets = {"DJANGO_SECRET_KEY": KEY, "DATABASE_URL": "postgres://user:password@host:5432/chatbot?sslmode=require"}
    environment = {
        "PATH": os.environ["PATH"],
        "LOCAL_STATE_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={**environment, **given, **secrets},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("System check identified no issues (")
    assert ON_AWS_ALONE.items() <= given.items()


def test_settings_of_the_load_balancer_stay_where_there_is_one() -> None:
    assert not set(ON_AWS_ALONE) & set(settings_given(manifests("local")))


def test_the_one_key_that_stands_in_a_file_is_nobodys_secret() -> None:
    (secret,) = of_kind(manifests("local"), "Secret")

    key = base64.b64decode(secret["data"]["DJANGO_SECRET_KEY"]).decode()
    assert (list(secret["data"]), key[:24]) == (["DJANGO_SECRET_KEY"], "for-one-machine-alone-an")
