"""The groups of staff. Django makes permissions after all migrations; a group needs its own right here."""

from typing import Any

from django.db import migrations

READ = ("conversations.session.view_session", "conversations.session.read_transcript")
AUDIT = ("conversations.session.export_session", "admin.logentry.view_logentry")
OPERATE = (
    "conversations.session.cancel_turn",
    "conversations.session.retitle_session",
    "conversations.session.erase_session",
    "conversations.owner.erase_owner",
)
GROUPS = {"Support": READ, "Auditor": (*READ, *AUDIT), "Operator": (*READ, *AUDIT, *OPERATE)}


def make_groups(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001  # Django's signature
    """Makes the groups, or gives those that exist what they lack."""
    for name, permissions in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*(_permission(apps, permission) for permission in permissions))


def _permission(apps: Any, name: str) -> Any:  # noqa: ANN401  # a model as it was at this migration
    app_label, model, codename = name.split(".")
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app_label, model=model)
    options = apps.get_model(app_label, model)._meta  # noqa: SLF001  # Django's own name for it
    texts = {**dict(options.permissions), "view_logentry": "Can view log entry", "view_session": "Can view session"}
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=codename, defaults={"name": texts[codename]}
    )
    return permission


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0001_placeholders_of_staff"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
