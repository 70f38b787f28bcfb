"""The offline model over HTTP, as MiniStack and any OpenAI client see it."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local_aws.completions import ChatModel
from local_aws.offline_model import OfflineModel

Serve = Callable[[ChatModel], str]

HELLO = [{"role": "user", "content": "Hello"}]
HELLO_ANSWER = (
    "This is the offline model: no language model is connected, so nobody has thought about this.\n"
    'The conversation sent to me has 1 message. The newest says: "Hello"\n'
    "Set LOCAL_MODEL_URL to an OpenAI-compatible server for real answers."
)


@pytest.fixture
def url(serve: Serve) -> str:
    return serve(OfflineModel())


def ask(url: str, **body: object) -> httpx.Response:
    return httpx.post(f"{url}/v1/chat/completions", json={"model": "m", **body}, trust_env=False)


def answer(response: httpx.Response) -> str:
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def events(response: httpx.Response) -> list[Any]:
    return [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]


def test_says_that_it_is_offline_and_what_it_saw(url: str) -> None:
    response = ask(url, messages=HELLO)

    body = response.json()
    assert response.status_code == 200
    assert body.pop("id").startswith("chatcmpl-")
    assert isinstance(body.pop("created"), int)
    assert body == {
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": HELLO_ANSWER}, "finish_reason": "stop"},
        ],
        "usage": {"prompt_tokens": 2, "completion_tokens": 58, "total_tokens": 60},
    }


def test_shows_the_first_and_the_newest_message_of_a_conversation(url: str) -> None:
    said = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "My name is Zoë."},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": [{"type": "text", "text": "Who am I?"}]},
    ]

    assert answer(ask(url, messages=said)) == (
        "This is the offline model: no language model is connected, so nobody has thought about this.\n"
        'The conversation sent to me has 3 messages. The newest says: "Who am I?"\n'
        'The first says: "My name is Zoë."\n'
        "A system prompt came with it.\n"
        "Set LOCAL_MODEL_URL to an OpenAI-compatible server for real answers."
    )


def test_the_same_conversation_gets_the_same_answer(url: str) -> None:
    first, second = ask(url, messages=HELLO).json(), ask(url, messages=HELLO).json()

    assert (first["choices"], first["usage"]) == (second["choices"], second["usage"])


def test_a_long_message_is_quoted_in_part(url: str) -> None:
    quoted = answer(ask(url, messages=[{"role": "user", "content": "x" * 201}])).splitlines()[1]

    assert quoted == f'The conversation sent to me has 1 message. The newest says: "{"x" * 200}…"'


def test_stops_at_max_tokens(url: str) -> None:
    body = ask(url, messages=HELLO, max_tokens=2).json()

    assert body["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": HELLO_ANSWER[:8]}, "finish_reason": "length"}
    ]
    assert body["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}


def test_streams_the_same_answer_in_chunks(url: str) -> None:
    response = ask(url, messages=HELLO, stream=True, stream_options={"include_usage": True})

    *chunks, last = events(response)
    bodies = [json.loads(chunk) for chunk in chunks]
    deltas = [choice["delta"].get("content", "") for body in bodies for choice in body["choices"]]
    assert response.headers["Content-Type"] == "text/event-stream"
    assert len(deltas) > 2
    assert "".join(deltas) == HELLO_ANSWER
    assert bodies[-2]["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert bodies[-1]["usage"] == {"prompt_tokens": 2, "completion_tokens": 58, "total_tokens": 60}
    assert last == "[DONE]"


def test_lists_itself(url: str) -> None:
    assert httpx.get(f"{url}/v1/models", trust_env=False).json() == {
        "object": "list",
        "data": [{"id": "offline", "object": "model", "created": 0, "owned_by": "local"}],
    }


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        (b"[]", "The body must be a JSON object."),
        (b"{}", "'messages' must be a non-empty array."),
        (b'{"messages": []}', "'messages' must be a non-empty array."),
        (b'{"messages": ["hello"]}', "Each message must be an object with a 'role'."),
        (
            b'{"messages": [{"role": "user", "content": 1}]}',
            "The content of a message must be text or an array of parts.",
        ),
    ],
)
def test_refuses_what_is_no_conversation(url: str, body: bytes, why: str) -> None:
    response = httpx.post(f"{url}/v1/chat/completions", content=body, trust_env=False)

    error = {"message": why, "type": "invalid_request_error", "param": None, "code": None}
    assert (response.status_code, response.json()) == (400, {"error": error})


def test_refuses_a_body_without_length(url: str) -> None:
    response = httpx.post(f"{url}/v1/chat/completions", content=iter([b"{}"]), trust_env=False)

    assert response.status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_knows_no_other_path(url: str, method: str) -> None:
    response = httpx.request(method, f"{url}/v1/embeddings", trust_env=False)

    error = {
        "message": "There is no /v1/embeddings here.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    assert (response.status_code, response.json()) == (404, {"error": error})
