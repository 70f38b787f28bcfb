"""The shapes of bodies. What comes in is checked here; what goes out is documented here and made in `bodies.py`."""

import datetime as dt
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from rest_framework import serializers

from conversations.api.fields import FlagField, NumberField, QueryNumberField, TextField, WholeNumberField

SESSION_ID_PATTERN = r"^[A-Za-z0-9_-]{1,128}$"
# Visible ASCII, with spaces inside.
IDEMPOTENCY_KEY_PATTERN = r"^[!-~]([ -~]{0,126}[!-~])?$"
MAX_SYSTEM_CHARS = 20_000
MAX_TITLE_CHARS = 200
MAX_PAGE = 100
DEFAULT_PAGE = 50
MAX_USAGE_DAYS = 92


class RequestSerializer(serializers.Serializer[Any]):
    """Checks a part of a request. Its fields are made once for the class, where DRF copies them for each request."""

    @cached_property
    def fields(self) -> Any:  # noqa: ANN401  # private to DRF
        return _fields_of(type(self)) if hasattr(self, "initial_data") else super().fields


@cache
def _fields_of(kind: type[RequestSerializer]) -> Any:  # noqa: ANN401  # as above
    return kind().fields


class StrictSerializer(RequestSerializer):
    """Refuses fields it does not know: a misspelt `sesion_id` would silently begin another session."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401  # DRF's own signature
        values = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            details = {name: serializers.ErrorDetail("This field is not known.", code="unknown") for name in unknown}
            raise serializers.ValidationError(details)
        return values


class SessionIDField(serializers.RegexField):
    """An id the caller chooses or was given."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # DRF's own options
        super().__init__(SESSION_ID_PATTERN, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401  # any JSON value
        if not isinstance(data, str) or data.endswith("\n"):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class ChatRequestSerializer(StrictSerializer):
    """A message and how to answer it."""

    message = TextField(max_length=settings.MAX_MESSAGE_CHARS, help_text="What the user says; kept exactly.")
    session_id = SessionIDField(
        required=False, help_text="Continues this session, or creates it. Made here when absent."
    )
    model_id = TextField(max_length=2048, required=False, help_text="One of `GET /models`; the default when absent.")
    system = TextField(
        max_length=MAX_SYSTEM_CHARS, required=False, help_text="System prompt, kept for the session from this turn on."
    )
    max_tokens = WholeNumberField(min_value=1, max_value=settings.MAX_OUTPUT_TOKENS, required=False)
    temperature = NumberField(min_value=0, max_value=1, required=False)
    top_p = NumberField(min_value=0, max_value=1, required=False)
    stream = FlagField(
        required=False,
        help_text="The answer as server-sent events, while the model writes it. When absent, `Accept` decides.",
    )


class ChatHeadersSerializer(RequestSerializer):
    """What a chat's headers say, under the headers' own names."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"Idempotency-Key": serializers.RegexField(IDEMPOTENCY_KEY_PATTERN, trim_whitespace=False)}


class TitleRequestSerializer(StrictSerializer):
    """What can be changed of a session."""

    title = TextField(max_length=MAX_TITLE_CHARS)


class SessionPathSerializer(RequestSerializer):
    """The session named in a path."""

    session_id = SessionIDField()


class PageQuerySerializer(RequestSerializer):
    """Where a page begins and how long it may be."""

    limit = QueryNumberField(min_value=1, max_value=MAX_PAGE, default=DEFAULT_PAGE)
    cursor = serializers.CharField(required=False, max_length=1024, help_text="`next_cursor` of the page before.")


class HistoryQuerySerializer(PageQuerySerializer):
    """A page of messages, in either order."""

    order = serializers.ChoiceField(choices=["asc", "desc"], default="asc")


class UsageQuerySerializer(RequestSerializer):
    """Days of a report, both included: the month of `to` up to `to`, and today, where one is not named."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateField(required=False, help_text="First day (UTC)."),
            "to": serializers.DateField(required=False, help_text="Last day (UTC)."),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        last = attrs.get("to") or dt.datetime.now(dt.UTC).date()
        first = attrs.get("from") or last.replace(day=1)
        if not 0 <= (last - first).days < MAX_USAGE_DAYS:
            detail = f"`to` must not be before `from`, and {MAX_USAGE_DAYS} days are the most."
            raise serializers.ValidationError({"from": serializers.ErrorDetail(detail, code="invalid_range")})
        return {"first": first, "last": last}


class UsageSerializer(serializers.Serializer[Any]):
    """Tokens as Bedrock counts them, and their cost in USD as an exact decimal."""

    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cache_read_tokens = serializers.IntegerField()
    cache_write_tokens = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=19, decimal_places=9)


