from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import CheckMessage, Tags, register


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import checks, route_checks  # noqa: F401  # importing registers the system checks
        from access.limits import checks as limit_checks  # noqa: F401  # as above
        from access.staff.sign_in import checks as sign_in_checks  # noqa: F401  # as above


class StaffAdminConfig(SimpleAdminConfig):
    """Django's admin, with our names in it. Its pages are imported with `access.staff.urls`, not at every start."""

    default_site = "access.staff.site.StaffSite"

    def ready(self) -> None:
        from django.contrib.admin.checks import check_dependencies

        register(check_dependencies, Tags.admin)
        register(check_staff_pages, Tags.admin)


def check_staff_pages(app_configs: Any, **options: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Django's own check of the pages, with all of them there."""
    from django.contrib import admin
    from django.contrib.admin.checks import check_admin_app

    admin.autodiscover()
    found: list[CheckMessage] = check_admin_app(app_configs, **options)
    return found
