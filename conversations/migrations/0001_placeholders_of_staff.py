"""Placeholders of what staff see: permissions and content types, no tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Owner",
            fields=[
                ("owner", models.CharField(max_length=255, primary_key=True, serialize=False)),
            ],
            options={
                "permissions": (("erase_owner", "Can erase all sessions of an owner"),),
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_id", models.CharField(max_length=128, primary_key=True, serialize=False)),
            ],
            options={
                "permissions": (
                    ("read_transcript", "Can read what was said in sessions"),
                    ("export_session", "Can export sessions"),
                    ("erase_session", "Can erase a session"),
                    ("cancel_turn", "Can cancel turns"),
                    ("retitle_session", "Can edit the titles of sessions"),
                ),
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="StuckTurn",
            fields=[
                ("session_id", models.CharField(max_length=128, primary_key=True, serialize=False)),
            ],
            options={
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
