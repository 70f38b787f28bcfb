"""What tells a caller that the budget for the month comes to its end."""

from access.budgets.budget import Standing
from conversations.api.bodies import usd

LIMIT, REMAINING = "Budget-Limit-USD", "Budget-Remaining-USD"


def budget_headers(standing: Standing | None) -> dict[str, str]:
    """The budget and what is left of it, in US dollars, once 80 % of it is spent or reserved."""
    if standing is None or not standing.is_low:
        return {}
    return {LIMIT: usd(standing.limit_nano_usd), REMAINING: usd(standing.remaining_nano_usd)}
