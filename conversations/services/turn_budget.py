"""What a turn takes from its caller's budget: reserved before the model is called, settled when it is known.

For a caller without a budget nothing happens here, and nothing of `access.budgets` but its words is imported.
"""

import logging
from typing import TYPE_CHECKING

from access.budgets.budget import Budget, BudgetMonth, Standing
from bedrock_client import BedrockError, ModelRequest
from conversations.domain import Turn
from conversations.errors import UnknownModel
from conversations.services import clock
from conversations.services.order import Order
from conversations.services.prompt import max_tokens
from conversations.store import usage
from core.deadline import Deadline
from dynamodb_client.errors import StoreUnavailable

if TYPE_CHECKING:
    from access.budgets.account import Reservation

logger = logging.getLogger("conversations")

# Not long: the caller waits for it, and a reservation that is not settled expires.
SETTLE_SECONDS = 1


def look_into(budget: Budget, order: Order, *, model_id: str) -> None:
    """Refuses a turn, before anything of it is stored, that even without its history would cost more than is left.

    Raises BudgetExhausted, StoreUnavailable, and UnknownModel for a model (or a fallback) without a known price.
    """
    from access.budgets.reserving import refuse_if_spent

    request = ModelRequest(model_id, order.message, max_tokens(order, model_id), system=order.system or "")
    now = clock.now()
    refuse_if_spent(BudgetMonth.at(budget, now), least=_may_cost(request), now=now, booked=usage.booked)


class TurnBudget:
    """One turn's share of a budget. `standing` is how the budget stood when the turn last wrote to it; None before."""

    def __init__(self, budget: Budget | None, turn: Turn) -> None:
        self.standing: Standing | None = None
        self._month = BudgetMonth.at(budget, turn.pending.started_at) if budget else None
        self._turn = turn.pending
        self._reservation: Reservation | None = None

    def reserve(self, request: ModelRequest, *, deadline: Deadline) -> None:
        """Keeps free the most that the request can cost.

        Raises BudgetExhausted, RateLimited, StoreUnavailable, and UnknownModel for a model without a known price.
        """
        if self._month is None:
            return
        from access.budgets.account import Reservation
        from access.budgets.reserving import reserve

        wanted = Reservation(self._turn.turn_id, _may_cost(request), self._turn.lease_until)
        try:
            self.standing = reserve(self._month, wanted, now=clock.now(), booked=usage.booked, deadline=deadline)
        except StoreUnavailable:
            self._reservation = wanted  # it may be there all the same
            raise
        self._reservation = wanted

    def answered(self, cost_nano_usd: int) -> None:
        """The ledger has the turn's answer, at this cost."""
        if self._month is None or self._reservation is None:
            return
        from access.budgets.settling import settle_answered

        now, deadline = clock.now(), Deadline.after(SETTLE_SECONDS)
        try:
            self.standing = settle_answered(
                self._month, self._reservation, cost=cost_nano_usd, now=now, booked=usage.booked, deadline=deadline
            )
        except StoreUnavailable as error:
            self._stays(error)

    def unanswered(self, cost_nano_usd: int) -> None:
        """The ledger has no answer of the turn, which cost this all the same."""
        if self._month is None or self._reservation is None:
            return
        from access.budgets.settling import settle_unanswered

        now, deadline = clock.now(), Deadline.after(SETTLE_SECONDS)
        try:
            settle_unanswered(self._month, self._reservation, cost=cost_nano_usd, now=now, deadline=deadline)
        except StoreUnavailable as error:
            self._stays(error)

    def failed(self, error: Exception) -> None:
        """The model gave no answer; what Bedrock said that it billed counts at the dearest model's price."""
        if self._reservation is None:
            return
        from access.budgets.worst_case import dearest

        billed = dearest(self._turn.model_id, error.usage) if isinstance(error, BedrockError) else 0
        self.unanswered(billed or 0)

    def _stays(self, error: StoreUnavailable) -> None:
        logger.warning("turn %s keeps its reservation until it expires: %s", self._turn.turn_id, error)


def _may_cost(request: ModelRequest) -> int:
    from access.budgets.worst_case import may_cost

    cost = may_cost(request)
    if cost is None:
        raise UnknownModel(f"{request.model_id} or a fallback model has no known price, and the caller has a budget")
    return cost
