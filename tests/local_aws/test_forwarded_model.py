"""A model server of the user's own, named by LOCAL_MODEL_URL."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from local_aws.completions import ChatModel, Completion
from local_aws.errors import LocalModeError
from local_aws.forwarded_model import ForwardedModel, choose_model
from local_aws.ports import free_port

Serve = Callable[[ChatModel], str]


class Parrot:
    """The user's server: remembers what it was asked."""

    name = "parrot:7b"

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def complete(self, request: Mapping[str, Any]) -> Completion:
        self.asked.append(request)
        if request["messages"][-1]["content"] == "be silent":
            raise ValueError("I will not.")
        return Completion(text="Polly says hello.", prompt_tokens=11, completion_tokens=5, finish_reason="length")


def ask(url: str, text: str) -> tuple[dict[str, Any], dict[str, int]]:
    body = {"model": "us.amazon.nova-pro-v1:0", "messages": [{"role": "user", "content": text}], "max_tokens": 9}
    answer = httpx.post(f"{url}/v1/chat/completions", json=body, trust_env=False).json()
    return answer["choices"][0], answer["usage"]


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_asks_the_users_server_under_its_own_model_name(serve: Serve, suffix: str) -> None:
    parrot = Parrot()
    users = serve(parrot) + suffix
    ours = serve(ForwardedModel(url=users, name=choose_model(users, ""), timeout=5))

    choice, usage = ask(ours, "Hello")

    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "content": "Polly says hello."},
        "finish_reason": "length",
    }
    assert usage == {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
    assert parrot.asked == [
        {
            "model": "parrot:7b",
            "messages": [{"role": "user", "content": "Hello"}],
            "max_tokens": 9,
            "stream": False,
        }
    ]


def test_a_failed_call_is_an_empty_answer_and_not_a_made_up_one(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    ours = serve(ForwardedModel(url=serve(Parrot()), name="parrot:7b", timeout=5))

    choice, usage = ask(ours, "be silent")

    assert choice == {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}
    assert usage == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert "the server at LOCAL_MODEL_URL failed: HTTPError" in caplog.text
    assert "be silent" not in caplog.text


def test_takes_the_model_that_was_named(serve: Serve) -> None:
    assert choose_model(serve(Parrot()), "parrot:7b") == "parrot:7b"


def test_refuses_a_model_that_the_server_does_not_have(serve: Serve) -> None:
    url = serve(Parrot())

    with pytest.raises(LocalModeError) as refused:
        choose_model(url, "owl")

    assert str(refused.value) == f"LOCAL_MODEL is 'owl', and the server at {url} has parrot:7b."


def test_refuses_a_server_that_is_not_there() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(LocalModeError) as refused:
        choose_model(url, "")

    assert str(refused.value).startswith(f"The server at LOCAL_MODEL_URL ({url}) does not list its models: ")


def test_refuses_what_is_no_web_address() -> None:
    with pytest.raises(LocalModeError) as refused:
        choose_model("file:///etc/passwd", "")

    assert str(refused.value) == "LOCAL_MODEL_URL must start with http:// or https://, and it is 'file:///etc/passwd'."
