"""Indexes of Django's LogEntry for the pages of the audit trail: its order, and one session's or owner's entries.

The table is Django's, so that no model of ours can ask for them; `access.staff.audit` fills it.
"""

from django.db import migrations

TRAIL = "django_admin_log"


def index(name: str, columns: str) -> migrations.RunSQL:
    """An index that every database we know makes and drops by the same words."""
    return migrations.RunSQL(f"CREATE INDEX {name} ON {TRAIL} ({columns})", f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_identities_of_staff"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        index("staff_trail_by_time", "action_time DESC, id DESC"),
        index("staff_trail_by_object", "object_id, action_time DESC, id DESC"),
    ]
