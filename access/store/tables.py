"""The table of API keys, its keys and who reads what.

`ChatbotApiKeys`, partition KeyHash (S), the SHA-256 of the secret in hex; one item a key, up to 2 KB:

| index      | partition       | sort  | read by                                                                  |
|------------|-----------------|-------|--------------------------------------------------------------------------|
| (table)    | KeyHash         |       | GetItem of the caller's key, at most every 30 s in each process           |
| ListIndex  | Listing `key`   | KeyId | every key, newest first, without a scan; one key by its public id         |
| OwnerIndex | Owner           | KeyId | an owner's keys, newest first                                             |

A KeyId begins with its time, so it sorts by age. Both indexes hold keys only and the items are read from the table:
so a list never shows a revoked key as active, and noting a use, which may be thousands of writes a minute, writes to
no index, least of all to the one partition of ListIndex.

ExpiresAt (epoch seconds) is not a TTL attribute: a key that has expired stays in the lists.
"""

from django.conf import settings
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.constants import PAY_PER_REQUEST_BILLING_MODE
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from dynamodb_client.client import Row

LISTING = "key"


class ListIndex(GlobalSecondaryIndex["ApiKeyRow"]):
    """Every key by age, and each by its public id."""

    class Meta:
        index_name = "ListIndex"
        projection = KeysOnlyProjection()

    listing = UnicodeAttribute(hash_key=True, attr_name="Listing")
    key_id = UnicodeAttribute(range_key=True, attr_name="KeyId")


class OwnerIndex(GlobalSecondaryIndex["ApiKeyRow"]):
    """An owner's keys by age."""

    class Meta:
        index_name = "OwnerIndex"
        projection = KeysOnlyProjection()

    owner = UnicodeAttribute(hash_key=True, attr_name="Owner")
    key_id = UnicodeAttribute(range_key=True, attr_name="KeyId")


class ApiKeyRow(Row):
    """One key. The secret is not in it."""

    class Meta:
        table_name = settings.API_KEYS_TABLE
        billing_mode = PAY_PER_REQUEST_BILLING_MODE

    key_hash = UnicodeAttribute(hash_key=True, attr_name="KeyHash")
    key_id = UnicodeAttribute(attr_name="KeyId")
    listing = UnicodeAttribute(attr_name="Listing", default_for_new=LISTING)
    owner = UnicodeAttribute(attr_name="Owner")
    name = UnicodeAttribute(attr_name="Name")
    scopes = UnicodeSetAttribute(attr_name="Scopes")
    created_at = UnicodeAttribute(attr_name="CreatedAt")
    last_used_at = UnicodeAttribute(attr_name="LastUsedAt", null=True)
    expires_at = NumberAttribute(attr_name="ExpiresAt", null=True)
    revoked_at = UnicodeAttribute(attr_name="RevokedAt", null=True)
    rate_limit = UnicodeAttribute(attr_name="RateLimit", null=True)
    monthly_budget_nano_usd = NumberAttribute(attr_name="MonthlyBudgetNanoUsd", null=True)
    first_key_id = UnicodeAttribute(attr_name="FirstKeyId", null=True)
    rotated_to = UnicodeAttribute(attr_name="RotatedTo", null=True)

    list_index = ListIndex()
    owner_index = OwnerIndex()


# The model of each table, with the table's TTL attribute.
TABLES: dict[type[Row], str | None] = {ApiKeyRow: None}
