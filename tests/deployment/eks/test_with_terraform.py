"""deploy_eks.sh with the real Terraform, its state in a bucket of MiniStack; kubectl and helm note what they are asked.

MiniStack makes no password for an RDS instance, so that one value is written into the overlay.
"""

import json
import os
import shutil
from typing import Any

import boto3
import pytest

from tests.deployment.eks.conftest import HOST, IMAGE, REGION, Deployment
from tests.deployment.eks.test_deploy_eks import STEPS, named
from tests.deployment.terraform.app_eks.test_app_eks import make_tables
from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, PASSED_ON, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(900),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
NAME = "rehearsal"
SECONDS = 800
ARGUMENTS = ("--environment", NAME, "--with-edge", "--image", IMAGE, "--no-smoke-test")


def client(service: str, endpoint: str) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client(  # type: ignore[call-overload]  # any service
        service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )


@pytest.fixture
def rehearsal(deployment: Deployment, aws: str) -> Deployment:
    """An environment with an overlay, tables, a zone and a bucket for Terraform's state."""
    (deployment.programs / "terraform").unlink()
    overlays = deployment.home / "deployment" / "kubernetes" / "overlays"
    shutil.copytree(overlays / f"production-{REGION}", overlays / f"{NAME}-{REGION}")
    platform = overlays / f"{NAME}-{REGION}" / "platform.yaml"
    platform.write_text(platform.read_text().replace("rds!db-00000000-0000-0000-0000-000000000000", "rds!db-1"))
    make_tables(aws)
    client("s3", aws).create_bucket(Bucket="states")
    zone = client("route53", aws).create_hosted_zone(Name=HOST, CallerReference=NAME)["HostedZone"]["Id"]
    deployment.variables |= {name: os.environ[name] for name in PASSED_ON if name in os.environ and name != "PATH"}
    deployment.variables |= {
        # What MiniStack cannot do: tests/deployment/terraform.
        "TF_VAR_irsa": "false",
        "TF_VAR_pod_identity": "true",
        "TF_VAR_support_type": "",
        "TF_VAR_firewall_log": "false",
        "TF_VAR_zone_id": zone.rpartition("/")[2],
        "TF_VAR_host_names": json.dumps([HOST]),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return deployment


def test_the_cluster_gets_what_terraform_made(rehearsal: Deployment, aws: str) -> None:
    done = rehearsal.run(*ARGUMENTS, seconds=SECONDS)

    assert (done.returncode, done.stdout) == (0, f"https://{HOST}\n"), done.stderr
    assert rehearsal.changes(STEPS) == list(STEPS)
    role = client("iam", aws).get_role(RoleName=f"chatbot-{NAME}-{REGION}-api")["Role"]["Arn"]
    account = named(rehearsal.applied, "ServiceAccount", "chatbot-api")
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == role
    (firewall,) = client("wafv2", aws).list_web_acls(Scope="REGIONAL")["WebACLs"]
    ingress = named(rehearsal.applied, "Ingress", "chatbot-api")["metadata"]["annotations"]
    assert ingress["alb.ingress.kubernetes.io/wafv2-acl-arn"] == firewall["ARN"]
    states = client("s3", aws).list_objects_v2(Bucket="states")["Contents"]
    assert {each["Key"] for each in states} == {
        f"chatbot/{NAME}/{REGION}/{stack}.tfstate" for stack in ("app-eks", "edge")
    }
