"""Images in ECR: signing in, finding one by its tag, and telling the registry which were deployed."""

import base64
from typing import Any

# The stack registry keeps images with such a tag longer than others.
DEPLOYED = "deployed-"
_TAG_CHARS = 12


def registry_password(ecr: Any) -> str:  # noqa: ANN401  # boto3 makes its clients at run time
    """What a container tool signs in with, as user AWS. For its standard input, not for its arguments."""
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return base64.b64decode(token).decode().removeprefix("AWS:")


def digest(ecr: Any, *, repository: str, tag: str) -> str:  # noqa: ANN401  # as above
    """`sha256:…` of the image with this tag; empty where the repository or the image is not there."""
    try:
        found = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]
    except ecr.exceptions.RepositoryNotFoundException:
        return ""
    value: str = found[0]["imageId"]["imageDigest"] if found else ""
    return value


def mark_deployed(ecr: Any, *, repository: str, digest: str) -> None:  # noqa: ANN401  # as above
    """Gives the image a second tag. Once is enough: an image that has it keeps it."""
    image = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])["images"][0]
    tag = DEPLOYED + digest.removeprefix("sha256:")[:_TAG_CHARS]
    try:
        ecr.put_image(
            repositoryName=repository,
            imageManifest=image["imageManifest"],
            imageManifestMediaType=image["imageManifestMediaType"],
            imageDigest=digest,
            imageTag=tag,
        )
    except (ecr.exceptions.ImageAlreadyExistsException, ecr.exceptions.ImageTagAlreadyExistsException):
        return
