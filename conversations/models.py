"""What the staff plane knows of conversations: placeholders without a table, and copies of the ledger's closed days.

A placeholder gives what staff see in the admin its place, its name and its permissions; the data is in DynamoDB
(`conversations.store`), and `conversations.admin` shows it. The copies are read and written by
`conversations.store.staff.closed_days` alone; the ledger in DynamoDB stays the truth, and they can be made anew.
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


class Usage(models.Model):
    """The entry of the page that shows usage and cost; the audit trail files exports of everybody's days here."""

    days = models.CharField(primary_key=True, max_length=24)

    class Meta:
        managed = False
        verbose_name = verbose_name_plural = "usage and cost"
        default_permissions = ("view",)
        permissions = (("export_usage", "Can export usage and cost"),)

    def __str__(self) -> str:
        return self.days


class StuckTurn(models.Model):
    """The entry of the page that lists turns whose lease ran out."""

    session_id = models.CharField(primary_key=True, max_length=128)

    class Meta:
        managed = False
        default_permissions = ()

    def __str__(self) -> str:
        return self.session_id


class UsageDay(models.Model):
    """A day (UTC) of the ledger that is closed and copied whole.

    No session of that day that is not among its `UsageDaySession`s cost more than `left_out_nano_usd`, 0 where there is
    none.
    """

    day = models.DateField(primary_key=True)
    copied_at = models.DateTimeField()
    left_out_nano_usd = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.day.isoformat()


class UsageSums(models.Model):
    """What was used: `conversations.domain.Spending`, in columns."""

    turns = models.BigIntegerField()
    errors = models.BigIntegerField()
    input_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    cache_read_tokens = models.BigIntegerField()
    cache_write_tokens = models.BigIntegerField()
    cost_nano_usd = models.BigIntegerField()
    latency_ms = models.BigIntegerField()

    class Meta:
        abstract = True


class UsageLine(UsageSums):
    """What one owner used of one model on a copied day: `conversations.domain.LedgerLine`."""

    day = models.ForeignKey(UsageDay, models.CASCADE, db_index=False)
    owner = models.CharField(max_length=255)
    model_id = models.CharField(max_length=2048)  # as long as the ARN of an inference profile may be

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("day", "owner", "model_id"), name="usage_line_of_day"),)
        indexes = (models.Index(fields=("owner", "day"), name="usage_line_of_owner"),)

    def __str__(self) -> str:
        return f"{self.day_id} {self.owner} {self.model_id}"


class UsageDayModel(UsageSums):
    """What everybody used of one model on a copied day: the sum of its `UsageLine`s, written with them.

    It is of the copy of the moment `copied_at`. Where that is not the day's, a release that knows no sums copied it
    again, and the lines count.
    """

    day = models.ForeignKey(UsageDay, models.CASCADE, db_index=False)
    model_id = models.CharField(max_length=2048)
    copied_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("day", "model_id"), name="usage_model_of_day"),)

    def __str__(self) -> str:
        return f"{self.day_id} {self.model_id}"


class UsageDaySession(models.Model):
    """One of the dearest sessions of a copied day, with what it had cost when the day was copied."""

    day = models.ForeignKey(UsageDay, models.CASCADE, db_index=False)
    session_id = models.CharField(max_length=128)
    cost_nano_usd = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("day", "session_id"), name="usage_session_of_day"),)
        indexes = (models.Index(fields=("session_id",), name="usage_session_by_id"),)

    def __str__(self) -> str:
        return f"{self.day_id} {self.session_id}"
