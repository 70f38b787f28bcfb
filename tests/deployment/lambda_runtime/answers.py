"""How tests read the function's answers, whatever kind of event they answer."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Headers in lower case, with cookies apart; `encoded` says whether the body came as Base64."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    encoded: bool
    body: bytes


def read(answer: dict[str, Any]) -> Answer:
    """The answer, which must have the parts that Lambda's documentation names and no others."""
    assert set(answer) - {"cookies"} == {"statusCode", "isBase64Encoded", "body", *(_headers_in(answer))}
    encoded: bool = answer["isBase64Encoded"]
    pairs = list(_pairs(answer))
    return Answer(
        status=answer["statusCode"],
        headers={name: value for name, value in pairs if name != "set-cookie"},
        cookies=answer.get("cookies", []) + [value for name, value in pairs if name == "set-cookie"],
        encoded=encoded,
        body=b64decode(answer["body"]) if encoded else answer["body"].encode(),
    )


def _headers_in(answer: dict[str, Any]) -> tuple[str]:
    return ("headers",) if "headers" in answer else ("multiValueHeaders",)


def _pairs(answer: dict[str, Any]) -> list[tuple[str, str]]:
    (place,) = _headers_in(answer)
    return [
        (name.lower(), value)
        for name, values in answer[place].items()
        for value in ([values] if isinstance(values, str) else values)
    ]
