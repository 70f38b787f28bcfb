"""The ledger as CSV: a line for each day, owner and model.

A spreadsheet takes a cell that begins with one of = + - @ for a formula, whoever wrote it, and some do so after white
space, control characters or with the wide forms of these (OWASP, "CSV Injection"). Such names get an apostrophe before
them, and so do names that begin with one: whoever takes an apostrophe away from the beginning has the name again.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator
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
_GUARDED = "=+-@'"
_LINES_AT_ONCE = 500


class UsageFile:
    """The file of the lines that `read` returns; `rows` counts those that were written."""

    def __init__(self, read: Callable[[], Iterable[LedgerLine]]) -> None:
        self._read = read
        self.rows = 0

    def pieces(self) -> Iterator[str]:
        """The file; the first piece raises what `read` raises."""
        yield from csv_of(self._counted(self._read()))

    def _counted(self, lines: Iterable[LedgerLine]) -> Iterator[LedgerLine]:
        for line in lines:
            self.rows += 1
            yield line


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
    return f"'{name}" if name and _is_guarded(name[0]) else name


def _is_guarded(first: str) -> bool:
    """Also of white space, control and format characters: what follows them may be a formula."""
    is_blank = unicodedata.category(first)[0] in "ZC"
    return is_blank or unicodedata.normalize("NFKC", first)[0] in _GUARDED


def _written(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
