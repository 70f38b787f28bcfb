"""MiniStack with every service, for Terraform."""

from collections.abc import Iterator

import pytest

from local_aws.ministack import passing_ministack


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack of these tests' own: stacks of others leave tables behind that are protected."""
    with passing_ministack(tmp_path_factory.mktemp("ministack-aws")) as url:
        yield url
