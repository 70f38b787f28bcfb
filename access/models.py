"""What staff's pages about keys need of the relational database: a place in the admin, and forms that count once.

The keys themselves are in DynamoDB (`access.store`); `access.admin` shows them.
"""

from django.conf import settings
from django.db import models

from access import api_key


class ApiKey(models.Model):
    """A key in the admin's list. Made in memory only, one for each row, around what the store holds of it."""

    key: api_key.ApiKey

    key_id = models.CharField(primary_key=True, max_length=14)

    class Meta:
        managed = False
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        default_permissions = ("view",)
        permissions = (("manage_apikey", "Can create, rotate and revoke API keys"),)

    def __str__(self) -> str:
        return self.key_id

    @classmethod
    def of(cls, key: api_key.ApiKey) -> "ApiKey":
        """The row that shows this key."""
        row = cls(key.key_id)
        row.key = key
        return row


class OneTimeForm(models.Model):
    """A form that a member of staff was shown and has not sent yet. It is deleted when it is sent, and works once."""

    token = models.CharField(primary_key=True, max_length=43)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shown_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"form shown at {self.shown_at:%Y-%m-%d %H:%M} UTC"
