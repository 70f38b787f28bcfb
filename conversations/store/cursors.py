"""Cursors: where a page ended, as an opaque text that fits into a URL.

A cursor holds keys only. It is no secret and no permission: the partition it is applied to is always the caller's own.
"""

import base64
import binascii
import datetime as dt
import json
import re

from conversations.errors import InvalidCursor

_SHAPES = (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"), re.compile(r"[A-Za-z0-9_-]{1,128}"))


def write(timestamp: str, *session_id: str) -> str:
    """The cursor of an item: its time, and its session where a page spans sessions."""
    place = json.dumps([timestamp, *session_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read(cursor: str, *, parts: int) -> list[str]:
    """What `write` was given, `parts` texts of it. Raises InvalidCursor for anything else."""
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidCursor from error
    if not isinstance(place, list) or len(place) != parts:
        raise InvalidCursor
    if not all(isinstance(part, str) and shape.fullmatch(part) for part, shape in zip(place, _SHAPES, strict=False)):
        raise InvalidCursor
    try:
        dt.datetime.fromisoformat(place[0])
    except ValueError as error:  # as in the month 99
        raise InvalidCursor from error
    return place
