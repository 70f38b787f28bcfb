"""The words that staff search for: kept in their session under an id, which is all that an address has of them.

Addresses are written to logs of load balancers and histories of browsers, and kept there; words often quote what was
said.
"""

import secrets

from django import forms
from django.http import HttpRequest, QueryDict

from conversations.admin.addresses import list_url
from conversations.admin.list_form import CURSORS, ListForm
from conversations.admin.pages import BadQuery

_KEY = "staff_words"
_MOST = 50
_ID_BYTES = 9


class WordsForm(forms.Form):
    """What is typed into the search of the list."""

    words = forms.CharField(required=False, max_length=200)


def searched_url(request: HttpRequest) -> str:
    """The first page of the list that the form sent by POST asks for. Raises BadQuery."""
    form = WordsForm(request.POST)
    if not form.is_valid():
        raise BadQuery.of(form)
    asked = _others(request.POST)
    if form.cleaned_data["words"]:
        asked["words"] = _keep(request, form.cleaned_data["words"])
    return list_url(**asked)


def kept_words(request: HttpRequest, words_id: str) -> str:
    """The words of an address. Raises BadQuery for an id that this member of staff's session does not have."""
    try:
        return str(request.session.get(_KEY, {})[words_id])
    except KeyError:
        raise BadQuery("The words of this search are not kept any more. Search for them again.") from None


def _keep(request: HttpRequest, words: str) -> str:
    """The id of these words, of which the latest are kept as long as the session."""
    held = dict(request.session.get(_KEY, {}))
    words_id = next((known for known, kept in held.items() if kept == words), secrets.token_urlsafe(_ID_BYTES))
    held.pop(words_id, None)
    request.session[_KEY] = dict(list({**held, words_id: words}.items())[-_MOST:])
    return words_id


def _others(sent: QueryDict) -> dict[str, str]:
    """The other parameters of the list. Another search begins at its top."""
    names = ListForm.base_fields.keys() - {"words", *CURSORS}
    return {name: value for name, value in sent.items() if name in names and isinstance(value, str) and value}
