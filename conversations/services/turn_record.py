"""What a turn's record (telemetry.turn) is told of the turn."""

from bedrock_client import Usage
from conversations.domain import CANCELLED, Turn
from conversations.services.answered import Answered
from telemetry.turn import TurnRecord


def note_begun(record: TurnRecord, begun: Turn | Answered) -> None:
    """The turn has begun, or was answered before."""
    if isinstance(begun, Answered):
        record.replayed(session_id=begun.session_id, turn_id=begun.answer.turn_id)
        return
    pending = begun.pending
    record.begun(session_id=begun.session.session_id, turn_id=pending.turn_id, model_id=pending.model_id)


def note_answered(record: TurnRecord, answered: Answered) -> None:
    """The turn's answer is stored; or that of another turn with its key, which was faster."""
    answer = answered.answer
    if answered.replayed:
        record.replayed(session_id=answered.session_id, turn_id=answer.turn_id)
        return
    usage = answer.usage or Usage()
    record.answered(
        model_id=answer.model_id,
        region=answer.region,
        stop_reason=answer.stop_reason,
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.output_tokens,
        cost_nano_usd=answer.cost_nano_usd,
        stopped=answer.stop_reason == CANCELLED,
    )
