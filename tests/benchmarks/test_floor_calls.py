"""One turn of the floor: the calls that it makes, and nothing else."""

from benchmarks.cases import Case
from benchmarks.floor_calls import Turns
from tests.benchmarks.calls import turn


def test_a_whole_reply_has_a_time_and_no_pieces(upstream_port: int) -> None:
    turns = Turns(f"http://127.0.0.1:{upstream_port}", turn(), Case("any", 1, 0.1), "a")

    chat = turns.turn(0)

    assert chat.total > 0
    assert (chat.first, list(chat.lags)) == (None, [])


def test_a_stream_is_read_to_its_end(upstream_port: int) -> None:
    turns = Turns(f"http://127.0.0.1:{upstream_port}", turn(), Case("any", 1, 0.1, stream=True), "a")

    chat = turns.turn(0)

    assert chat.first is not None
    assert 0 < chat.first < chat.total
    assert len(chat.lags) == 40


def test_all_of_a_long_history_goes_to_the_model(upstream_port: int) -> None:
    turns = Turns(f"http://127.0.0.1:{upstream_port}", turn(), Case("any", 1, 0.1, "long"), "a")

    sent: list[int] = []
    turns._bedrock.meta.events.register(
        "provide-client-params.bedrock-runtime.Converse", lambda params, **_: sent.append(len(params["messages"]))
    )
    turns.turn(0)

    assert sent == [101]
