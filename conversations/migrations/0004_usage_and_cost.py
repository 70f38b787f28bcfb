"""The page of usage and cost: its permissions, and which groups of staff have them.

Django makes permissions after all migrations, and a group needs its own right here.
"""

from typing import Any

from django.db import migrations, models

TEXTS = {"view_usage": "Can view usage and cost", "export_usage": "Can export usage and cost"}
GROUPS = {
    "Support": ("view_usage",),
    "Auditor": ("view_usage", "export_usage"),
    "Operator": ("view_usage", "export_usage"),
}


def give_permissions(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001  # Django's signature
    """Makes the groups, or gives those that exist what they lack."""
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind, _ = kinds.get_or_create(app_label="conversations", model="usage")
    permissions = apps.get_model("auth", "Permission").objects
    for name, codenames in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for codename in codenames:
            permission, _ = permissions.get_or_create(
                content_type=kind, codename=codename, defaults={"name": TEXTS[codename]}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0003_copies_of_closed_days"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.CreateModel(
            name="Usage",
            fields=[("days", models.CharField(max_length=24, primary_key=True, serialize=False))],
            options={
                "verbose_name": "usage and cost",
                "verbose_name_plural": "usage and cost",
                "permissions": (("export_usage", "Can export usage and cost"),),
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
    ]
