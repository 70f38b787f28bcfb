"""`make bench-cold`, as far as it goes without the peer's environment."""

import shutil
import sys

import pytest

from benchmarks.cold.__main__ import main


def test_a_function_that_does_not_start_is_named_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--peer", sys.executable, "--runs", "1"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("peer: /2018-06-01/runtime/init/error: ")
    assert "No module named 'fastapi'" in told.err


@pytest.mark.skipif(not (shutil.which("podman") or shutil.which("docker")), reason="there is no podman and no docker")
def test_an_image_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--peer", sys.executable, "--runs", "1", "--image", "localhost/never-built:dev"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("localhost/never-built:dev does not run: ")
