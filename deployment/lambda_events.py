"""What Lambda's events need before apig-wsgi reads them, and what its WSGI environment needs after.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html (payloads 1.0 and
2.0; a function URL sends 2.0), https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

# What a signature of AWS's begins with: a function URL or API with AWS_IAM has checked it, and it is no key of ours.
_AWS_SIGNATURE = "AWS4-"
# Everything that a path in ASCII may hold stays as it is.
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
# Where API Gateway is asked by its own name, paths of payload 2.0 begin with the stage.
_API_GATEWAY = (".amazonaws.com", ".amazonaws.com.cn")


def cleaned(event: dict[str, Any]) -> dict[str, Any]:
    """The event without what would be misread.

    Headers with an underscore go: WSGI could not tell `X_Forwarded_For`, which anybody may send, from the proxy's own
    X-Forwarded-For. So does an Authorization with a signature of AWS's; callers who sign send their key as X-API-Key.
    Cookie headers become one, and letters of a path outside ASCII are escaped as browsers escape them.
    """
    clean = dict(event)
    for name in ("headers", "multiValueHeaders"):
        if given := event.get(name):
            clean[name] = {
                key: value for key, value in given.items() if "_" not in key and not _is_signature(key, value)
            }
    for key, values in (clean.get("multiValueHeaders") or {}).items():
        if key.lower() == "cookie":
            clean["multiValueHeaders"] = clean["multiValueHeaders"] | {key: ["; ".join(values)]}
    for name in ("path", "rawPath"):
        if name in event:
            clean[name] = quote(event[name], safe=_ASCII)
    return clean


def _is_signature(name: str, value: str | list[str]) -> bool:
    first = value if isinstance(value, str) else "".join(value[:1])
    return name.lower() == "authorization" and first.startswith(_AWS_SIGNATURE)


class LambdaRequests:
    """The application as Lambda's requests need it: below its stage, answering what every event can carry."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        event = environ["apig_wsgi.full_event"]
        second_payload = event.get("version") == "2.0"
        environ["SCRIPT_NAME"] = stage = _stage(event)
        if second_payload:
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(stage) or "/"
        # Lambda's own log lines of this request, and ours, then have one id.
        environ.setdefault("HTTP_X_REQUEST_ID", environ["apig_wsgi.context"].aws_request_id)

        def start(status: str, headers: Headers, *error: Any) -> Any:  # noqa: ANN401  # as WSGI has it
            one_value = not second_payload and not environ["apig_wsgi.multi_value_headers"]
            return start_response(status, list(_cookies_apart(headers) if one_value else _trimmed(headers)), *error)

        answer = self._application(environ, start)
        return _without_body(answer) if environ["REQUEST_METHOD"] == "HEAD" else answer


def _stage(event: dict[str, Any]) -> str:
    """The part of the path before the application's own: `/prod`, or nothing."""
    context = event["requestContext"]
    if event.get("version") == "2.0":
        stage = f"/{context.get('stage', '$default')}"
        asked_by_its_name = context.get("domainName", "").endswith(_API_GATEWAY)
        return stage if asked_by_its_name and f"{event['rawPath']}/".startswith(f"{stage}/") else ""
    whole: str = context.get("path") or ""
    return whole.removesuffix(event["path"]) if whole.endswith(event["path"]) else ""


def _without_body(answer: Iterable[bytes]) -> Iterable[bytes]:
    """Nothing: servers drop what an application says to HEAD, and apig-wsgi would send it."""
    if close := getattr(answer, "close", None):
        close()
    return ()


def _trimmed(headers: Headers) -> Iterator[tuple[str, str]]:
    """Values without the blank that Django leaves before a cookie."""
    return ((name, value.strip()) for name, value in headers)


def _cookies_apart(headers: Headers) -> Iterator[tuple[str, str]]:
    """Each Set-Cookie in letters of its own, `set-cookie`, `Set-cookie`, …: such an event carries each name once."""
    number = 0
    for name, value in _trimmed(headers):
        if name.lower() == "set-cookie":
            yield _spelt(number), value
            number += 1
        else:
            yield name, value


def _spelt(number: int) -> str:
    """`set-cookie` with the letters in upper case that the number's bits name."""
    return "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate("set-cookie"))
