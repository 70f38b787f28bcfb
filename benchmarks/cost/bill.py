"""A bill: lines, each a quantity of something that has a price. Nothing is rounded before it is printed."""

from dataclasses import dataclass
from decimal import Decimal

from benchmarks.cost.price_list import Price

# As AWS's own estimates have it: 365 days of 24 hours in 12 months.
HOURS = Decimal(730)
SECONDS = HOURS * 3600
GB = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Line:
    """What a quantity of units a month costs."""

    what: str
    quantity: Decimal
    price: Price

    @property
    def usd(self) -> Decimal:
        return self.quantity * self.price.usd / self.price.per


def total(lines: list[Line]) -> Decimal:
    """US dollars a month."""
    return sum((line.usd for line in lines), Decimal(0))
