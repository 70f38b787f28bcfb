"""Which sessions a list asks for, in our words and in DynamoDB's."""

from dataclasses import dataclass

from pynamodb.expressions.condition import Condition

from conversations.domain import SessionState
from conversations.store.staff.records import SessionRecord
from conversations.store.tables import SessionRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions; empty takes all. `stuck` takes turns whose process is gone alone."""

    model_id: str = ""
    state: SessionState | None = None
    stuck: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether nothing is passed over."""
        return not (self.model_id or self.state or self.stuck)

    def matches(self, record: SessionRecord) -> bool:
        """Whether this is one of them."""
        by_model = not self.model_id or self.model_id in record.models
        return by_model and self.state in {None, record.state} and (record.is_stuck or not self.stuck)

    def condition(self) -> Condition | None:
        """The same for DynamoDB, as far as its items can say: it takes a stuck turn for a pending one."""
        by_model: Condition | None = SessionRow.models.contains(self.model_id) if self.model_id else None
        by_state = self.condition_of_state()
        if by_model is None or by_state is None:
            return by_state if by_model is None else by_model
        both: Condition = by_model & by_state
        return both

    def condition_of_state(self) -> Condition | None:
        """The part of it that an index can be asked which projects no models."""
        stored = self._stored_states()
        return SessionRow.state.is_in(*stored) if stored else None

    def _stored_states(self) -> tuple[str, ...]:
        if self.stuck:
            return ("pending",)
        return ("failed", "pending") if self.state == "failed" else (self.state,) if self.state else ()