class ChatResponseSerializer(serializers.Serializer[Any]):
    """An answer."""

    response = serializers.CharField()
    session_id = serializers.CharField()
    message_id = serializers.CharField()
    model_id = serializers.CharField(help_text="The model that answered.")
    region = serializers.CharField(help_text="The AWS region that answered.")
    stop_reason = serializers.CharField(help_text="Bedrock's word, or `cancelled`.")
    usage = UsageSerializer()
    latency_ms = serializers.IntegerField(help_text="The model's own time.")
    created_at = serializers.DateTimeField()


class MessageSerializer(serializers.Serializer[Any]):
    """One message of the history. What describes an answer is null for a question."""

    message_id = serializers.CharField()
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    model_id = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)
    stop_reason = serializers.CharField(allow_null=True)
    usage = UsageSerializer(allow_null=True)
    latency_ms = serializers.IntegerField(allow_null=True)


class PendingTurnSerializer(serializers.Serializer[Any]):
    """A message that has no answer: being answered now, or failed with `error_code`."""

    message = serializers.CharField()
    model_id = serializers.CharField()
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["pending", "failed"])
    error_code = serializers.CharField(allow_null=True)
    partial_response = serializers.CharField(
        allow_null=True, help_text="What the model said before a failed turn broke off."
    )


class HistorySerializer(serializers.Serializer[Any]):
    """A session and a page of its messages."""

    session_id = serializers.CharField()
    title = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    messages = MessageSerializer(many=True)
    pending = PendingTurnSerializer(allow_null=True)
    next_cursor = serializers.CharField(allow_null=True)


class SessionSerializer(serializers.Serializer[Any]):
    """A session as a list shows it."""

    session_id = serializers.CharField()
    title = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    message_count = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["idle", "pending", "failed"])


class SessionListSerializer(serializers.Serializer[Any]):
    """A page of the caller's sessions."""

    sessions = SessionSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class SpendingSerializer(UsageSerializer):
    """Turns with an answer, their tokens and cost; `errors` are turns without one."""

    turns = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # a field of that name


class DaySpendingSerializer(SpendingSerializer):
    """What was used of one model in turns that began on one day (UTC)."""

    date = serializers.DateField()
    model_id = serializers.CharField()


class BudgetSerializer(serializers.Serializer[Any]):
    """The month's budget in USD; `reserved_usd` is the most that turns under way can cost."""

    limit_usd = serializers.DecimalField(max_digits=19, decimal_places=9)
    spent_usd = serializers.DecimalField(max_digits=19, decimal_places=9)
    reserved_usd = serializers.DecimalField(max_digits=19, decimal_places=9)
    remaining_usd = serializers.DecimalField(max_digits=19, decimal_places=9)
    resets_at = serializers.DateTimeField()


class UsageReportSerializer(serializers.Serializer[Any]):
    """What the caller's owner used. `budget` is null for a caller without one."""

    days = DaySpendingSerializer(many=True)
    totals = SpendingSerializer()
    budget = BudgetSerializer(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class PricesSerializer(serializers.Serializer[Any]):
    """USD per million tokens."""

    input = serializers.DecimalField(max_digits=12, decimal_places=6)
    output = serializers.DecimalField(max_digits=12, decimal_places=6)
    cache_read = serializers.DecimalField(max_digits=12, decimal_places=6)
    cache_write = serializers.DecimalField(max_digits=12, decimal_places=6)


class LifecycleSerializer(serializers.Serializer[Any]):
    """Bedrock's word for the model's state, and its last day where one is set."""

    status = serializers.CharField()
    end_of_life = serializers.DateField(allow_null=True)


class ModelSerializer(serializers.Serializer[Any]):
    """A model that may be named in `model_id`. Limits and prices are null where they are not known."""

    id = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    input_modalities = serializers.ListField(child=serializers.CharField())
    output_modalities = serializers.ListField(child=serializers.CharField())
    context_window = serializers.IntegerField(allow_null=True)
    max_output_tokens = serializers.IntegerField(allow_null=True)
    prices = PricesSerializer(allow_null=True)
    lifecycle = LifecycleSerializer()
    streaming = serializers.BooleanField()
    default = serializers.BooleanField()


class ModelListSerializer(serializers.Serializer[Any]):
    """The models usable here."""

    models = ModelSerializer(many=True)


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with a request."""

    attr = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457. `retry_after` is in seconds."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    retryable = serializers.BooleanField(required=False)
    retry_after = serializers.IntegerField(required=False)
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # a field of that name
