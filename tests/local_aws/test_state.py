"""The folder in which local mode keeps its data."""

from pathlib import Path

import pytest

from local_aws.errors import LocalModeError
from local_aws.state import State


def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with State(tmp_path).locked(), pytest.raises(LocalModeError) as refused, State(tmp_path).locked():
        pass

    assert str(refused.value) == f"Local mode is running already on {tmp_path}: stop that one first."


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with State(tmp_path).locked():
        pass
    with State(tmp_path).locked() as descriptor:
        assert descriptor > 2


def test_the_secret_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = State(tmp_path / "a").secret_key()

    assert State(tmp_path / "a").secret_key() == first
    assert State(tmp_path / "b").secret_key() != first
    assert len(first) >= 50
    assert (tmp_path / "a" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LocalModeError) as refused:
        State(tmp_path / "file" / "state")

    assert str(refused.value) == f"{tmp_path}/file/state cannot be written: Not a directory."
