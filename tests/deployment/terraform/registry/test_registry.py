"""The stack `registry`: what it makes is there, and planning again finds nothing to do.

MiniStack knows no replication of registries: that is read off a plan.
"""

import json
from typing import Any

import boto3
import pytest

from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, Stack, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
REGION = "us-east-1"


@pytest.fixture(scope="module")
def stack(aws: str, provider: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The stack, applied."""
    applied = Stack("registry", tmp_path_factory.mktemp("registry"), aws, {"region": REGION}, provider)
    applied.apply()
    return applied


@pytest.fixture
def ecr(aws: str) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client(
        "ecr", region_name=REGION, endpoint_url=aws, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )


def test_planning_again_finds_nothing_to_do(stack: Stack) -> None:
    assert stack.plan() == []


def test_tags_stay_and_pushes_are_scanned(stack: Stack, ecr: Any) -> None:  # noqa: ANN401  # as above
    repositories = ecr.describe_repositories()["repositories"]

    assert sorted(each["repositoryName"] for each in repositories) == ["chatbot-api", "chatbot-api-lambda"]
    for each in repositories:
        assert each["imageTagMutability"] == "IMMUTABLE"
        assert each["imageScanningConfiguration"] == {"scanOnPush": True}
        assert each["encryptionConfiguration"]["encryptionType"] == "KMS"


def test_images_are_kept_a_year_and_deployed_ones_by_number(stack: Stack, ecr: Any) -> None:  # noqa: ANN401  # as above
    for name in ("chatbot-api", "chatbot-api-lambda"):
        rules = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
        said = [
            (r["selection"]["tagStatus"], r["selection"]["countType"], r["selection"]["countNumber"]) for r in rules
        ]
        assert said == [
            ("untagged", "sinceImagePushed", 14),
            ("tagged", "imageCountMoreThan", 20),
            ("any", "sinceImagePushed", 365),
        ]


def test_only_our_function_pulls(stack: Stack, ecr: Any) -> None:  # noqa: ANN401  # as above
    (statement,) = json.loads(ecr.get_repository_policy(repositoryName="chatbot-api-lambda")["policyText"])["Statement"]

    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:chatbot-api*"
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": function}


def test_images_are_copied_to_other_regions_by_variable(stack: Stack) -> None:
    (change,) = stack.plan(replica_regions=["us-west-2"])

    ((rule,),) = [each["rule"] for each in change["change"]["after"]["replication_configuration"]]
    assert rule["destination"] == [{"region": "us-west-2", "registry_id": ACCOUNT}]
    assert rule["repository_filter"] == [{"filter": "chatbot-api", "filter_type": "PREFIX_MATCH"}]


def test_refuses_variables_that_cannot_be_meant(stack: Stack) -> None:
    said = stack.refusal(kept_days=7, kept_deployed_images=1, replica_regions=[REGION])

    assert "there must be something to roll back to" in said
    assert "the image that runs and the one before it" in said
    assert "Name other regions than the repositories' own." in said
