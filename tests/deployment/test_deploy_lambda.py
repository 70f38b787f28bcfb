"""What deployment/deploy_lambda.sh says and refuses, without a call to AWS. Whole deployments: terraform/app_lambda."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

SCRIPT = settings.BASE_DIR / "deployment" / "deploy_lambda.sh"
WRONG_USE, MISSING = 2, 3

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The script with these arguments, and nothing else that would let it reach AWS."""
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true", **variables}
    return subprocess.run(
        [SCRIPT, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_option_and_every_variable() -> None:
    done = run("--help")
    text = SCRIPT.read_text()

    options = {line.split(")")[0].strip() for line in text.splitlines() if line.startswith("    --")}
    assert done.returncode == 0
    assert {name for option in options for name in option.split(" | ") if name.startswith("--")} <= set(
        done.stdout.split()
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--no-such-option"], "--no-such-option is not known; --help shows what is"),
        (["--environment"], "--environment needs a value"),
        (["--environment", ""], "--environment needs a value"),
        (["--url", "--dry-run"], "--url needs a value"),
        (["--url", ""], "--url needs a value"),
        (["--url", "chatbot.example.com"], "--url takes an address with https:// or http://: chatbot.example.com"),
        (["--canary", ""], "--canary needs a value"),
        (["--image", ""], "--image needs a value"),
        (["--tag", ""], "--tag needs a value"),
        (["--environment", "Production!"], "--environment takes up to 16 lower-case letters and digits"),
        (["--environment", "a" * 17], "--environment takes up to 16 lower-case letters and digits"),
        (["--environment", "a--b"], "--environment takes up to 16 lower-case letters and digits"),
        (["--architecture", "mips"], "--architecture takes arm64 or x86_64"),
        (["--image", "chatbot:latest"], "--image names an image by its digest: NAME@sha256:DIGEST"),
        (["--canary", "100"], "--canary takes a whole number from 1 to 99"),
        (["--rollback", "--canary", "10"], "--rollback goes with no option of a deployment"),
    ],
)
def test_refuses(arguments: list[str], said: str) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (WRONG_USE, "")
    assert f"error: {said}" in done.stderr


def only(folder: Path, *tools: str) -> str:
    """A PATH with these tools and what every machine has."""
    for tool in ("bash", "dirname", "mktemp", "rm", "cat", *tools):
        (folder / tool).symlink_to(shutil.which(tool) or "/bin/true")
    return str(folder)


def test_every_stack_has_the_same_rule_for_an_environments_name() -> None:
    rules = [
        re.search(r'variable "environment" \{.*?condition\s+= (.*?)\n', file.read_text(), flags=re.DOTALL)
        for file in (settings.BASE_DIR / "deployment" / "terraform").glob("*/variables.tf")
    ]
    pattern = r"length(var.environment) <= 16 && can(regex(\"^[a-z][a-z0-9]*(-[a-z0-9]+)*$\", var.environment))"
    assert [rule[1] for rule in rules if rule] == [pattern.replace("\\", "")] * len(rules)
    common = (SCRIPT.parent / "scripts" / "common.sh").read_text()
    assert "${#1} -le 16 && $1 =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$" in common


def test_names_the_tool_that_is_missing(tmp_path: Path) -> None:
    done = run(PATH=only(tmp_path), AWS_REGION="us-east-1", TF_STATE_BUCKET="chatbot-state")

    assert done.returncode == MISSING
    assert "error: terraform is needed: install 1.11 or newer" in done.stderr


def test_wants_a_container_tool_unless_the_image_is_there(tmp_path: Path) -> None:
    done = run(PATH=only(tmp_path, "terraform"), AWS_REGION="us-east-1", TF_STATE_BUCKET="chatbot-state")

    assert done.returncode == MISSING
    assert "error: docker is needed: install it, or buildah" in done.stderr


def test_wants_to_know_where_the_state_is(tmp_path: Path) -> None:
    done = run(PATH=only(tmp_path, "terraform"), AWS_REGION="us-east-1")

    assert done.returncode == WRONG_USE
    assert "error: set TF_STATE_BUCKET to the S3 bucket of Terraform's state" in done.stderr


def test_wants_to_know_the_region() -> None:
    done = run("--rollback")

    assert done.returncode == WRONG_USE
    assert "error: set AWS_REGION to the region to deploy to" in done.stderr


def test_no_variable_of_the_environment_stands_for_an_option() -> None:
    done = run("--rollback", IMAGE_URI="chatbot:latest")

    assert done.returncode == WRONG_USE
    assert "error: set AWS_REGION to the region to deploy to" in done.stderr


def test_ends_where_there_are_no_credentials(tmp_path: Path) -> None:
    done = run("--rollback", AWS_REGION="us-east-1", HOME=str(tmp_path))

    assert done.returncode == MISSING
    assert "error: Unable to locate credentials\nerror: there are no AWS credentials that work" in done.stderr
