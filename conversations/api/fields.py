"""Serializer fields that take what the OpenAPI document says and nothing that merely looks like it.

DRF's own fields read 12 as "12" and "0.5" as 0.5; a caller who sends the wrong type should hear of it.
"""

import re
from typing import Any, ClassVar

from rest_framework import serializers

# DynamoDB keeps 400 KB an item; a message must leave room for the rest of its item.
MAX_TEXT_BYTES = 256 * 1024
# Integers of JSON may be too large for a float; past this they are out of every range of ours anyway.
_BEYOND = 1e300


class TextField(serializers.CharField):
    """Text kept exactly as it was sent: not trimmed, not blank, at most 256 KB in UTF-8."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "blank": "This field may not be blank.",
        "max_bytes": f"This field may not be longer than {MAX_TEXT_BYTES} bytes in UTF-8.",
    }

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # DRF's own options
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401  # any JSON value
        if not isinstance(data, str):
            self.fail("invalid")
        text = str(super().to_internal_value(data))
        if not text.strip() and not self.allow_blank:
            self.fail("blank")
        return text

    def run_validators(self, value: Any) -> None:  # noqa: ANN401  # the base class's signature
        super().run_validators(value)
        if len(value.encode()) > MAX_TEXT_BYTES:
            self.fail("max_bytes")


class WholeNumberField(serializers.IntegerField):
    """An integer of JSON, not a text or a fraction."""

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401  # any JSON value
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # JSON has one kind of number, and 5.0 is 5
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class FlagField(serializers.BooleanField):
    """A boolean of JSON, not a word for one."""

    def to_internal_value(self, data: Any) -> bool:  # noqa: ANN401  # any JSON value
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class NumberField(serializers.FloatField):
    """A number of JSON, not a text."""

    def to_internal_value(self, data: Any) -> float:  # noqa: ANN401  # any JSON value
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        if abs(data) < _BEYOND:
            return float(data)
        return float("inf") if data > 0 else float("-inf")


class QueryNumberField(serializers.IntegerField):
    """A number in a query string, in plain digits."""

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401  # any text
        if not re.fullmatch(r"-?[0-9]{1,9}", str(data)):
            self.fail("invalid")
        return int(data)
