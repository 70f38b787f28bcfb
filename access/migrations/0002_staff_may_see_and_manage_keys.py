"""What the groups of staff may do with keys.

Whichever app is migrated first makes the groups; the other gives them what they lack. Django makes permissions after
all migrations, and a group needs its own right here.
"""

from typing import Any

from django.db import migrations

TEXTS = {"view_apikey": "Can view API key", "manage_apikey": "Can create, rotate and revoke API keys"}
GROUPS = {"Auditor": ("view_apikey",), "Operator": ("view_apikey", "manage_apikey")}


def give_permissions(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001  # Django's signature
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="access", model="apikey")
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
        ("access", "0001_keys_in_the_admin"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(give_permissions, migrations.RunPython.noop)]
