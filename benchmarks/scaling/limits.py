"""Limits of AWS as data: read from limits.toml, exactly as they stand there."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("limits.toml")
_MODEL = re.compile(r"amazon\.(nova-[a-z0-9-]+?)-v\d")


@dataclass(frozen=True, slots=True)
class Limit:
    """So much of a unit. `source` names the page of AWS it belongs to."""

    name: str
    value: int
    unit: str
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one region on one day."""

    region: str
    read: str
    limits: dict[str, Limit]

    def __getitem__(self, name: str) -> int:
        return self.limits[name].value

    def tokens_a_minute(self, model_id: str) -> int:
        """Of a model or inference profile of Nova, in one region. Raises ValueError for one that is not listed."""
        found = _MODEL.search(model_id)
        limit = self.limits.get(f"{found[1].replace('-', '_')}_tokens") if found else None
        if limit is None:
            raise ValueError(f"no quota is known of the model {model_id}")
        return limit.value


@cache
def limits() -> Limits:
    """The list that everything here reckons with."""
    stated = tomllib.loads(FILE.read_text())
    rows = {
        name: Limit(name, row["value"], row["unit"], row["source"], row["confirmed"])
        for name, row in stated.items()
        if isinstance(row, dict)
    }
    return Limits(stated["region"], stated["read"].isoformat(), rows)
