"""The Makefile before the project itself runs: Python, virtual environments, requirements, help."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "make", "sed", "awk", "cat", "cksum", "tr", "rm", "touch", "mkdir", "cp")

# Says what it was asked, makes an "environment" that is itself, and fails to install while `broken` is there.
FAKE_PYTHON = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") test ! -e {folder}/broken ;;
"-c "*) case "$2" in *{lacks}*) exit 1 ;; esac ;;
esac
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder for PATH: what make needs, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (folder / tool).symlink_to(found)
    return folder


def put_python(path: Path, lacks: str = "nothing") -> None:
    python = path / "python3"
    python.write_text(FAKE_PYTHON.format(folder=path.parent, lacks=lacks))
    python.chmod(0o755)


def make(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-C", str(ROOT), "--no-print-directory", *arguments, f"VENV={path.parent}/venv"]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, timeout=60, check=False)


def calls(path: Path) -> list[str]:
    lines = (path.parent / "calls").read_text().splitlines()
    (path.parent / "calls").unlink()
    return [line.replace(str(path.parent), "") for line in lines if not line.startswith("-c ")]


def test_a_missing_python_is_one_sentence(path: Path) -> None:
    result = make(path, "run")

    assert result.returncode != 0
    assert result.stderr.splitlines()[0] == (
        "Python 3.11 or newer is needed, and there is no python3: install it (Debian: apt install python3 python3-venv)"
        " or name it, as in PYTHON=/path/to/python3."
    )
    assert not (path.parent / "venv").exists()


def test_an_old_python_is_one_sentence(path: Path) -> None:
    put_python(path, lacks="version_info")

    result = make(path, "run")

    assert result.returncode != 0
    assert result.stderr.splitlines()[0] == (
        "Python 3.11 or newer is needed, and python3 is older: name another, as in PYTHON=/path/to/python3.11."
    )
    assert not (path.parent / "venv").exists()


def test_a_python_that_cannot_make_environments_is_one_sentence(path: Path) -> None:
    put_python(path, lacks="ensurepip")

    result = make(path, "run")

    assert result.returncode != 0
    assert result.stderr.splitlines()[0] == (
        "python3 cannot make virtual environments: install what it lacks (Debian: apt install python3-venv)."
    )
    assert not (path.parent / "venv").exists()


def test_installs_what_the_server_and_ministack_need_and_nothing_twice(path: Path) -> None:
    put_python(path)
    install = "-m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r"

    first = make(path, "run")

    venv = f"{path.parent}/venv"
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        f"Making the virtual environment {venv} ...",
        "Installing requirements.txt ...",
        f"Making the virtual environment {venv}/ministack ...",
        "Installing requirements-local.txt ...",
    ]
    assert calls(path) == [
        "-m venv /venv",
        f"{install} requirements.txt",
        "-m venv /venv/ministack",
        f"{install} requirements-local.txt",
        "manage.py runlocal --stop-with-parent",
    ]

    again = make(path, "run")

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert calls(path) == ["manage.py runlocal --stop-with-parent"]


def test_an_installation_that_failed_is_done_again(path: Path) -> None:
    put_python(path)
    (path.parent / "broken").touch()

    failed = make(path, "run")

    assert failed.returncode != 0
    assert "requirements.txt could not be installed: the lines above say why; then run make again." in failed.stderr
    calls(path)
    (path.parent / "broken").unlink()
    assert make(path, "run").returncode == 0
    assert [call.split()[-1] for call in calls(path)] == [
        "requirements.txt",
        "/venv/ministack",
        "requirements-local.txt",
        "--stop-with-parent",
    ]


def test_other_requirements_are_installed_anew(path: Path, tmp_path: Path) -> None:
    put_python(path)
    make(path, "run")
    for stamp in (tmp_path / "venv").glob(".runtime-*"):
        stamp.rename(stamp.with_name(".runtime-of-other-requirements"))
    calls(path)

    make(path, "run")

    assert [call.split()[-1] for call in calls(path)] == ["requirements.txt", "--stop-with-parent"]
    assert not (tmp_path / "venv" / ".runtime-of-other-requirements").exists()


def test_help_lists_every_target(path: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony

    listed = [line.split()[1] for line in make(path, "help").stdout.splitlines()]

    assert sorted(listed) == sorted(phony[1].split())


def test_make_alone_is_help(path: Path) -> None:
    assert make(path).stdout == make(path, "help").stdout
