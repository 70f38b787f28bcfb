"""The rate of each known caller."""

from django.conf import settings
from django.http import HttpRequest

from access.addresses import client_address, network_of
from access.callers import ANONYMOUS_OWNER, Caller
from access.errors import RateLimited
from access.limits.counting import take
from access.limits.windows import Window
from telemetry.metrics import RATE_LIMIT_REFUSALS

# Where the request carries its window to the headers of its answer.
_WINDOW = "rate_window"


def count_request(request: HttpRequest, caller: Caller) -> None:
    """Counts the request, whatever it asks for. Raises RateLimited when it is one too many."""
    rate = caller.rate_limit or settings.RATE_LIMIT
    if not rate:
        return
    own = bool(caller.rate_limit and caller.credential_id)
    window = take("rate", rate, f"key:{caller.credential_id}" if own else identity_of(request, caller))
    if window is None:
        return
    setattr(request, _WINDOW, window)
    if not window.allowed:
        RATE_LIMIT_REFUSALS.add("rate")
        raise RateLimited(f"more than {rate}", retry_after=window.reset_seconds)


def identity_of(request: HttpRequest, caller: Caller) -> str:
    """Whom limits are counted for: the owner with all credentials of theirs; of anonymous callers each address."""
    if caller.owner == ANONYMOUS_OWNER:
        return f"address:{network_of(client_address(request))}"
    return f"owner:{caller.owner}"


def window_of(request: HttpRequest) -> Window | None:
    """The window that the request was counted in; None where no rate applies or nobody could say."""
    return getattr(request, _WINDOW, None)
