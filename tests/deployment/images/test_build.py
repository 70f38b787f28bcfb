"""deployment/images/build.sh, with a buildah and a docker that note what they are told."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent.parent / "deployment/images/build.sh"
DIGEST = "sha256:" + "ab" * 32
PINNED = f"docker.io/library/python:3.12-slim-bookworm@{DIGEST}"
NAME = "111122223333.dkr.ecr.us-east-1.amazonaws.com/chatbot-api:1.0"
# Notes its words; writes the digest where it is told to; fails where the test says so.
FAKE = f"""#!/bin/bash
echo "$(basename "$0") $*" >>"$NOTES"
while [[ $# -gt 0 ]]; do
  case $1 in
    --digestfile) printf %s {DIGEST} >"$2" ;;
    --metadata-file) printf '{{"containerimage.digest": "{DIGEST}"}}' >"$2" ;;
    id=pip.conf,src=*) cat "${{1#id=pip.conf,src=}}" >"$NOTES.pip" ;;
  esac
  shift
done
exit "$FAKE_EXIT"
"""


@dataclass
class Build:
    """Runs the script on a machine that has some of the tools."""

    folder: Path

    def install(self, *tools: str) -> None:
        for tool in tools:
            (self.folder / "bin" / tool).write_text(FAKE)
            (self.folder / "bin" / tool).chmod(0o755)

    def run(self, *arguments: str, exits: int = 0, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": f"{self.folder / 'bin'}:{self.folder / 'system'}",
            "HOME": str(self.folder),
            "NOTES": str(self.folder / "notes"),
            "FAKE_EXIT": str(exits),
            "BASE_IMAGE": PINNED,
        }
        command = [str(SCRIPT), *arguments]
        return subprocess.run(command, env=environment | variables, capture_output=True, text=True, check=False)

    @property
    def told(self) -> list[str]:
        """Every call of a tool."""
        notes = self.folder / "notes"
        return notes.read_text().splitlines() if notes.exists() else []

    @property
    def pip(self) -> str:
        return (self.folder / "notes.pip").read_text()


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """With no tool yet, and the programs that any machine has."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "system").mkdir()
    for program in ("bash", "env", "dirname", "basename", "cat", "sed", "git", "mktemp", "rm", "mkdir"):
        found = next(Path(place) / program for place in os.defpath.split(":") if (Path(place) / program).exists())
        (tmp_path / "system" / program).symlink_to(found)
    return Build(tmp_path)


def test_builds_both_for_this_machine(build: Build) -> None:
    build.install("buildah", "docker")
    done = build.run("all")
    assert (done.returncode, done.stdout) == (0, "localhost/chatbot-api:dev\nlocalhost/chatbot-api-lambda:dev\n")
    server, function = build.told
    for call, file in ((server, "deployment/Dockerfile"), (function, "deployment/Dockerfile.lambda")):
        assert call.startswith("buildah build --format docker ")
        assert f"--file {file} " in call
        assert f"--build-arg BASE_IMAGE={PINNED} --build-arg VERSION=0.1.0 --build-arg REVISION=" in call


@pytest.mark.parametrize("tool", ["buildah", "docker"])
def test_a_pushed_image_is_named_by_its_digest(build: Build, tool: str) -> None:
    build.install(tool)
    done = build.run("server", "--tag", NAME, "--push")
    assert (done.returncode, done.stdout) == (0, f"{NAME.removesuffix(':1.0')}@{DIGEST}\n")
    assert any("push" in call and NAME in call for call in build.told)


def test_one_name_holds_the_server_of_both_platforms(build: Build) -> None:
    build.install("buildah")
    done = build.run("server", "--tag", NAME, "--platform", "linux/amd64,linux/arm64", "--push")
    assert done.returncode == 0
    made, pushed = build.told[-2:]
    assert f"--manifest {NAME} " in made
    assert "--platform linux/amd64,linux/arm64 " in made
    assert pushed.startswith("buildah manifest push --all ")


def test_docker_makes_an_image_that_lambda_takes(build: Build) -> None:
    build.install("docker")
    assert build.run("lambda", "--platform", "linux/arm64").returncode == 0
    (call,) = build.told
    assert call.startswith("docker buildx build --provenance=false --sbom=false ")
    assert " --load " in call


def test_packages_come_from_where_the_host_has_them_from(build: Build) -> None:
    build.install("buildah")
    build.run("server", PIP_INDEX_URL="https://alice:secret@packages.example.com/simple")
    assert build.pip == "[global]\nindex-url = https://alice:secret@packages.example.com/simple\n"
    assert "example.com" not in build.told[0]

    configuration = build.folder / ".config/pip/pip.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("[global]\ntimeout = 60\n")
    build.run("server")
    assert build.pip == "[global]\ntimeout = 60\n"


def test_a_dry_run_only_says_what_it_would_do(build: Build) -> None:
    build.install("buildah")
    done = build.run("server", "--tag", NAME, "--push", "--dry-run")
    assert (done.returncode, done.stdout, build.told) == (0, f"{NAME}\n", [])
    assert "would run: buildah build " in done.stderr
    assert "would run: buildah push " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "say which image: server, lambda or all"),
        (("server", "lambda"), "one of server, lambda and all, not two"),
        (("server", "--tag"), "--tag needs a value"),
        (("server", "--fast"), "--fast is not known; --help shows what is"),
        (("all", "--tag", NAME), "--tag names one image: say server or lambda"),
        (("server", "--push"), "--push needs --tag, which says where to"),
        (
            ("server", "--platform", "windows/amd64"),
            "--platform takes linux/amd64, linux/arm64 or linux/amd64,linux/arm64",
        ),
        (("lambda", "--platform", "linux/amd64,linux/arm64"), "a Lambda function is of one platform: name one"),
        (
            ("server", "--tag", NAME, "--push", "--base-image", "python:3.12-slim"),
            "python:3.12-slim may change behind its name: with --push name it as NAME@sha256:DIGEST",
        ),
        (("server", "--tool", "kaniko"), "--tool takes buildah or docker"),
    ],
)
def test_refuses_wrong_arguments_and_does_nothing(build: Build, arguments: tuple[str, ...], sentence: str) -> None:
    build.install("buildah")
    done = build.run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {sentence}\n")
    assert build.told == []


def test_says_when_there_is_nothing_to_build_with(build: Build) -> None:
    done = build.run("server")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "error: buildah or docker is needed (Debian: apt install buildah)\n"


@pytest.mark.parametrize("tool", ["buildah", "docker"])
def test_an_image_that_was_not_built_has_no_name(build: Build, tool: str) -> None:
    build.install(tool)
    done = build.run("server", "--tag", NAME, "--push", exits=1)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.endswith(f"error: {NAME} was not built or not pushed: the lines above say why\n")
    assert len(build.told) == 1


def test_helps(build: Build) -> None:
    done = build.run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: deployment/images/build.sh server|lambda|all [options]\n")
