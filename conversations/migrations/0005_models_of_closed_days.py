"""What was used of each model on each copied day, so that a sum over all owners does not read their lines."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SUMS = (
    "turns",
    "errors",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost_nano_usd",
    "latency_ms",
)


def sum_days(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001  # Django's signature
    """Sums the days that are copied already, one at a time."""
    lines = apps.get_model("conversations", "UsageLine").objects
    totals = apps.get_model("conversations", "UsageDayModel")
    for day in apps.get_model("conversations", "UsageDay").objects.all():
        models_of_day = (
            lines.filter(day=day).values("model_id").annotate(**{f"sum_{each}": models.Sum(each) for each in SUMS})
        )
        totals.objects.bulk_create(
            totals(
                day=day,
                copied_at=day.copied_at,
                model_id=row["model_id"],
                # PostgreSQL sums big integers as numeric, which comes as a Decimal.
                **{each: int(row[f"sum_{each}"]) for each in SUMS},
            )
            for row in models_of_day
        )


class Migration(migrations.Migration):
    dependencies = [("conversations", "0004_usage_and_cost")]
    operations = [
        migrations.CreateModel(
            name="UsageDayModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model_id", models.CharField(max_length=2048)),
                ("copied_at", models.DateTimeField()),
                *((name, models.BigIntegerField()) for name in SUMS),
                (
                    "day",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="conversations.usageday"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("day", "model_id"), name="usage_model_of_day")],
            },
        ),
        migrations.RunPython(sum_days, migrations.RunPython.noop),
    ]
