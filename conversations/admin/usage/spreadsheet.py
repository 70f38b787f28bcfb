"""The ledger as CSV: a line for each day, owner and model.

A spreadsheet takes a cell that begins with one of = + - @ or a control character for a formula, whoever wrote it, so
such names get an apostrophe before them (OWASP, "CSV Injection").
"""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice

from conversations.domain import LedgerLine

COLUMNS = (
    "day (UTC)",
    "owner",
    "model",
    "turns answered",
    "turns failed",
    "input tokens",
    "cache read tokens",
    "cache write tokens",
    "output tokens",
    "cost (USD)",
    "model latency (ms, sum)",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last ones are wide
_LINES_AT_ONCE = 500


def csv_of(lines: Iterable[LedgerLine]) -> Iterator[str]:
    """The file in pieces; the first one has the names of the columns and lines too, where there are any."""
    rest = map(_row, lines)
    rows = [COLUMNS, *islice(rest, _LINES_AT_ONCE)]
    while rows:
        yield _written(rows)
        rows = list(islice(rest, _LINES_AT_ONCE))


def _row(line: LedgerLine) -> tuple[str, ...]:
    spending, usage = line.spending, line.spending.usage
    counts = (
        spending.turns,
        spending.errors,
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
    )
    return (
        line.day.isoformat(),
        _guarded(line.owner),
        _guarded(line.model_id),
        *map(str, counts),
        f"{Decimal(spending.cost_nano_usd).scaleb(-9):.9f}",
        str(spending.latency_ms),
    )


def _guarded(name: str) -> str:
    return f"'{name}" if name.lstrip(" ").startswith(_FORMULA) else name


def _written(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
