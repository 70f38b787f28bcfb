"""A copy of `deployment/` whose script runs against MiniStack's STS and EKS, and programs that note what they do."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from django.conf import settings

from tests.deployment.terraform.conftest import aws  # noqa: F401  # a fixture
from tests.deployment.terraform.stacks import ACCOUNT

REGION = "us-east-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/chatbot-api@sha256:" + "a" * 64
HOST = "chatbot.invalid"
PROGRAMS = ("kubectl", "helm", "terraform")
FROM_EDGE = {
    "host": HOST,
    "certificate-arn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1",
    "web-acl-arn": f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/chatbot-production/1",
    "cognito": '{"userPoolARN": "1", "userPoolClientID": "2", "userPoolDomain": "3"}',
    "oidc-issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_1",
    "staff-oidc-issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_1",
    "oidc-audience": "4,5",
    "staff-oidc-client-id": "2",
}
FROM_CLUSTER = {
    "role-arn": f"arn:aws:iam::{ACCOUNT}:role/of-terraform",
    "secret-database-owner": "rds!db-1",
    "database-user-version": "uuid/1",
}
SECONDS = 120
# In the place of sleep: notes the seconds, and takes none of them. What the script waits for comes by being asked for.
SLEEP = """#!/bin/sh
echo "$1" >>"$(dirname "$0")/pauses"
"""


@dataclass(slots=True)
class Deployment:
    """The script, and what its programs were asked and are to answer."""

    home: Path
    variables: dict[str, str]
    answers: dict[str, Any] = field(default_factory=dict)

    def run(self, *arguments: str, seconds: float = SECONDS, **variables: str) -> "subprocess.CompletedProcess[str]":
        (self.programs / "answers.json").write_text(json.dumps(self.answers))
        return subprocess.run(
            [str(self.home / "deployment" / "deploy_eks.sh"), *arguments],
            cwd=self.home,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    @property
    def programs(self) -> Path:
        return self.home / "programs"

    @property
    def calls(self) -> list[str]:
        """Each call of a program in its order, as it would be typed."""
        noted = self.programs / "calls"
        return [" ".join(json.loads(line)) for line in noted.read_text().splitlines()] if noted.exists() else []

    def changes(self, words: Sequence[str]) -> list[str]:
        """Which of these words stood in calls, in the order of the calls."""
        return [word for call in self.calls for word in words if word in call]

    @property
    def pauses(self) -> list[int]:
        """The seconds of each pause of the script."""
        noted = self.programs / "pauses"
        return [int(line) for line in noted.read_text().splitlines()] if noted.exists() else []

    @property
    def cluster(self) -> dict[str, str]:
        """Which release is `live`, by its revision, and its `note` of the one before."""
        found: dict[str, str] = json.loads((self.programs / "cluster.json").read_text())
        return found

    @property
    def applied(self) -> list[dict[str, Any]]:
        file = self.programs / "applied.yaml"
        return [document for document in yaml.safe_load_all(file.read_text()) if document] if file.exists() else []


# What the script itself is made of, where everything else is to be missing.
SHELL = ("bash", "cat", "dirname", "env", "mktemp", "rm")


@pytest.fixture
def bare(deployment: Deployment) -> str:
    """A PATH with the recorded programs and a shell, and no other tool."""
    folder = deployment.home / "shell"
    folder.mkdir()
    for name in SHELL:
        (folder / name).symlink_to(shutil.which(name) or name)
    return f"{deployment.programs}:{folder}"


@pytest.fixture
def deployment(aws: str, tmp_path: Path) -> Deployment:  # noqa: F811  # the fixture above
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("there is no kubectl")
    shutil.copytree(settings.BASE_DIR / "deployment", tmp_path / "deployment")
    overlay = tmp_path / "deployment" / "kubernetes" / "overlays" / f"production-{REGION}"
    for file in overlay.iterdir():
        file.write_text(file.read_text().replace("chatbot.example.com", HOST))
    programs = tmp_path / "programs"
    programs.mkdir()
    recorded = (Path(__file__).parent / "recorded.py").read_text()
    for name in PROGRAMS:
        (programs / name).write_text(f"#!{sys.executable} -I\n{recorded}")
        (programs / name).chmod(0o755)
    (programs / "sleep").write_text(SLEEP)
    (programs / "sleep").chmod(0o755)
    make_cluster(aws)
    variables = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHON": sys.executable,
        "AWS_ENDPOINT_URL": aws,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "TF_STATE_BUCKET": "states",
    }
    outputs = {
        "app-eks": {
            "platform": FROM_CLUSTER,
            "load_balancer_controller_role_arn": f"arn:aws:iam::{ACCOUNT}:role/balancing",
            "external_secrets_role_arn": f"arn:aws:iam::{ACCOUNT}:role/secrets",
            "vpc_id": "vpc-1",
            "api_keys_table": "ChatbotApiKeys",
        },
        "edge": {"platform": FROM_EDGE},
    }
    answers = {
        "kubectl": kubectl,
        "fails": [],
        "releases": {
            "3": f"{IMAGE.replace('a' * 64, 'c' * 64)} chatbot-api-three",
            "4": f"{IMAGE.replace('a' * 64, 'b' * 64)} chatbot-api-four",
            "5": f"{IMAGE} chatbot-api-five",
        },
        "live": "4",
        "note": f"3 {IMAGE.replace('a' * 64, 'c' * 64)} chatbot-api-three",
        "released": "5",
        "replicas": "7",
        "secrets": "True",
        "asked_in_vain": 1,
        "tables": "",
        "migration": "SuccessCriteriaMet Complete",
        "host": HOST,
        "balancer": "balancer.invalid",
        "outputs": outputs,
    }
    return Deployment(tmp_path, variables, answers)


def make_cluster(endpoint: str) -> None:
    eks = boto3.client(
        "eks", region_name=REGION, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )
    if "chatbot-production" not in eks.list_clusters()["clusters"]:
        role = f"arn:aws:iam::{ACCOUNT}:role/cluster"
        eks.create_cluster(name="chatbot-production", roleArn=role, resourcesVpcConfig={"subnetIds": []})
