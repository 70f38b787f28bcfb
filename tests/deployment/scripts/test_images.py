"""Images in ECR: its API is played by botocore's stubber."""

import base64
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deployment.scripts import images

DIGEST = "sha256:" + "0123456789abcdef" * 4
MANIFEST = {"imageManifest": "{}", "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json"}


@pytest.fixture
def ecr() -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client("ecr", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def aws(ecr: Any) -> Iterator[Stubber]:  # noqa: ANN401  # as above
    with Stubber(ecr) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def deployed_before(aws: Stubber) -> dict[str, Any]:
    """What putting the second tag must send."""
    aws.add_response("batch_get_image", {"images": [MANIFEST]})
    return MANIFEST | {"repositoryName": "chatbot", "imageDigest": DIGEST, "imageTag": "deployed-0123456789ab"}


def test_reads_the_password_out_of_the_token(ecr: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    token = base64.b64encode(b"AWS:secret").decode()
    aws.add_response("get_authorization_token", {"authorizationData": [{"authorizationToken": token}]})

    assert images.registry_password(ecr) == "secret"


ASKED = {"repositoryName": "chatbot", "imageIds": [{"imageTag": "one"}]}


def test_an_image_that_is_not_there_has_no_digest(ecr: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    failure = {"imageId": {"imageTag": "one"}, "failureCode": "ImageNotFound"}
    aws.add_response("batch_get_image", {"images": [], "failures": [failure]}, ASKED)

    assert images.digest(ecr, repository="chatbot", tag="one") == ""


def test_a_repository_that_is_not_there_has_no_images(ecr: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    aws.add_client_error("batch_get_image", "RepositoryNotFoundException")

    assert images.digest(ecr, repository="chatbot", tag="one") == ""


def test_finds_the_digest_behind_a_tag(ecr: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    aws.add_response("batch_get_image", {"images": [{"imageId": {"imageDigest": DIGEST}}]}, ASKED)

    assert images.digest(ecr, repository="chatbot", tag="one") == DIGEST


def test_a_deployed_image_gets_a_tag_that_says_so(ecr: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    aws.add_response("put_image", {}, deployed_before(aws))

    images.mark_deployed(ecr, repository="chatbot", digest=DIGEST)


def test_an_image_that_is_deployed_again_keeps_its_tag(ecr: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    aws.add_client_error("put_image", "ImageAlreadyExistsException", expected_params=deployed_before(aws))

    images.mark_deployed(ecr, repository="chatbot", digest=DIGEST)
