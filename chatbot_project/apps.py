from django.apps import AppConfig

from chatbot_project.optional_imports import taken_for_missing

# DRF imports whatever it could use (rest_framework/compat.py), a client of PostgreSQL among it. These are installed for
# others, and what DRF does with them is not used here: fields of PostgreSQL, documents in YAML, a test client, coloured
# code.
with taken_for_missing("django.contrib.postgres.fields", "inflection", "pygments", "requests", "uritemplate", "yaml"):
    import rest_framework.compat  # noqa: F401  # importing decides it


class ProjectConfig(AppConfig):
    name = "chatbot_project"

    def ready(self) -> None:
        from chatbot_project import checks  # noqa: F401  # importing registers the system checks
        from telemetry.start_up import start

        start()
