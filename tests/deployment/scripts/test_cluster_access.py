"""The way into a cluster: what kubectl is told, and the token it is given."""

import base64
import json
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.stub import Stubber

from deployment.scripts import cluster_access


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def test_a_token_is_a_signed_call_of_sts_for_this_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert cluster_access.main(["token", "chatbot-production"]) == 0

    credential = json.loads(capsys.readouterr().out)
    token = credential["status"]["token"].removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (credential["apiVersion"], credential["kind"]) == ("client.authentication.k8s.io/v1", "ExecCredential")
    assert url.hostname == "sts.eu-central-1.amazonaws.com"
    assert query["Action"] == "GetCallerIdentity"
    assert query["X-Amz-Expires"] == "60"
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert "not-a-secret" not in credential["status"]["token"]


def test_says_that_there_are_no_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))

    assert cluster_access.main(["token", "chatbot-production"]) == 1
    assert capsys.readouterr().err == "error: Unable to locate credentials\n"


def test_a_kubeconfig_holds_no_secret() -> None:
    eks = boto3.client("eks")
    found = {"endpoint": "https://cluster.test", "certificateAuthority": {"data": "Q0E="}}
    with Stubber(eks) as aws:
        aws.add_response("describe_cluster", {"cluster": found}, {"name": "chatbot-production"})
        config = cluster_access.kubeconfig(eks, "chatbot-production")

    cluster = {"server": "https://cluster.test", "certificate-authority-data": "Q0E="}
    assert config["clusters"] == [{"name": "chatbot-production", "cluster": cluster}]
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == sys.executable
    assert user["user"]["exec"]["args"][1:] == ["token", "chatbot-production"]
