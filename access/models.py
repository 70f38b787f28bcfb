"""What staff's pages need of the relational database: a place in the admin for keys, forms that count once, and which
account belongs to whom at the issuer that staff sign in at.

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


class StaffIdentity(models.Model):
    """Who an account belongs to at an issuer. Nothing else leads there: neither an address nor a name, which change."""

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_for_each_identity"),)

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"
