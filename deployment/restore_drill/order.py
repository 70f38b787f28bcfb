"""What is asked for: which tables, which moment, under which names."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """A table and the one that it is restored into; `setting` is the variable that names it to the application."""

    setting: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Order:
    """One drill. `at` is the moment to restore to, None for the latest that every table has.

    `for_use` says that the application will run on the new tables; otherwise they are for deleting. `sample` is how
    many sessions are looked at, `pause` the seconds between two looks at a table that is not ready.
    """

    conversations: Pair
    usage: Pair
    api_keys: Pair
    suffix: str
    at: dt.datetime | None = None
    for_use: bool = False
    sample: int = 20
    pause: float = 10

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return (self.conversations, self.usage, self.api_keys)
