"""What the two Dockerfiles promise before anything is built."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
SERVER, LAMBDA = ROOT / "deployment/Dockerfile", ROOT / "deployment/Dockerfile.lambda"
HADOLINT = shutil.which("hadolint", path=f"{sys.prefix}/deploy/bin") or shutil.which("hadolint")


def steps(dockerfile: Path) -> list[str]:
    """Instructions, without comments."""
    text = "\n".join(line for line in dockerfile.read_text().splitlines() if not line.startswith("#"))
    return [step for step in text.replace("\\\n", "").splitlines() if step]


def test_every_package_of_the_project_goes_in_but_local_mode() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {*project["tool"]["importlinter"]["root_packages"], "deployment"} - {"local_aws"}
    listed = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {name for name in listed if "/" not in name and "." not in name} == packages
    assert all((ROOT / name).exists() for name in listed if not name.startswith("requirements-lambda"))


def test_both_images_are_built_in_the_same_way() -> None:
    """But for requirements and what is started."""
    own = ("COPY requirements", "ENV ", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD", "LABEL")
    shared = [[step for step in steps(file) if not step.startswith(own)] for file in (SERVER, LAMBDA)]
    assert shared[0] == shared[1]


@pytest.mark.parametrize("dockerfile", [SERVER, LAMBDA], ids=["server", "lambda"])
def test_the_last_user_has_no_rights(dockerfile: Path) -> None:
    assert [step for step in steps(dockerfile) if step.startswith("USER")][-1] == "USER 10001:10001"


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed: make check-deploy installs it")
def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([str(HADOLINT), SERVER, LAMBDA], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
