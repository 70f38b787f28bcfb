"""JSON from Bedrock, with everything that JSON may hold."""

import json
from typing import Any

import orjson


def parsed(body: bytes) -> Any:  # noqa: ANN401  # any JSON value
    """Raises ValueError."""
    try:
        return orjson.loads(body)
    except ValueError:
        return json.loads(body)  # which takes half of a character too, and a model may say one
