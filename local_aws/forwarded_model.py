"""A model of the user's own: any server with OpenAI's interface (Ollama, llama.cpp, vLLM), named by LOCAL_MODEL_URL.

MiniStack cannot talk to it directly: it sends Bedrock's model id, which such a server does not know, and it answers a
failed call with a made-up text. Here the name is put right, and a failed call becomes an empty answer, which the
application reports as a model error and does not keep.
"""

import json
import logging
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from local_aws.completions import Completion
from local_aws.errors import LocalModeError

logger = logging.getLogger(__name__)
LIST_TIMEOUT_SECONDS = 5.0


def api_root(url: str) -> str:
    """The address in front of `/v1`, whether or not the user wrote that part. Raises LocalModeError if it is no URL."""
    if not url.startswith(("http://", "https://")):
        raise LocalModeError(f"LOCAL_MODEL_URL must start with http:// or https://, and it is {url!r}.")
    return url.rstrip("/").removesuffix("/v1")


def choose_model(url: str, wanted: str) -> str:
    """The model to ask for: `wanted` if the server lists it, its first one when nothing is wanted.

    Raises LocalModeError when the server does not answer or does not have it.
    """
    try:
        listed = _call(f"{api_root(url)}/v1/models", None, LIST_TIMEOUT_SECONDS)
        names = [str(entry["id"]) for entry in listed["data"]]
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        raise LocalModeError(
            f"The server at LOCAL_MODEL_URL ({url}) does not list its models: {_reason(error)}."
        ) from error
    if not names:
        raise LocalModeError(f"The server at LOCAL_MODEL_URL ({url}) has no model yet.")
    if wanted and wanted not in names:
        raise LocalModeError(f"LOCAL_MODEL is {wanted!r}, and the server at {url} has {', '.join(names)}.")
    return wanted or names[0]


class ForwardedModel:
    """Passes each conversation on to the server at `url`, as the model `name`, within `timeout` seconds."""

    def __init__(self, *, url: str, name: str, timeout: float) -> None:
        self.name = name
        self._url = f"{api_root(url)}/v1/chat/completions"
        self._timeout = timeout

    def complete(self, request: Mapping[str, Any]) -> Completion:
        """The server's answer, or an empty one when it failed; why it failed stands in the log."""
        try:
            answer = _call(self._url, {**request, "model": self.name, "stream": False}, self._timeout)
            choice, usage = answer["choices"][0], answer["usage"]
            return Completion(
                text=choice["message"]["content"] or "",
                prompt_tokens=int(usage["prompt_tokens"]),
                completion_tokens=int(usage["completion_tokens"]),
                finish_reason="length" if choice.get("finish_reason") == "length" else "stop",
            )
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
            logger.warning("the server at LOCAL_MODEL_URL failed: %s: %s", type(error).__name__, _reason(error))
            return Completion(text="", prompt_tokens=0, completion_tokens=0)


def _reason(error: Exception) -> object:
    return error.reason if isinstance(error, URLError) else error


def _call(url: str, body: Mapping[str, Any] | None, timeout: float) -> dict[str, Any]:
    """The JSON object that `url` answers. The two schemes are checked by `api_root`."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - checked
    with urllib.request.urlopen(request, timeout=timeout) as response:  # checked  # noqa: S310  # nosec B310
        answer = json.load(response)
    if not isinstance(answer, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004 - one error, one answer: it failed
    return answer
