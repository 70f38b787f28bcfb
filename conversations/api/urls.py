"""The chat plane's paths. No trailing slashes."""

from django.urls import path

from conversations.api import views

urlpatterns = [
    path("chat", views.ChatView.as_view(), name="chat"),
    path("history/<str:session_id>", views.HistoryView.as_view(), name="history"),
    path("sessions", views.SessionListView.as_view(), name="sessions"),
    path("sessions/<str:session_id>", views.SessionView.as_view(), name="session"),
    path("sessions/<str:session_id>/pending", views.PendingTurnView.as_view(), name="pending"),
    path("usage", views.UsageView.as_view(), name="usage"),
    path("models", views.ModelsView.as_view(), name="models"),
    path("models/list", views.ModelsListView.as_view(), name="models-list"),
]
