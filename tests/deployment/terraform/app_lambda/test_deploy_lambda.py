"""Whole deployments by deployment/deploy_lambda.sh against MiniStack.

Three things are played. `buildah` is a stand-in that builds nothing and puts an empty image into ECR; the real one is
at work in tests/deployment/images. And MiniStack runs no image that lacks AWS's emulator of the runtime, so the chat is
held with the project served on this machine over the same tables; --url is there for domain names of one's own. Where a
version is invoked, the same project answers.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from django.conf import settings

from local_aws.ports import free_port
from tests.conftest import NO_TLS
from tests.deployment.terraform.app_lambda.invocations import invocations_answered_by
from tests.deployment.terraform.app_lambda.tables import SECRET_KEY, environment, make_tables
from tests.deployment.terraform.provider import ATTACHED
from tests.deployment.terraform.stacks import ACCOUNT, IN_HASTE, NO_TERRAFORM, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(900),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
ROOT = settings.BASE_DIR
# A region of this module's own: others deploy to the same MiniStack.
REGION, BUCKET, ENVIRONMENT = "us-west-2", "chatbot-state", "script-test"
WRONG_USE, NO_APPLY, NOT_READY, NO_ANSWER = 2, 5, 6, 7
READY_SECONDS = 30
JWT = '{"issuer": "https://issuer.example.com", "audience": ["chat"]}'
BUILDAH = """#!{python}
import sys
import boto3
said = sys.argv[1:]
with open("{log}", "a") as log:
    log.write(" ".join(word for word in said if not word.startswith("/")) + "\\n")
if said[0] == "login":
    assert sys.stdin.read()
if said[0] == "push":
    image = said[-1].removeprefix("docker://").split("/")[1]
    repository, tag = image.split(":")
    manifest = '{{"schemaVersion": 2, "layers": [], "annotations": {{"tag": "%s"}}}}' % tag
    kind = "application/vnd.oci.image.manifest.v1+json"
    put = boto3.client("ecr", region_name="{region}").put_image(
        repositoryName=repository, imageTag=tag, imageManifest=manifest, imageManifestMediaType=kind
    )
    open(said[said.index("--digestfile") + 1], "w").write(put["image"]["imageId"]["imageDigest"])
"""


@dataclass
class Script:
    """deploy_lambda.sh in a copy of the tree, with MiniStack for AWS."""

    endpoint: str
    root: Path
    provider: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        command = [str(self.root / "deployment" / "deploy_lambda.sh"), "--environment", ENVIRONMENT, *arguments]
        given = self.environment | self.variables | variables
        return subprocess.run(command, env=given, capture_output=True, text=True, timeout=300, check=False)

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.endpoint, REGION) | {
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "PYTHON": sys.executable,
            "TF_STATE_BUCKET": BUCKET,
            "TF_CLI_ARGS_init": "-backend-config=use_path_style=true",
            **{name: os.environ[name] for name in ("TF_CLI_CONFIG_FILE",) if name in os.environ},
            **IN_HASTE,
            **self.provider,
        }

    def deploy(self, *arguments: str, **variables: str) -> str:
        """Standard output of a deployment that goes well."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client(self, service: str, region: str = REGION) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
        return boto3.client(  # type: ignore[call-overload]  # any service
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="x",
            config=Config(s3={"addressing_style": "path"}),
        )

    def live(self) -> str:
        version: str = self.client("lambda").get_alias(FunctionName="chatbot-api", Name="live")["FunctionVersion"]
        return version

    def shares(self) -> dict[str, float]:
        """Of requests, by the version that answers them beside the live one."""
        alias = self.client("lambda").get_alias(FunctionName="chatbot-api", Name="live")
        shares: dict[str, float] = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})
        return shares

    def built(self) -> list[str]:
        """The commands that the stand-in of buildah was given, without their arguments."""
        log = self.root / "buildah.log"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture(scope="module")
