"""A MiniStack of a test's own: what it serves, and what is said where it does not start."""

import sys
from pathlib import Path

import httpx
import pytest

from local_aws import ministack
from local_aws.errors import LocalModeError
from local_aws.ministack import HEALTH, passing_ministack
from local_aws.ports import free_port


def test_answers_inside_its_block_alone(tmp_path: Path) -> None:
    port = free_port()
    with passing_ministack(tmp_path, services="dynamodb", port=port) as url:
        assert url == f"http://127.0.0.1:{port}"
        assert httpx.get(url + HEALTH).json()["services"] == {"dynamodb": "available"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(url + HEALTH)


def test_ends_with_a_test_that_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), passing_ministack(tmp_path, services="dynamodb") as url:
        raise AssertionError
    with pytest.raises(httpx.ConnectError):
        httpx.get(url + HEALTH)


def test_says_where_its_log_is_when_it_ends_at_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "ministack"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(ministack, "environment_of_ministack", lambda: tmp_path)
    expected = f"MiniStack ended with exit code 3; its log is {tmp_path / 'ministack.log'}."
    with pytest.raises(LocalModeError) as refused, passing_ministack(tmp_path):
        pass
    assert str(refused.value) == expected


def test_says_when_it_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(LocalModeError) as refused, passing_ministack(tmp_path):
        pass
    assert str(refused.value) == f"MiniStack is not installed in {tmp_path / 'ministack'}: `make run` installs it."
