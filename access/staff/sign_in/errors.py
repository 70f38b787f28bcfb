"""Why the issuer's word for somebody does not let them in."""

from access.errors import AccessError


class NoGroup(AccessError):
    """None of the person's groups at the issuer stands in STAFF_OIDC_GROUPS."""

    code = "permission_denied"


class AccountInactive(AccessError):
    """The person's account was switched off in the admin, which the issuer does not undo."""

    code = "permission_denied"
