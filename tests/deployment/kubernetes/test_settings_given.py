"""What pods are told is what the application reads, and it starts with it."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings

from chatbot_project.settings import SECRETS
from tests.chatbot_project.production import KEY, settings_of
from tests.deployment.kubernetes.manifests import (
    KUBERNETES,
    ON_AWS,
    OVERLAYS,
    Manifest,
    containers,
    manifests,
    named,
    of_kind,
    settings_given,
    templates,
)
from tests.test_settings_documented import OF_THE_SDK, documented, names_read

AUTHORITY = KUBERNETES.parent / "terraform" / "app-eks" / "variables.tf"
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
    made = {found["metadata"]["name"]: secrets_made(found) for found in of_kind(rendered, "ExternalSecret")}
    stores = [found["spec"]["secretStoreRef"] for found in of_kind(rendered, "ExternalSecret")]

    assert made == {
        "chatbot-api": set(SECRETS),
        "chatbot-api-migrate": {"DATABASE_URL"},
        "chatbot-api-database-user": {"username", "password"},
    }
    assert stores == [{"kind": "SecretStore", "name": "secrets-manager"}] * 3
    assert named(rendered, "SecretStore", "secrets-manager")["spec"]["provider"]["aws"]["service"] == "SecretsManager"
    assert of_kind(rendered, "Secret") == []


def secrets_made(manifest: Manifest) -> set[str]:
    """Names in the Secret that comes of it; what a template puts together must all be fetched, and used."""
    fetched = {found["secretKey"] for found in manifest["spec"]["data"]}
    if "template" not in manifest["spec"]["target"]:
        return fetched
    made: dict[str, str] = manifest["spec"]["target"]["template"]["data"]
    assert {name for text in made.values() for name in re.findall(r"\{\{ \.(\w+)", text)} == fetched
    return set(made)


@pytest.mark.parametrize("overlay", ON_AWS)
def test_pods_and_migration_connect_as_others_and_to_the_same_place(overlay: str) -> None:
    rendered = manifests(overlay)
    keys = {
        name: {
            found["secretKey"]: found["remoteRef"] for found in named(rendered, "ExternalSecret", name)["spec"]["data"]
        }
        for name in ("chatbot-api", "chatbot-api-migrate", "chatbot-api-database-user")
    }
    user = {key: keys["chatbot-api"][key] for key in ("username", "password")}

    places = [
        [keys[name][key] for key in ("host", "port", "dbname")] for name in ("chatbot-api", "chatbot-api-migrate")
    ]
    assert places[0] == places[1]
    assert keys["chatbot-api-database-user"] == user
    assert keys["chatbot-api-migrate"]["password"]["key"].startswith("rds!db-")
    # The version that the migration gives to the server is the one that pods get, whenever each of them is fetched.
    assert {ref["version"].partition("/")[0] for ref in user.values()} == {"uuid"}


@pytest.mark.parametrize("overlay", ON_AWS)
@pytest.mark.parametrize("secret", ["chatbot-api", "chatbot-api-migrate"])
def test_the_server_of_the_database_must_be_rdss(overlay: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = manifests(overlay)
    template = named(rendered, "ExternalSecret", secret)["spec"]["target"]["template"]["data"]["DATABASE_URL"]
    values = {"host": "db.test", "port": "5432", "dbname": "chatbot", "username": "user", "password": "a%2Fb%27"}
    url = re.sub(r"\{\{ \.(\w+)( \| urlquery)? \}\}", lambda found: values[found[1]], template)

    database = settings_of(monkeypatch, {"DJANGO_SECRET_KEY": KEY, "DATABASE_URL": url})["DATABASES"]["default"]

    assert {name: database[name] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD", "OPTIONS")} == {
        "HOST": "db.test",
        "PORT": 5432,
        "NAME": "chatbot",
        "USER": "user",
        "PASSWORD": "a/b'",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/database-authorities/authorities.pem"},
    }


@pytest.mark.parametrize("overlay", ON_AWS)
def test_whoever_connects_has_the_authorities(overlay: str) -> None:
    rendered = manifests(overlay)
    (authorities,) = [each for each in of_kind(rendered, "ConfigMap") if "authorities.pem" in each["data"]]
    found = x509.load_pem_x509_certificates(authorities["data"]["authorities.pem"].encode())

    for name in ("Deployment/chatbot-api", "Job/chatbot-api-migrate", "CronJob/chatbot-api-usage-days"):
        template = templates(rendered)[name]
        assert {
            "name": "database-authorities",
            "configMap": {"name": authorities["metadata"]["name"]},
        } in template["spec"]["volumes"]
        for container in containers(template):
            assert {
                "name": "database-authorities",
                "mountPath": "/etc/database-authorities",
                "readOnly": True,
            } in container["volumeMounts"]
    names = {each.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value for each in found}
    assert names == {f"Amazon RDS us-east-1 Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")}
    for each in found:
        each.verify_directly_issued_by(each)
        assert each.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert each.not_valid_after_utc.year >= 2061
    assert '"rds-ca-rsa2048-g1"' in AUTHORITY.read_text()


@pytest.mark.parametrize("overlay", ON_AWS)
def test_the_deployment_passes_djangos_own_checks(overlay: str, tmp_path: Path) -> None:
    given = settings_given(manifests(overlay))
    secrets = {
        "DJANGO_SECRET_KEY": KEY,
        "DATABASE_URL": "postgres://user:password@host:5432/chatbot?sslmode=verify-full",
        "STAFF_OIDC_CLIENT_SECRET": "of-a-test",
    }
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
