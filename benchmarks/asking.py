"""Single requests, for what is set up before and between the measurements."""

import http
import http.client
import json
from typing import Any

from benchmarks.children import Failed
from benchmarks.words import QUESTION

_ANSWER_SECONDS = 30


def request(port: int, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
    """The body of an answer. Raises Failed when it is not a 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"{method} {path}: {error}") from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise Failed(f"{method} {path}: {answer.status} {content[:300].decode(errors='replace')}")
    return content


def chat(port: int, session_id: str, *, stream: bool = False) -> bytes:
    """The answer to the question, in this session. Raises Failed."""
    return request(port, "POST", "/chat", {"message": QUESTION, "session_id": session_id, "stream": stream})
