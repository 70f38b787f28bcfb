"""A body becomes values: bounded before it is read, and refused where JSON leaves room for doubt."""

import json
from collections.abc import Mapping
from typing import IO, Any, Never

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class PayloadTooLarge(APIException):
    """The body is larger than MAX_BODY_BYTES."""

    status_code = 413
    default_code = "payload_too_large"
    default_detail = "The request body is too large."


class StrictJSONParser(BaseParser):
    """RFC 8259 JSON in UTF-8, without what parsers disagree on: duplicate keys, NaN and Infinity."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002  # the base class's signature
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  # any JSON value
        body = _read(stream, parser_context or {})
        try:
            return json.loads(
                body.decode("utf-8"), object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant
            )
        except UnicodeDecodeError as error:
            raise ParseError("The body is not valid UTF-8.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError("The body is not valid JSON.") from error


def _read(stream: IO[bytes], context: Mapping[str, Any]) -> bytes:
    environ = context["request"].META
    source = stream
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        source = environ["wsgi.input"]  # the server has decoded it; Django would see no Content-Length and no body
    elif int(environ.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
        raise PayloadTooLarge
    try:
        body = source.read(settings.MAX_BODY_BYTES + 1)
    except OSError as error:  # the caller has gone, or was too slow
        raise ParseError("The body did not arrive whole.") from error
    if len(body) > settings.MAX_BODY_BYTES:
        raise PayloadTooLarge
    return body


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("The body has the same key twice.")
    return found


def _refuse_constant(name: str) -> Never:
    raise ParseError(f"{name} is not a JSON number.")
