from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "chatbot_project"

    def ready(self) -> None:
        from chatbot_project import checks  # noqa: F401  # importing registers the system checks
