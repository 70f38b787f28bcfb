"""`make run-aws` before it starts anything: credentials and tables of the user's account."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from local_aws.aws_account import open_account, require_tables
from local_aws.errors import LocalModeError
from local_aws.ports import free_port


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def signed_in(no_account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")


@pytest.fixture
def aws(signed_in: None) -> Iterator[None]:
    with mock_aws():
        yield


def test_no_credentials_are_one_sentence() -> None:
    with pytest.raises(LocalModeError) as refused:
        open_account(None)

    assert str(refused.value) == (
        "No AWS credentials were found: sign in (`aws configure`, `aws sso login`) or set AWS_PROFILE,"
        " or use `make run`, which needs none."
    )


def test_a_profile_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(LocalModeError) as refused:
        open_account(None)

    assert str(refused.value) == (
        "Your AWS credentials cannot be used: The config profile (nobody) could not be found."
    )


@pytest.mark.parametrize(("named", "region"), [(None, "eu-central-1"), ("us-west-2", "us-west-2")])
def test_the_region_is_the_profiles_unless_the_shell_names_one(
    signed_in: None, tmp_path: Path, named: str | None, region: str
) -> None:
    (tmp_path / "config").write_text("[default]\nregion = eu-central-1\n")

    assert open_account(named).region_name == region


def test_missing_tables_are_named_with_the_way_to_make_them(aws: None) -> None:
    with pytest.raises(LocalModeError) as refused:
        require_tables(open_account(None), "eu-west-1", ["Conversations", "Usage"])

    assert str(refused.value) == (
        "DynamoDB in eu-west-1 has no Conversations and no Usage:"
        " `make run-aws CREATE_TABLES=1` makes the tables, billed by request."
    )


def test_tables_that_are_there_are_enough(aws: None) -> None:
    boto3.client("dynamodb", "eu-west-1").create_table(
        TableName="Conversations",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    require_tables(open_account(None), "eu-west-1", ["Conversations"])


def test_dynamodb_out_of_reach_is_one_sentence(signed_in: None, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(LocalModeError) as refused:
        require_tables(open_account(None), "eu-west-1", ["Conversations"])

    assert str(refused.value) == (
        f'DynamoDB does not show its tables: Could not connect to the endpoint URL: "{url}/".'
    )
