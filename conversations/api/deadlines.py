"""How long a request may take."""

from django.conf import settings
from rest_framework.request import Request

from core.deadline import Deadline

# apig-wsgi hands Lambda's context over under this name: https://github.com/adamchainz/apig-wsgi
_LAMBDA_CONTEXT = "apig_wsgi.context"
# A function is cut off without a word when its time is over, so what comes after the deadline (marking a turn as
# failed, sending the answer) must be done before that.
_LAMBDA_RESERVE_SECONDS = 6.0


def deadline_of(request: Request) -> Deadline:
    """CHAT_DEADLINE_SECONDS from now; on Lambda never longer than the time that the function has left."""
    seconds = float(settings.CHAT_DEADLINE_SECONDS)
    context = request.META.get(_LAMBDA_CONTEXT)
    if context is not None:
        seconds = min(seconds, context.get_remaining_time_in_millis() / 1000 - _LAMBDA_RESERVE_SECONDS)
    return Deadline.after(seconds)
