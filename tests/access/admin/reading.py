"""What stands on a page."""

import json
import re
from html import unescape
from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client

from .conftest import KEYS


def page(client: Client, address: str) -> str:
    """The page at an address, which must be there."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def words(html: str) -> str:
    """The text of a page's main part, with one space between words."""
    main = html.partition('<div id="content"')[2].partition("<footer")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split()).partition("> ")[2]


def listed(html: str) -> list[str]:
    """The names of the keys that a page lists, in their order."""
    return re.findall(r'<th class="field-name"><a href="[^"]*"><bdi>([^<]*)</bdi>', html)


def cells(html: str, field: str) -> list[str]:
    """What stands in one column."""
    found = re.findall(rf'<t[dh] class="field-{field}(?: nowrap)?">(.*?)</t[dh]>', html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", "", cell)).split()) for cell in found]


def facts(html: str) -> dict[str, str]:
    """A key's facts by their names."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html, re.DOTALL)
    return {name: " ".join(unescape(re.sub(r"<[^>]*>", "", value)).split()) for name, value in found}


def errors(html: str) -> dict[str, list[str]]:
    """The refusals of a form, by field."""
    lists = re.findall(r'<ul class="errorlist" id="id_(\w+)_error">(.*?)</ul>', html, re.DOTALL)
    return {field: [unescape(text) for text in re.findall("<li>(.*?)</li>", items)] for field, items in lists}


def new_token(client: Client) -> str:
    """The token of a form that is shown now."""
    return token_of(page(client, f"{KEYS}add/"))


def token_of(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]*)"', html)
    assert found
    return found[1]


def secrets_in(text: str) -> list[str]:
    """Everything that has the shape of a key's secret."""
    return re.findall(r"cb_[A-Za-z0-9_-]{43}", text)


def trail() -> list[dict[str, Any]]:
    """The audit trail, oldest first, without the ids of requests."""
    return [
        {
            "user": entry.user.username,
            "key": entry.object_id,
            "shown": entry.object_repr,
            **{name: value for name, value in json.loads(entry.change_message).items() if name != "request_id"},
        }
        for entry in LogEntry.objects.order_by("pk").select_related("user")
    ]
