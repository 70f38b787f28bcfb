"""New processes, as far as it goes in seconds."""

from pathlib import Path

import pytest

from benchmarks import startup
from benchmarks.children import Failed
from benchmarks.crowd import chats


@pytest.mark.slow
def test_a_new_process_is_timed_and_a_crowd_at_its_door_is_answered(
    tmp_path: Path, upstream_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "_STARTS", 1)
    monkeypatch.setattr(startup, "_WARM_SESSIONS", 20)
    monkeypatch.setattr(startup, "_SESSIONS", 40)

    found = startup.start_up(upstream_port=upstream_port, worker_class="gevent", folder=tmp_path, grow=True)

    assert found.first_chat > 0
    assert found.crowded.rss > 0
    assert found.growth
    assert (found.growth.sessions, found.growth.before.rss > 0, found.growth.after.rss > 0) == (40, True, True)


def test_a_crowd_that_is_not_answered_says_why(upstream_port: int) -> None:
    with pytest.raises(Failed, match="nobody: WrongAnswer: status 404"):
        chats(upstream_port, "nobody", callers=2, number=4)
