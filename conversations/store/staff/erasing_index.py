"""Sessions that are being erased, from the shards of ActivityIndex that they were moved to when they were marked."""

from functools import partial

from conversations.store.staff.shards import every_shard
from conversations.store.tables import ACTIVITY_SHARDS, ERASING, ActivityIndex, SessionRow
from dynamodb_client.encoding import text
from dynamodb_client.faults import store_errors


def session_ids(*, most: int) -> tuple[list[str], bool]:
    """At most `most` of them, and whether these are all. A query for each shard. Raises StoreUnavailable."""
    shards = every_shard(partial(_read, most), shards=ACTIVITY_SHARDS)
    found = [session_id for ids, _ in shards for session_id in ids]
    return found[:most], len(found) <= most and all(is_all for _, is_all in shards)


def _read(most: int, number: int) -> tuple[list[str], bool]:
    with store_errors():
        answer = SessionRow.table().query(
            f"{ERASING}#{number}",
            index_name=ActivityIndex.Meta.index_name,
            attributes_to_get=["SessionId"],
            limit=most,
        )
    return [text(item, "SessionId") for item in answer["Items"]], "LastEvaluatedKey" not in answer
