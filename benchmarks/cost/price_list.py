"""Prices as data: read from prices.toml, exactly as they stand there."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for so many (`per`) of a unit. `source` names the page of AWS it belongs to."""

    name: str
    usd: Decimal
    unit: str
    source: str
    confirmed: bool
    per: int = 1


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one region on one day."""

    region: str
    read: str
    prices: dict[str, Price]

    def __getitem__(self, name: str) -> Price:
        return self.prices[name]


@cache
def price_list() -> PriceList:
    """The list that the calculator reckons with."""
    stated = tomllib.loads(FILE.read_text(), parse_float=Decimal)
    prices = {
        name: Price(name, Decimal(row["usd"]), row["unit"], row["source"], row["confirmed"], row.get("per", 1))
        for name, row in stated.items()
        if isinstance(row, dict)
    }
    return PriceList(stated["region"], stated["read"].isoformat(), prices)
