"""What `.ci/run` does where a tool is missing. `make` is a program that notes what it is asked."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
SHELL = ("bash", "dirname", "find", "grep", "id", "mktemp", "rm")
TOOLS = ("kubectl", "promtool", "shellcheck", "terraform")
CONFIGURED = 'provider_installation {\n  filesystem_mirror {\n    path = "/srv/providers"\n  }\n}\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the script, and nothing else in PATH than the programs in `bin`."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in SHELL:
        (programs / name).symlink_to(shutil.which(name) or name)
    for name in TOOLS:
        (programs / name).symlink_to("/bin/true")
    make = programs / "make"
    make.write_text('#!/bin/sh\necho "$* ${TERRAFORM_MIRROR:+mirror}" >>"$MADE"\n')
    make.chmod(0o755)
    shutil.copytree(settings.BASE_DIR / ".ci", tmp_path / ".ci")
    return tmp_path


def run(tree: Path, **variables: str) -> tuple[int, str, list[str]]:
    """Exit code, standard error, and what was made."""
    made = tree / "made"
    given = {"PATH": str(tree / "bin"), "HOME": str(tree), "MADE": str(made), **variables}
    done = subprocess.run([tree / ".ci" / "run"], env=given, capture_output=True, text=True, timeout=60, check=False)
    return (
        done.returncode,
        done.stderr,
        [line.strip() for line in made.read_text().split("\n")[:-1]] if made.exists() else [],
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_a_missing_tool_ends_it_at_once(tree: Path, tool: str) -> None:
    (tree / "bin" / tool).unlink()

    assert run(tree) == (
        1,
        f"{tool} is needed by make check-deploy. Install it, or set CI_WITHOUT_DEPLOY=1 to leave that out.\n",
        [],
    )


def test_leaves_check_deploy_out_where_it_is_told_to(tree: Path) -> None:
    (tree / "bin" / "terraform").unlink()

    said = "make check-deploy is left out, as CI_WITHOUT_DEPLOY says.\n"
    assert run(tree, CI_WITHOUT_DEPLOY="1") == (0, said, ["test BROWSER=", "check BROWSER=", "soak MINUTES=1"])


def test_leaves_images_out_where_containers_cannot_be_had(tree: Path) -> None:
    code, said, made = run(tree, TERRAFORM_MIRROR="/srv/providers")

    assert code == 0
    assert "Images are neither built nor run: containers cannot be had here." in said
    assert made == [
        "test BROWSER= mirror",
        "check BROWSER= mirror",
        "soak MINUTES=1 mirror",
        "check-deploy ARGS=--without-images mirror",
    ]


def test_terraforms_own_configuration_of_providers_holds(tree: Path) -> None:
    (tree / "terraform.rc").write_text(CONFIGURED)

    _, _, made = run(tree, TF_CLI_CONFIG_FILE=str(tree / "terraform.rc"))

    assert made[-1] == "check-deploy ARGS=--without-images"
