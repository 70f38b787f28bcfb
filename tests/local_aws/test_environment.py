"""What the children are told, and what of the user's shell they never see."""

from pathlib import Path

import pytest

from local_aws.environment import (
    account_environment,
    local_environment,
    ministack_environment,
    model_environment,
    passing_ministack_environment,
)

SHELL = {
    "PATH": "/bin",
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SESSION_TOKEN": "token",
    "AWS_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL_S3": "https://s3.example",
    "DATABASE_URL": "postgres://production",
    "REDIS_URL": "redis://production",
    "GUNICORN_CMD_ARGS": "--bind 0.0.0.0:80",
    "DJANGO_SETTINGS_MODULE": "other.settings",
    "SYSTEM_PROMPT": "Be kind.",
    "HTTP_PROXY": "http://proxy:3128",
    "no_proxy": "example.org",
}


def test_the_application_on_ministack_sees_nothing_of_the_users_aws_account() -> None:
    assert local_environment(SHELL, secret_key="key", endpoint="http://127.0.0.1:4566") == {
        "PATH": "/bin",
        "SYSTEM_PROMPT": "Be kind.",
        "HTTP_PROXY": "http://proxy:3128",
        "NO_PROXY": "example.org,127.0.0.1,localhost",
        "no_proxy": "example.org,127.0.0.1,localhost",
        "LOCAL_MODE": "on",
        "ALLOW_ANONYMOUS": "on",
        "DJANGO_SECRET_KEY": "key",
        "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:4566",
        "AWS_ENDPOINT_URL_BEDROCK": "http://127.0.0.1:4566",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:4566",
    }


def test_on_the_users_account_its_variables_stay_and_its_region_is_named() -> None:
    kept = {name: value for name, value in SHELL.items() if name != "GUNICORN_CMD_ARGS"}

    assert account_environment(SHELL, secret_key="key", region="eu-central-1") == {
        **kept,
        "AWS_REGION": "eu-central-1",
        "LOCAL_MODE": "on",
        "ALLOW_ANONYMOUS": "on",
        "DJANGO_SECRET_KEY": "key",
        "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
    }


def test_ministack_stays_on_the_loopback_and_away_from_docker() -> None:
    assert ministack_environment(
        SHELL, port=4566, state_dir=Path("/state"), model_url="http://127.0.0.1:1", model_timeout=60
    ) == {
        "PATH": "/bin",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": "4566",
        "SERVICES": "dynamodb,bedrock,bedrock-runtime",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///state/no-docker.sock",
        "PERSIST_STATE": "1",
        "STATE_DIR": "/state",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_BEDROCK_PROXY_URL": "http://127.0.0.1:1",
        "MINISTACK_BEDROCK_PROXY_TIMEOUT_SECONDS": "60",
    }


@pytest.mark.parametrize(("services", "told"), [("", {}), ("sts,eks", {"SERVICES": "sts,eks"})])
def test_a_passing_ministack_keeps_nothing_and_stays_out_of_the_users_home(services: str, told: dict[str, str]) -> None:
    assert passing_ministack_environment(
        {**SHELL, "HOME": "/home/user"}, port=4566, home=Path("/passing"), services=services
    ) == {
        "PATH": "/bin",
        "HOME": "/passing",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": "4566",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///passing/no-docker.sock",
        "LOG_LEVEL": "ERROR",
        **told,
    }


def test_the_way_to_the_users_model_may_lead_through_a_proxy_but_not_to_this_machine() -> None:
    assert model_environment({"HTTP_PROXY": "http://proxy:3128"}) == {
        "HTTP_PROXY": "http://proxy:3128",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
