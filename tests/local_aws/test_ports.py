"""Ports of this machine."""

import pytest

from local_aws.errors import LocalModeError
from local_aws.ports import answers, free_port, listen


def test_a_taken_port_is_refused_in_one_sentence() -> None:
    with listen(0) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(LocalModeError) as refused:
            listen(port)

    assert str(refused.value) == f"Port {port} is taken: choose another, as in `make run PORT=8001`."


@pytest.mark.parametrize("port", [-1, 65_536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(LocalModeError) as refused:
        listen(port)

    assert str(refused.value) == f"PORT must be between 0 and 65535, and it is {port}."


def test_only_this_machine_can_connect() -> None:
    with listen(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_nobody_answers_on_a_free_port() -> None:
    assert not answers(free_port(), "/")
