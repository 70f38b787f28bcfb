"""Which groups of the staff pages a person's groups at the issuer mean."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import Group

logger = logging.getLogger("access")


def missing_groups() -> list[str]:
    """The groups that STAFF_OIDC_GROUPS names and that do not exist."""
    named = set(settings.STAFF_OIDC_GROUPS.values())
    return sorted(named - set(Group.objects.filter(name__in=named).values_list("name", flat=True)))


def groups_of(names: Iterable[str]) -> list[Group]:
    """Exactly the groups that these names at the issuer mean; names that mean none are passed over."""
    named = {settings.STAFF_OIDC_GROUPS[name] for name in names if name in settings.STAFF_OIDC_GROUPS}
    groups = list(Group.objects.filter(name__in=named).order_by("name"))
    if len(groups) < len(named):
        logger.error("STAFF_OIDC_GROUPS names groups that do not exist: %s", ", ".join(missing_groups()))
    return groups
