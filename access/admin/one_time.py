"""Forms that work once, whatever the browser sends again: reload, double click, two tabs restored from one.

A token is a row, and sending the form deletes it: of two requests with one token, one finds the row.
"""

import datetime as dt
import re
import secrets

from django.conf import settings
from django.contrib.auth.models import User

from access.keys.clock import now
from access.models import OneTimeForm

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class FormSentBefore(ValueError):
    """The form was sent already, or was never shown to this member of staff."""


def issue(user: User) -> str:
    """A token for a form that is shown now. Those that nobody sent while a session lasts are dropped."""
    moment = now()
    OneTimeForm.objects.filter(shown_at__lt=moment - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()
    return OneTimeForm.objects.create(token=secrets.token_urlsafe(32), user=user, shown_at=moment).token


def redeem(user: User, token: str) -> None:
    """Takes the token away. Raises FormSentBefore where there is nothing to be taken."""
    if not _SHAPE.fullmatch(token):  # not every database takes every text
        raise FormSentBefore
    deleted, _ = OneTimeForm.objects.filter(token=token, user=user).delete()
    if not deleted:
        raise FormSentBefore
