"""MiniStack with every service, for Terraform, and a provider of Terraform that speaks to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.ministack import passing_ministack
from tests.deployment.terraform.provider import attached_provider, installed
from tests.deployment.terraform.stacks import Stack, environment_of


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack of these tests' own: stacks of others leave tables behind that are protected."""
    with passing_ministack(tmp_path_factory.mktemp("ministack-aws")) as url:
        yield url


@pytest.fixture(scope="session")
def provider_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider that Terraform installs for every stack."""
    return installed(Stack("registry", tmp_path_factory.mktemp("installed"), "http://127.0.0.1:9").folder)


@pytest.fixture(scope="module")
def provider(aws: str, provider_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables of a provider that runs already, for stacks that have one configuration of it."""
    with attached_provider(provider_program, tmp_path_factory.mktemp("provider"), environment_of(aws)) as variables:
        yield variables
