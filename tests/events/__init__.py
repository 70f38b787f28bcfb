"""Events as Lambda hands them to a function, a file for each kind: all of them are `POST /chat` with a JSON body.

`variant` makes other requests of them, in the shape that the same sender would give them.
"""

import json
from base64 import b64encode
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Event = dict[str, Any]
KINDS = ("function_url", "api_gateway_v1", "api_gateway_v2", "alb", "alb_multi_value")


def recorded(kind: str) -> Event:
    """The event as it stands in the file."""
    event: Event = json.loads((Path(__file__).parent / f"{kind}.json").read_text())
    return event


def variant(
    kind: str,
    method: str,
    path: str,
    *,
    query: str = "",
    body: str | bytes | None = None,
    cookies: tuple[str, ...] = (),
    **headers: str,
) -> Event:
    """Another request by the same sender. Names of headers with `_` for `-`; bytes as a body are sent as Base64."""
    event = deepcopy(recorded(kind))
    event["body"] = b64encode(body).decode() if isinstance(body, bytes) else body
    event["isBase64Encoded"] = isinstance(body, bytes)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if event.get("version") == "2.0":
        _second_payload(event, method, path, query, cookies, given)
    else:
        _first_payload(event, method, path, query, cookies, given)
    return event


def _second_payload(  # every part of a request has its own place
    event: Event, method: str, path: str, query: str, cookies: tuple[str, ...], headers: dict[str, str]
) -> None:
    event["rawPath"], event["rawQueryString"] = path, query
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event["headers"] |= headers
    if cookies:
        event["cookies"] = list(cookies)


def _first_payload(
    event: Event, method: str, path: str, query: str, cookies: tuple[str, ...], headers: dict[str, str]
) -> None:
    event["httpMethod"], event["path"] = method, path
    if "stage" in event["requestContext"]:
        event["requestContext"] |= {"httpMethod": method, "path": f"/prod{path}"}
    values = parse_qs(query)
    if "multiValueQueryStringParameters" in event:
        event["multiValueQueryStringParameters"] = values or None
    if "queryStringParameters" in event:
        event["queryStringParameters"] = {name: found[-1] for name, found in values.items()} or None
    if cookies:
        headers = headers | {"cookie": "; ".join(cookies)}
    spelt = {name.lower(): name for name in event.get("headers") or event["multiValueHeaders"]}
    for name, value in headers.items():
        if "headers" in event:
            event["headers"][spelt.get(name, name)] = value
        if "multiValueHeaders" in event:
            event["multiValueHeaders"][spelt.get(name, name)] = [value]
