"""A system check of the routes: none of them is open, or closed, because somebody forgot to say which."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from access.permissions import HasScope, handled_methods, scope_of

_HINT = 'As in scopes = {"get": Scope.HISTORY_READ}; or permission_classes = (AllowAny,) for a page that is for all.'


@register()
def check_scopes(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Every method of every API view takes a scope, or the view says that it is open."""
    return [
        Error(f"{view.__name__} declares no scope for {method.upper()}.", hint=_HINT, obj=view, id="chatbot.E120")
        for view in dict.fromkeys(_views(get_resolver().url_patterns))
        for method in _undeclared(view)
    ]


def _undeclared(view: type[APIView]) -> list[str]:
    if tuple(view.permission_classes) == (AllowAny,):
        return []
    methods = sorted(handled_methods(view))
    if HasScope not in view.permission_classes:
        return methods
    return [method for method in methods if scope_of(view, method) is None]


def _views(patterns: list[URLPattern | URLResolver]) -> Iterator[type[APIView]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
        else:
            view = getattr(pattern.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, APIView):
                yield view
