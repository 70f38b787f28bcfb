"""Copies of the ledger's closed days, which sums over months are made of."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_groups_of_staff")]

    operations = [
        migrations.CreateModel(
            name="UsageDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("copied_at", models.DateTimeField()),
                ("left_out_nano_usd", models.BigIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="UsageLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=255)),
                ("model_id", models.CharField(max_length=2048)),
                ("turns", models.BigIntegerField()),
                ("errors", models.BigIntegerField()),
                ("input_tokens", models.BigIntegerField()),
                ("output_tokens", models.BigIntegerField()),
                ("cache_read_tokens", models.BigIntegerField()),
                ("cache_write_tokens", models.BigIntegerField()),
                ("cost_nano_usd", models.BigIntegerField()),
                ("latency_ms", models.BigIntegerField()),
                (
                    "day",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="conversations.usageday"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("day", "owner", "model_id"), name="usage_line_of_day")],
                "indexes": [models.Index(fields=("owner", "day"), name="usage_line_of_owner")],
            },
        ),
        migrations.CreateModel(
            name="UsageDaySession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session_id", models.CharField(max_length=128)),
                ("cost_nano_usd", models.BigIntegerField()),
                (
                    "day",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="conversations.usageday"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("day", "session_id"), name="usage_session_of_day")],
                "indexes": [models.Index(fields=("session_id",), name="usage_session_by_id")],
            },
        ),
    ]
