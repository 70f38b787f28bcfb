"""Where a request comes from, as far as it can be believed.

Everybody may send an X-Forwarded-For of any content; a proxy appends the address that it was spoken to from. So only
what our own proxies appended counts, and TRUSTED_PROXIES says how many of them every request passes.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# apig-wsgi hands over what Lambda knows of the request: https://github.com/adamchainz/apig-wsgi
_LAMBDA_REQUEST = "apig_wsgi.request_context"
# A home or a machine is given a whole /64 and may use any address in it: https://www.rfc-editor.org/rfc/rfc6177
_IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The client's address in its canonical form, without a port; empty where there is none to be believed.

    The entry of X-Forwarded-For that the outermost of TRUSTED_PROXIES appended. Where there are fewer entries than
    proxies, or none that is an address, the address of whoever holds the connection.
    """
    peer, entries, proxies = _route(request)
    named = _parse(entries[-proxies]) if 0 < proxies <= len(entries) else None
    address = named or _parse(peer)
    return str(address) if address else ""


def network_of(address: str) -> str:
    """What one client is known by: its IPv4 address, or the /64 around its IPv6 address. Other text stays as it is."""
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed) if parsed else address


def _route(request: HttpRequest) -> tuple[str, list[str], int]:
    """The other end of the connection, the entries of X-Forwarded-For, and how many of them are our proxies'.

    On Lambda AWS holds the connection, and apig-wsgi may name the first entry as its other end. A load balancer does
    not tell who that is, but appends it: it is a proxy by itself. A function URL and API Gateway tell, and where they
    have appended it too, the entry says nothing new.
    """
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    context = request.META.get(_LAMBDA_REQUEST)
    if context is None:
        return request.META.get("REMOTE_ADDR", ""), entries, settings.TRUSTED_PROXIES
    if "elb" in context:
        return "", entries, max(1, settings.TRUSTED_PROXIES)
    peer = str((context.get("http") or context.get("identity") or {}).get("sourceIp") or "")
    if _parse(entries[-1]) == _parse(peer):
        del entries[-1]
    return peer, entries, settings.TRUSTED_PROXIES


def _parse(text: str) -> Address | None:
    """The address in `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:  # means something on one machine only
            return None
        return address.ipv4_mapped or address  # a socket of both kinds writes IPv4 so
    return address
