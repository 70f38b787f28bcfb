"""The tables, their keys and who reads what.

`ChatbotConversations`, partition SessionId (S), sort Timestamp (S). One session is one partition:

| item | Timestamp | size | read and written by |
|---|---|---|---|
| session | `#session`                 | 1 KB + pending  | begin, commit and fail of a turn; Query for the history    |
| message | `2026-11-23T09:30:00.000000Z` | up to 260 KB | Query of a page, of the newest for the context |
| receipt | `#receipt#<Idempotency-Key>` | 0.3 KB | GetItem before a turn with that key; written by its commit |

`#` sorts before every digit, so `Timestamp >= "0"` is exactly the messages. Both indexes hold session items only
(a message has none of their keys) and project what a list shows:

| index              | partition              | sort      | read by                                                |
|--------------------|------------------------|-----------|--------------------------------------------------------|
| OwnerIndex         | Owner                  | UpdatedAt | an owner's sessions, latest activity first             |
| ActivityIndex      | ActivityDay `2026-11-23#3` | UpdatedAt | staff: a day's sessions, a query for each shard |
|                    | `erasing#3`            | UpdatedAt | staff: sessions whose erasing broke off, likewise      |

`ChatbotUsage`, partition Owner (S), sort DayModelShard (S) `2026-11-23#us.amazon.nova-pro-v1:0#17`: the ledger. A turn
adds to one item, in the transaction that stores its messages. The shard comes from the session, because two
transactions that touch one item at once refuse each other, and one owner may be a whole application. DayIndex
(DayShard `2026-11-23#17`, sort Owner) is for staff: a day's spend of all owners, a query a shard. What turns cost that
an API key's own budget paid for is there a second time, in an attribute for each such key (`KeyCostNanoUsd#<key id>`).
Beside the ledger stand the owner's budgets, `#budget#…`: access/budgets/accounts.py.

ExpiresAt (epoch seconds) is the TTL attribute of `ChatbotConversations`. TTL deletes within days, not at once, so
readers filter too. The ledger stays.
"""

import zlib

from django.conf import settings
from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.constants import PAY_PER_REQUEST_BILLING_MODE
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection

from dynamodb_client.client import Row
from dynamodb_client.encoding import Item

SESSION_KEY = "#session"
FIRST_MESSAGE_KEY = "0"
# The state of a session that is being erased, and what stands in the place of its day in ActivityIndex.
ERASING = "erasing"
RECEIPT_PREFIX = "#receipt#"

# Fixed for the life of the tables: readers ask every shard, so a smaller number would hide what was written before.
ACTIVITY_SHARDS = 16
USAGE_SHARDS = 32

KEY_COST_PREFIX = "KeyCostNanoUsd#"


def session_key(session_id: str) -> Item:
    """The key of a session's head."""
    return {"SessionId": {"S": session_id}, "Timestamp": {"S": SESSION_KEY}}


def shard_of(session_id: str, shards: int) -> int:
    """The same shard for the same session, in every process and release."""
    return zlib.crc32(session_id.encode()) % shards


# What staff's lists show of a session, from the index and from its item alike.
LISTED = (
    "Owner",
    "Title",
    "CreatedAt",
    "MessageCount",
    "State",
    "ExpiresAt",
    "Models",
    "InputTokens",
    "OutputTokens",
    "CacheReadTokens",
    "CacheWriteTokens",
    "CostNanoUsd",
)


class OwnerIndex(GlobalSecondaryIndex["SessionRow"]):
    """An owner's sessions by latest activity."""

    class Meta:
        index_name = "OwnerIndex"
        projection = IncludeProjection(["Title", "CreatedAt", "MessageCount", "State", "ExpiresAt"])

    owner = UnicodeAttribute(hash_key=True, attr_name="Owner")
    updated_at = UnicodeAttribute(range_key=True, attr_name="UpdatedAt")


class ActivityIndex(GlobalSecondaryIndex["SessionRow"]):
    """Everybody's sessions by day of latest activity, for staff."""

    class Meta:
        index_name = "ActivityIndex"
        projection = IncludeProjection([*LISTED])

    activity_day = UnicodeAttribute(hash_key=True, attr_name="ActivityDay")
    updated_at = UnicodeAttribute(range_key=True, attr_name="UpdatedAt")


class SpendingRow(Row):
    """What a message cost, and the sums of it on a session and in the ledger, under the same names."""

    input_tokens = NumberAttribute(attr_name="InputTokens", null=True)
    output_tokens = NumberAttribute(attr_name="OutputTokens", null=True)
    cache_read_tokens = NumberAttribute(attr_name="CacheReadTokens", null=True)
    cache_write_tokens = NumberAttribute(attr_name="CacheWriteTokens", null=True)
    cost_nano_usd = NumberAttribute(attr_name="CostNanoUsd", null=True)


class PendingTurnMap(MapAttribute[str, object]):
    """The message not answered yet, on the session item; it is the session's lease too."""

    turn_id = UnicodeAttribute(attr_name="TurnId")
    message = UnicodeAttribute(attr_name="Message")
    model_id = UnicodeAttribute(attr_name="ModelId")
    started_at = UnicodeAttribute(attr_name="StartedAt")
    lease_until = UnicodeAttribute(attr_name="LeaseUntil")
    state = UnicodeAttribute(attr_name="State")
    error_code = UnicodeAttribute(attr_name="ErrorCode", null=True)
    system = UnicodeAttribute(attr_name="System", null=True)
    key = UnicodeAttribute(attr_name="Key", null=True)
    fingerprint = UnicodeAttribute(attr_name="Fingerprint", null=True)
    partial = UnicodeAttribute(attr_name="Partial", null=True)
    stop_requested_at = UnicodeAttribute(attr_name="StopRequestedAt", null=True)


