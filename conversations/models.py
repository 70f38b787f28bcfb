"""Placeholders: what staff see in the admin has its place, its name and its permissions here, and no SQL table.

The data is in DynamoDB (`conversations.store`); `conversations.admin` shows it.
"""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from conversations.store.staff.records import SessionRecord


class Session(models.Model):
    """A session in the admin's list. Made in memory only, one for each row, around what the store holds of it."""

    record: "SessionRecord"

    session_id = models.CharField(primary_key=True, max_length=128)

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = (
            ("read_transcript", "Can read what was said in sessions"),
            ("export_session", "Can export sessions"),
            ("erase_session", "Can erase a session"),
            ("cancel_turn", "Can cancel turns"),
            ("retitle_session", "Can edit the titles of sessions"),
        )

    def __str__(self) -> str:
        return self.session_id

    @classmethod
    def of(cls, record: "SessionRecord") -> "Session":
        """The row that shows this session."""
        row = cls(record.session_id)
        row.record = record
        return row


class Owner(models.Model):
    """Whoever sessions belong to; the audit trail files the erasing of all their data here."""

    owner = models.CharField(primary_key=True, max_length=255)

    class Meta:
        managed = False
        default_permissions = ()
        permissions = (("erase_owner", "Can erase all sessions of an owner"),)

    def __str__(self) -> str:
        return self.owner


class StuckTurn(models.Model):
    """The entry of the page that lists turns whose lease ran out."""

    session_id = models.CharField(primary_key=True, max_length=128)

    class Meta:
        managed = False
        default_permissions = ()

    def __str__(self) -> str:
        return self.session_id
