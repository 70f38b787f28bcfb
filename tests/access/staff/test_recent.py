"""The start page says what a member of staff did last, reading too."""

import json
import re

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client

READING = 4
LINE = re.compile(r'<li class="(\w*)">(?:<a href="([^"]*)">)?<bdi>([^<]*)</bdi>.*?<span[^>]*>([^<]*)</span>', re.DOTALL)


def test_recent_actions_have_a_word_a_subject_and_an_icon(client: Client, db: None) -> None:
    user = User.objects.create_user("alice", is_staff=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = ContentType.objects.get(app_label="conversations", model="session")
    group = Group.objects.create(name="A group")
    of_group = ContentType.objects.get_for_model(group)

    def entry(flag: int, action: str, subject: str, kind: ContentType | None = session, key: str = "one") -> None:
        message = json.dumps({"action": action}) if action else ""
        LogEntry.objects.create(
            user=user,
            content_type=kind,
            object_id=key,
            object_repr=subject,
            action_flag=flag,
            change_message=message,
        )

    entry(READING, "read", "one")
    entry(READING, "search", "Sessions of 2026-11-22", key="")
    entry(READING, "", "", key="")
    entry(DELETION, "erase", "<b>")
    entry(CHANGE, "retitle", "one")
    entry(ADDITION, "", "A group", of_group, str(group.pk))
    entry(READING, "read", "gone", None)
    link = "/admin/conversations/session/one/change/"
    assert LINE.findall(client.get("/admin/").content.decode()) == [
        ("viewlink", "", "gone", "Read: unknown"),
        ("addlink", f"/admin/auth/group/{group.pk}/change/", "A group", "Addition: group"),
        ("changelink", link, "one", "Retitle: session"),
        ("deletelink", "", "&lt;b&gt;", "Erase: session"),
        ("viewlink", "", "session", "Read: session"),
        ("viewlink", "", "Sessions of 2026-11-22", "Search: session"),
        ("viewlink", link, "one", "Read: session"),
    ]
