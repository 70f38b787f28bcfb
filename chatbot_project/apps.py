from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "chatbot_project"
