from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import checks, route_checks  # noqa: F401  # importing registers the system checks
        from access.limits import checks as limit_checks  # noqa: F401  # as above
        from access.staff.sign_in import checks as sign_in_checks  # noqa: F401  # as above


class StaffAdminConfig(AdminConfig):
    """Django's admin, with our names in it."""

    default_site = "access.staff.site.StaffSite"