def script(aws: str, provider: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Script:
    """The script, with tables, a secret and a bucket for the state; nothing is deployed yet."""
    root = tmp_path_factory.mktemp("deploy-lambda") / "tree"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv", ".local", ".artefacts", ".*_cache"))
    script = Script(aws, root, provider)
    stand_in = root / "bin" / "buildah"
    stand_in.parent.mkdir()
    stand_in.write_text(BUILDAH.format(python=sys.executable, region=REGION, log=root / "buildah.log"))
    stand_in.chmod(0o755)
    script.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    made = script.client("secretsmanager").create_secret(Name="chatbot", SecretString=SECRET_KEY)
    script.variables = {
        "TF_VAR_secrets": f'{{"DJANGO_SECRET_KEY": "{made["ARN"]}"}}',
        "TF_VAR_url_auth": "NONE",
        "TF_VAR_role_name": "chatbot-lambda-role-of-the-script",
    }
    make_tables(aws, REGION)
    return script


@pytest.fixture(scope="module")
def url(script: Script) -> Iterator[str]:
    """Where the project answers in the function's place."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    served = environment(script.endpoint, REGION) | {"PORT": str(port), "METRICS_PORT": "0", "WEB_CONCURRENCY": "1"}
    command = [sys.executable, "-m", "gunicorn", "-c", "deployment/gunicorn.conf.py", "chatbot_project.wsgi"]
    with subprocess.Popen(command, cwd=ROOT, env=served, stderr=subprocess.DEVNULL) as child:
        try:
            until = time.monotonic() + READY_SECONDS
            while not answers(address):
                assert child.poll() is None, "gunicorn ended at its start"
                assert time.monotonic() < until, "gunicorn did not start"
            yield address
        finally:
            child.terminate()


@pytest.fixture
def invoked(script: Script, url: str) -> Iterator[str]:
    """Lambda's API with the project answering where a version is invoked."""
    with invocations_answered_by(url, others=script.endpoint) as address:
        yield address


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", verify=NO_TLS).status_code == 200
    except httpx.TransportError:
        time.sleep(0.2)
        return False


def test_a_first_deployment_builds_pushes_applies_chats_and_says_the_url(script: Script, url: str) -> None:
    assert script.deploy("--tag", "first", "--url", f"{url}/") == url

    assert script.built()[:3] == ["login", "build", "push"]
    images = script.client("ecr").describe_images(repositoryName="chatbot-api-lambda")["imageDetails"]
    tags = [tag for image in images for tag in image["imageTags"]]
    assert "first" in tags
    assert [tag for tag in tags if tag.startswith("deployed-")]
    keys = script.client("dynamodb").scan(TableName="ChatbotApiKeys")["Items"]
    assert [key["Owner"]["S"] for key in keys if "RevokedAt" not in key] == []
    held = script.client("dynamodb").scan(TableName="ChatbotConversations")["Items"]
    assert held == []


def test_running_again_builds_nothing_and_releases_nothing(script: Script, url: str) -> None:
    script.deploy("--tag", "again", "--no-smoke-test")
    live, built = script.live(), script.built()

    script.deploy("--tag", "again", "--url", url)

    assert (script.live(), script.built()) == (live, built)


def test_a_dry_run_changes_nothing(script: Script) -> None:
    script.deploy("--tag", "before-dry", "--no-smoke-test")
    live, built = script.live(), script.built()

    done = script.run("--tag", "dry", "--dry-run")

    assert (done.returncode, done.stdout) == (0, "")
    assert "would run: " in done.stderr
    assert "This was a dry run: nothing was changed." in done.stderr
    assert (script.live(), script.built()) == (live, built)


def test_a_dry_run_before_there_are_tables_leaves_the_functions_plan_out(script: Script) -> None:
    """In a region where nothing was ever applied; its state is in a bucket there."""
    script.client("s3", "eu-west-2").create_bucket(
        Bucket="state-of-the-region", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
    )
    values = script.root / "deployment" / "terraform" / "app-lambda" / f"{ENVIRONMENT}-eu-west-2.tfvars"
    values.write_text('usage_table = "UsageOfTheRegion"\n')

    elsewhere = {"AWS_REGION": "eu-west-2", "TF_STATE_BUCKET": "state-of-the-region", "TF_VAR_recovery": "false"}
    # The stack data has two configurations of its provider.
    elsewhere[ATTACHED] = ""
    done = script.run("--tag", "nowhere", "--with-data", "--dry-run", **elsewhere)

    values.unlink()
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (
        "The plan of the stack app-lambda is left out: it reads tables that are not there yet "
        "(ChatbotConversations, UsageOfTheRegion, ChatbotApiKeys). --with-data makes them.\n"
    ) in done.stderr
    assert "This was a dry run: nothing was changed." in done.stderr


def test_a_chat_that_fails_where_nothing_new_was_released_takes_nothing_back(script: Script, url: str) -> None:
    script.deploy("--tag", "settled", "--no-smoke-test")
    before = script.live()

    done = script.run("--tag", "settled", "--url", url, SMOKE_API_KEY="cb_" + "x" * 43)

    assert (done.returncode, done.stdout) == (NO_ANSWER, "")
    assert (
        "error: the function does not answer as it should; nothing new was released, and nothing was taken back\n"
    ) in done.stderr
    assert script.live() == before


def test_values_of_the_region_go_before_those_of_the_environment(script: Script) -> None:
    stack = script.root / "deployment" / "terraform" / "app-lambda"
    files = {stack / f"{ENVIRONMENT}.tfvars": 30, stack / f"{ENVIRONMENT}-{REGION}.tfvars": 901}
    for file, seconds in files.items():
        file.write_text(f"timeout_seconds = {seconds}\n")

    done = script.run("--tag", "refused")

    for file in files:
        file.unlink()
    assert (done.returncode, done.stdout) == (NO_APPLY, "")
    assert "A whole number from 15 to 900" in done.stderr


def test_a_version_that_does_not_answer_as_it_should_is_taken_back(script: Script, url: str) -> None:
    script.deploy("--tag", "good", "--no-smoke-test")
    before = script.live()

    done = script.run("--tag", "bad", "--url", url, SMOKE_API_KEY="cb_" + "x" * 43)

    assert (done.returncode, done.stdout) == (NO_ANSWER, "")
    assert "POST /chat was answered with 401 instead of 200" in done.stderr
    assert "error: the new version does not answer as it should; the one before answers again" in done.stderr
    assert script.live() == before


def test_rolling_back_twice_is_refused_and_changes_nothing(script: Script) -> None:
    script.deploy("--tag", "one", "--no-smoke-test")
    before = script.live()
    script.deploy("--tag", "two", "--no-smoke-test")
    newest = script.live()
    assert newest != before

    dry = script.run("--rollback", "--dry-run")
    assert (dry.returncode, script.live()) == (0, newest)
    assert f"Version {before} would be live again, in place of {newest}." in dry.stderr
    codes = []
    for _ in range(2):
        done = script.run("--rollback")
        codes.append(done.returncode)
        assert script.live() == before
    assert codes == [0, NOT_READY]
    assert "rolled back from" in done.stderr
    assert "already: nothing was changed" in done.stderr


def test_a_rollback_where_nothing_was_released_is_refused(script: Script) -> None:
    for arguments in (["--rollback"], ["--rollback", "--dry-run"]):
        done = script.run(*arguments, AWS_REGION="eu-west-1")

        assert (done.returncode, done.stdout) == (NOT_READY, "")
        assert "error: chatbot-api was never released here: there is nothing to roll back.\n" in done.stderr


def test_a_canary_answers_its_share_and_is_taken_back(script: Script) -> None:
    script.deploy("--tag", "steady", "--no-smoke-test")
    before = script.live()

    script.deploy("--tag", "canary", "--canary", "5", "--no-smoke-test")

    assert list(script.shares().values()) == [0.05]
    assert script.live() == before
    codes = []
    for _ in range(2):
        done = script.run("--rollback")
        codes.append(done.returncode)
        assert (script.live(), script.shares()) == (before, {})
    assert codes == [0, NOT_READY]
    assert "was taken back already: nothing was changed" in done.stderr


def test_a_canary_that_does_not_answer_as_it_should_gets_no_request(script: Script) -> None:
    script.deploy("--tag", "reliable", "--no-smoke-test")
    before = script.live()

    # MiniStack's version runs no image: it fails when it is invoked.
    done = script.run("--tag", "broken", "--canary", "5", SMOKE_API_KEY="cb_" + "x" * 43)

    assert (done.returncode, done.stdout) == (NO_ANSWER, "")
    newest = str(int(before) + 1)
    assert f"error: version {newest} does not answer as it should; no request reaches it" in done.stderr
    assert (script.live(), script.shares()) == (before, {})


def test_a_canary_that_answers_gets_its_share(script: Script, url: str, invoked: str) -> None:
    script.deploy("--tag", "calm", "--no-smoke-test")

    done = script.run("--tag", "lively", "--canary", "5", "--url", url, AWS_ENDPOINT_URL_LAMBDA=invoked)

    assert done.returncode == 0, done.stderr
    newest = str(int(script.live()) + 1)
    assert f"chatbot-api:{newest} answers, and keeps what was said." in done.stderr
    assert script.shares() == {newest: 0.05}


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"TF_VAR_timeout_seconds": "901"}, NO_APPLY, "Terraform refuses the stack app-lambda"),
        ({"TF_VAR_entry": "api-gateway", "TF_VAR_jwt": JWT}, WRONG_USE, "API Gateway asks the chat for a token"),
        ({"TF_STATE_BUCKET": "no-such-bucket"}, NO_APPLY, "Terraform could not prepare the stack app-lambda"),
    ],
)
def test_what_would_end_the_deployment_later_ends_it_before_anything_is_built(
    script: Script, variables: dict[str, str], code: int, said: str
) -> None:
    built = script.built()

    done = script.run("--tag", "refused", **variables)

    assert (done.returncode, done.stdout) == (code, "")
    assert f"error: {said}" in done.stderr
    assert script.built() == built


def test_a_missing_secret_is_seen_before_anything_is_built(script: Script) -> None:
    unset = Script(script.endpoint, script.root, script.provider, {"TF_VAR_url_auth": "NONE"})
    built = script.built()

    done = unset.run("--tag", "without")

    assert (done.returncode, done.stdout) == (WRONG_USE, "")
    assert "error: a variable of the stack app-lambda has no value" in done.stderr
    assert script.built() == built


def test_a_canary_beside_nothing_is_refused_before_anything_is_built(script: Script) -> None:
    built = script.built()

    done = script.run("--tag", "alone", "--canary", "5", AWS_REGION="eu-west-1")

    assert (done.returncode, done.stdout) == (WRONG_USE, "")
    assert "error: there is no version yet that could answer the other requests" in done.stderr
    assert script.built() == built


def test_new_values_of_secrets_are_released(script: Script) -> None:
    script.deploy("--tag", "secretive", "--no-smoke-test")
    before = script.live()

    script.client("secretsmanager").put_secret_value(SecretId="chatbot", SecretString=SECRET_KEY[::-1])
    script.deploy("--tag", "secretive", "--no-smoke-test")

    assert script.live() == str(int(before) + 1)
