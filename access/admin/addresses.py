"""Where the pages about keys are."""

from urllib.parse import urlencode

from django.urls import reverse


def key_url(name: str, key_id: str) -> str:
    """The page `change` (which only shows), `rotate` or `revoke` of a key."""
    return reverse(f"admin:access_apikey_{name}", args=(key_id,))


def list_url(query: str = "") -> str:
    """The list, of this owner or key id."""
    address = reverse("admin:access_apikey_changelist")
    return f"{address}?{urlencode({'q': query})}" if query else address
