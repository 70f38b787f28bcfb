"""The files that are begun first are there."""

from pathlib import Path

from tests.deployment.conftest import LONGEST_FIRST


def test_files_that_go_first_are_there() -> None:
    assert [name for name in LONGEST_FIRST if not (Path(__file__).parent / name).is_file()] == []
