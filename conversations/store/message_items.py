"""Messages as DynamoDB's items, and back: the same that MessageRow would make of them, for a tenth of the time."""

from typing import Any

from bedrock_client import Usage
from conversations.domain import Message
from conversations.store.spending import usage_from_item
from dynamodb_client.encoding import Item, moment, number, of_number, of_text, stamp, text


def item_of(message: Message, *, session_id: str, incarnation: str, expires_at: int | None) -> Item:
    """What keeps this message."""
    item: Item = {
        "SessionId": of_text(session_id),
        "Timestamp": of_text(stamp(message.timestamp)),
        "SessionCreatedAt": of_text(incarnation),
        "MessageId": of_text(message.message_id),
        "TurnId": of_text(message.turn_id),
        "Role": of_text(message.role),
        "Content": of_text(message.content),
        "CreatedAt": of_text(stamp(message.created_at)),
        "ModelId": of_text(message.model_id),
    }
    if message.region:
        item["Region"] = of_text(message.region)
    if expires_at:
        item["ExpiresAt"] = of_number(expires_at)
    if message.usage is not None:
        item |= _answer_part(message, message.usage)
    return item


def _answer_part(message: Message, usage: Usage) -> Item:
    return {
        "InputTokens": of_number(usage.input_tokens),
        "OutputTokens": of_number(usage.output_tokens),
        "CacheReadTokens": of_number(usage.cache_read_tokens),
        "CacheWriteTokens": of_number(usage.cache_write_tokens),
        "CostNanoUsd": of_number(message.cost_nano_usd),
        "PriceVersion": of_text(message.price_version),
        "StopReason": of_text(message.stop_reason),
        "LatencyMs": of_number(message.latency_ms),
    }


def message_from_item(item: dict[str, Any]) -> Message:
    """The message as a value, from DynamoDB's own representation."""
    is_answer = text(item, "Role") == "assistant"
    return Message(
        message_id=text(item, "MessageId"),
        turn_id=text(item, "TurnId"),
        role="assistant" if is_answer else "user",
        content=text(item, "Content"),
        timestamp=moment(text(item, "Timestamp")),
        created_at=moment(text(item, "CreatedAt")),
        model_id=text(item, "ModelId"),
        region=text(item, "Region"),
        usage=usage_from_item(item) if is_answer else None,
        cost_nano_usd=number(item, "CostNanoUsd"),
        price_version=text(item, "PriceVersion"),
        stop_reason=text(item, "StopReason"),
        latency_ms=number(item, "LatencyMs"),
    )
