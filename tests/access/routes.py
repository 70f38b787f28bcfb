"""Every route of the URLconf, found by walking it, so that none can be forgotten."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from access.permissions import handled_methods

Route = tuple[str, str]  # method and path, as in GET /history/{session_id}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def api_routes() -> dict[Route, type[APIView]]:
    """The routes that an API view answers, with that view."""
    return {
        (method.upper(), path): view
        for path, view in _walk(get_resolver().url_patterns, "/")
        if view is not None
        for method in handled_methods(view)
    }


def other_paths() -> list[str]:
    """The paths of everything else: the staff's pages, with a sample for each variable part."""
    return [path for path, view in _walk(get_resolver().url_patterns, "/") if view is None]


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, type[APIView] | None]]:
    for pattern in patterns:
        path = before + _readable(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            view = getattr(pattern.callback, "cls", None)
            yield path, view if isinstance(view, type) and issubclass(view, APIView) else None


def _readable(pattern: str) -> str:
    """`history/<str:session_id>` as `history/{session_id}`; a regular expression's group as a word that it matches."""
    named = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P<\w+>\(?([\w|.*]+)\)?\)", _first_choice, pattern))
    return named.strip("^$")


def _first_choice(group: "re.Match[str]") -> str:
    choice = group[1].split("|")[0]
    return "anything" if choice == ".*" else choice
