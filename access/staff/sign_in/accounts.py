"""The account of a person at the issuer: found by issuer and subject alone, and given what the issuer says at every
sign-in, no more and no less.
"""

import hashlib
import logging
import re
from collections.abc import Sequence

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from access.models import StaffIdentity
from access.staff.sign_in.errors import AccountInactive, NoGroup
from access.staff.sign_in.groups import groups_of
from access.staff.sign_in.person import Person

logger = logging.getLogger("access")

_NOT_IN_USERNAMES = re.compile(r"[^\w.@+-]")
# Leaves room for what tells two people with one name apart.
_MAX_USERNAME_CHARS = 130
_DIGEST_CHARS = 12
# "Active" is not among them: whoever takes it away in this very moment is heeded.
_FROM_THE_ISSUER = ("email", "first_name", "last_name", "is_staff", "is_superuser", "password")


def sign_in(person: Person) -> User:
    """The person's account, made if there is none yet, with the groups that they have now.

    Raises NoGroup, after an account that exists has lost its rights, and AccountInactive.
    """
    groups = groups_of(person.groups)
    user = _known(person)
    if not groups:
        if user is not None:
            _give(user, [])
        raise NoGroup("none of the person's groups is one of STAFF_OIDC_GROUPS")
    if user is not None and not user.is_active:
        raise AccountInactive(f"staff account {user.pk} is not active")
    user = user or _made(person)
    user.email, user.first_name, user.last_name = person.email, person.first_name, person.last_name
    _give(user, groups)
    return user


def _known(person: Person) -> User | None:
    same = StaffIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    identity = same.select_related("user").first()
    return identity.user if identity else None


def _made(person: Person) -> User:
    try:
        with transaction.atomic():
            user = User.objects.create_user(_free_username(person))
            StaffIdentity.objects.create(issuer=person.issuer, subject=person.subject, user=user)
    except IntegrityError:
        known = _known(person)  # they signed in twice at the same moment
        if known is None:
            raise
        return known
    return user


def _free_username(person: Person) -> str:
    """A name that people know the person by. One that an account has, in any case, stays that account's."""
    wished = User.normalize_username(_NOT_IN_USERNAMES.sub("", person.login))[:_MAX_USERNAME_CHARS] or "staff"
    if not User.objects.filter(username__iexact=wished).exists():
        return wished
    digest = hashlib.sha256(f"{person.issuer} {person.subject}".encode()).hexdigest()
    return f"{wished}-{digest[:_DIGEST_CHARS]}"


@transaction.atomic
def _give(user: User, groups: Sequence[Group]) -> None:
    """These groups and nothing besides: what was given by hand since the last sign-in is taken back, a password too."""
    user.is_staff = bool(groups)
    user.is_superuser = False
    if user.has_usable_password():
        user.set_unusable_password()
    user.save(update_fields=_FROM_THE_ISSUER)
    user.groups.set(groups)
    user.user_permissions.clear()
    names = ", ".join(group.name for group in groups) or "none"
    logger.info("staff account %s has the groups of its issuer: %s", user.pk, names)
