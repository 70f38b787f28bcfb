"""Answers in JSON.

Django REST framework's own take their way through a renderer, of which there is one here: that was a seventh of what
`GET /models` cost (docs/PERFORMANCE.md), and costs more with each message of a history.
"""

from collections.abc import Mapping

import orjson
from django.http import HttpResponse

from conversations.api.bodies import Body


def json_response(body: Body, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A 200 with this body."""
    return HttpResponse(orjson.dumps(body), content_type="application/json", headers=dict(headers or {}))