class SessionRow(SpendingRow):
    """The head of a session. While it is being erased (ErasingSince) it is in no list of sessions: `erasing`."""

    class Meta:
        table_name = settings.CONVERSATIONS_TABLE
        billing_mode = PAY_PER_REQUEST_BILLING_MODE

    session_id = UnicodeAttribute(hash_key=True, attr_name="SessionId")
    timestamp = UnicodeAttribute(range_key=True, attr_name="Timestamp", default_for_new=SESSION_KEY)
    owner = UnicodeAttribute(attr_name="Owner")
    title = UnicodeAttribute(attr_name="Title", null=True)
    system = UnicodeAttribute(attr_name="System", null=True)
    created_at = UnicodeAttribute(attr_name="CreatedAt")
    updated_at = UnicodeAttribute(attr_name="UpdatedAt", null=True)
    activity_day = UnicodeAttribute(attr_name="ActivityDay", null=True)
    last_timestamp = UnicodeAttribute(attr_name="LastTimestamp", null=True)
    version = NumberAttribute(attr_name="Version", null=True)
    message_count = NumberAttribute(attr_name="MessageCount", null=True)
    models = UnicodeSetAttribute(attr_name="Models", null=True)
    last_prompt_tokens = NumberAttribute(attr_name="LastPromptTokens", null=True)
    last_prompt_estimate = NumberAttribute(attr_name="LastPromptEstimate", null=True)
    # The pending turn's state again, at the top, because an index cannot project a part of a map.
    state = UnicodeAttribute(attr_name="State", null=True)
    pending = PendingTurnMap(attr_name="PendingTurn", null=True)
    # The Idempotency-Key of the newest turn that had one: its receipt may be younger than a look for it.
    last_key = UnicodeAttribute(attr_name="LastKey", null=True)
    erasing_since = UnicodeAttribute(attr_name="ErasingSince", null=True)
    expires_at = NumberAttribute(attr_name="ExpiresAt", null=True)

    owner_index = OwnerIndex()
    activity_index = ActivityIndex()


class MessageRow(SpendingRow):
    """One message. SessionCreatedAt tells which incarnation of the session it belongs to."""

    class Meta:
        table_name = settings.CONVERSATIONS_TABLE

    session_id = UnicodeAttribute(hash_key=True, attr_name="SessionId")
    timestamp = UnicodeAttribute(range_key=True, attr_name="Timestamp")
    session_created_at = UnicodeAttribute(attr_name="SessionCreatedAt")
    message_id = UnicodeAttribute(attr_name="MessageId")
    turn_id = UnicodeAttribute(attr_name="TurnId")
    role = UnicodeAttribute(attr_name="Role")
    content = UnicodeAttribute(attr_name="Content")
    created_at = UnicodeAttribute(attr_name="CreatedAt")
    model_id = UnicodeAttribute(attr_name="ModelId")
    region = UnicodeAttribute(attr_name="Region", null=True)
    price_version = UnicodeAttribute(attr_name="PriceVersion", null=True)
    stop_reason = UnicodeAttribute(attr_name="StopReason", null=True)
    latency_ms = NumberAttribute(attr_name="LatencyMs", null=True)
    expires_at = NumberAttribute(attr_name="ExpiresAt", null=True)


class ReceiptRow(Row):
    """Where the answer to a request with an Idempotency-Key stands. Erased with its session, expired after a day."""

    class Meta:
        table_name = settings.CONVERSATIONS_TABLE

    session_id = UnicodeAttribute(hash_key=True, attr_name="SessionId")
    timestamp = UnicodeAttribute(range_key=True, attr_name="Timestamp")
    session_created_at = UnicodeAttribute(attr_name="SessionCreatedAt")
    fingerprint = UnicodeAttribute(attr_name="Fingerprint")
    turn_id = UnicodeAttribute(attr_name="TurnId")
    answer_timestamp = UnicodeAttribute(attr_name="AnswerTimestamp")
    expires_at = NumberAttribute(attr_name="ExpiresAt")


class DayIndex(GlobalSecondaryIndex["UsageRow"]):
    """A day's spend of every owner."""

    class Meta:
        index_name = "DayIndex"
        projection = AllProjection()

    day_shard = UnicodeAttribute(hash_key=True, attr_name="DayShard")
    owner = UnicodeAttribute(range_key=True, attr_name="Owner")


class UsageRow(SpendingRow):
    """What one owner spent on one model in one day, in one of the shards."""

    class Meta:
        table_name = settings.USAGE_TABLE
        billing_mode = PAY_PER_REQUEST_BILLING_MODE

    owner = UnicodeAttribute(hash_key=True, attr_name="Owner")
    day_model_shard = UnicodeAttribute(range_key=True, attr_name="DayModelShard")
    day_shard = UnicodeAttribute(attr_name="DayShard")
    turns = NumberAttribute(attr_name="Turns", null=True)
    errors = NumberAttribute(attr_name="Errors", null=True)
    latency_ms = NumberAttribute(attr_name="LatencyMs", null=True)

    day_index = DayIndex()


# One model for each table, the one that knows its indexes, with the table's TTL attribute.
TABLES: dict[type[Row], str | None] = {SessionRow: "ExpiresAt", UsageRow: None}
