"""The plain server, which runs in the environment of the peers."""

import json
import os
import sys
from pathlib import Path

import pytest

from benchmarks.asking import chat, request
from benchmarks.children import ROOT, Failed
from benchmarks.plain import server
from benchmarks.plain.server import PlainServer
from benchmarks.processes import children
from benchmarks.words import QUESTION, REPLY

PEERS = ROOT / ".venv" / "peers" / "bin" / "python"


def test_a_plain_server_that_does_not_start_is_told_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"The plain server does not answer.\nThe log of plain ends:\n.*uvicorn"):
        PlainServer(python=sys.executable, upstream_port=9, workers=1, folder=tmp_path / "plain")


def test_a_plain_server_that_is_waited_for_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    before = children(os.getpid())

    def interrupted(*_asked: object) -> bytes:
        started.extend(set(children(os.getpid())) - set(before))
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "chat", interrupted)
    with pytest.raises(KeyboardInterrupt):
        PlainServer(python=sys.executable, upstream_port=9, workers=1, folder=tmp_path / "plain")

    assert len(started) == 1
    assert children(os.getpid()) == before


@pytest.mark.skipif(not PEERS.exists(), reason="there is no environment of the peers (make bench makes it)")
def test_a_chat_of_the_plain_server_is_four_calls_with_the_whole_history(tmp_path: Path, upstream_port: int) -> None:
    with PlainServer(python=str(PEERS), upstream_port=upstream_port, workers=1, folder=tmp_path / "plain") as plain:
        request(upstream_port, "GET", "/recent")
        answer = json.loads(chat(plain.port, "cold50-1"))
        calls = json.loads(request(upstream_port, "GET", "/recent"))

    assert (answer["response"], answer["session_id"]) == (REPLY, "cold50-1")
    assert [operation for operation, _ in calls] == ["Query", "converse", "PutItem", "PutItem"]
    asked = calls[1][1]["messages"]
    assert len(asked) == 101
    assert asked[-1] == {"role": "user", "content": [{"text": QUESTION}]}
    stored = [body["Item"] for _, body in calls[2:]]
    assert [(item["Role"]["S"], item["Content"]["S"]) for item in stored] == [("user", QUESTION), ("assistant", REPLY)]
    assert stored[0]["Timestamp"]["S"] < stored[1]["Timestamp"]["S"]
