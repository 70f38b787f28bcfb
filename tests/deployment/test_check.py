"""What deployment/check.sh refuses before it looks at anything."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
SCRIPT = settings.BASE_DIR / "deployment" / "check.sh"


def run(programs: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The script with a shell and no tool: it ends where it would begin to check."""
    for name in ("bash", "cat", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or name)
    return subprocess.run(
        [SCRIPT, *arguments], env={"PATH": str(programs)}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("arguments", [("extra",), ("--without-images", "extra", "--help"), ("",)])
def test_refuses_what_it_does_not_know(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)

    (unknown,) = set(arguments) - {"--without-images", "--help"}
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {unknown} is not known; --help shows what is\n"


def test_says_how_it_is_used(tmp_path: Path) -> None:
    done = run(tmp_path, "--without-images", "--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: deployment/check.sh [--without-images]\n")
