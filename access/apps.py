from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import checks, route_checks  # noqa: F401  # importing registers the system checks
        from access.limits import checks as limit_checks  # noqa: F401  # as above
