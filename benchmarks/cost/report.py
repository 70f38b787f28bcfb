"""The comparison as a table, and as values for JSON: a column for each number of chats a month."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.cost.advice import advice
from benchmarks.cost.bill import Line, total
from benchmarks.cost.break_even import break_even
from benchmarks.cost.options import EKS, OPTIONS, month_usd, own_lines, own_usd, shared_lines
from benchmarks.cost.price_list import price_list
from benchmarks.cost.workload import MOST_CHATS, Workload

# The cheapest way to run the function: what EKS is compared with.
FUNCTION = "lambda-arm64"
_NAME, _NUMBER = 42, 15


def table(workloads: Sequence[Workload], *, option: str | None) -> str:
    """All of it in words; with `option`, the lines of that one too. The workloads differ in their chats alone."""
    last = workloads[-1]
    return "\n".join([*_costs(workloads, option), "", *_break_evens(last), "", *_advice(last), "", *_unconfirmed(last)])


def values(workloads: Sequence[Workload]) -> dict[str, Any]:
    """The same for a program. Dollars are texts, exact to the billionth."""
    last = workloads[-1]
    return {
        "region": price_list().region,
        "prices_read": price_list().read,
        "months": [_month(workload) for workload in workloads],
        "break_even_chats": {eks: break_even(eks, FUNCTION, last) for eks in EKS},
        "advice": [
            {"change": found.change, "saves_usd": _exact(found.saves), "mind": found.mind} for found in advice(last)
        ],
        "prices": {
            price.name: {"usd": f"{price.usd:f}", "per": price.per, "unit": price.unit, "source": price.source}
            for price in price_list().prices.values()
        },
        "unconfirmed_prices": [price.name for price in price_list().prices.values() if not price.confirmed],
    }


def _month(workload: Workload) -> dict[str, Any]:
    return {
        "chats": workload.chats,
        "shared": _values(shared_lines(workload)),
        "options": {
            name: {"lines": _values(own_lines(name, workload)), "total_usd": _exact(month_usd(name, workload))}
            for name in OPTIONS
        },
    }


def _values(lines: list[Line]) -> list[dict[str, str]]:
    return [
        {
            "what": line.what,
            "quantity": f"{line.quantity:f}",
            "unit": line.price.unit,
            "price": line.price.name,
            "usd": _exact(line.usd),
        }
        for line in lines
    ]


def _costs(workloads: Sequence[Workload], option: str | None) -> Iterator[str]:
    yield _row("chats a month", [f"{workload.chats:,}" for workload in workloads])
    yield "every option pays"
    yield from _lines([shared_lines(workload) for workload in workloads])
    yield _row("  together", [_usd(total(shared_lines(workload))) for workload in workloads])
    if option is not None:
        yield f"{option} pays besides"
        yield from _lines([own_lines(option, workload) for workload in workloads])
    yield "each option pays besides"
    for name in OPTIONS:
        yield _row(f"  {name}", [_usd(own_usd(name, workload)) for workload in workloads])
    yield "the whole month"
    for name in OPTIONS:
        yield _row(f"  {name}", [_usd(month_usd(name, workload)) for workload in workloads])


def _lines(columns: list[list[Line]]) -> Iterator[str]:
    for row in zip(*columns, strict=True):
        yield _row(f"  {row[0].what}", [_usd(line.usd) for line in row])


def _break_evens(workload: Workload) -> Iterator[str]:
    yield f"EKS costs no more than {FUNCTION} from so many chats a month on"
    for eks in EKS:
        found = break_even(eks, FUNCTION, workload)
        yield _row(f"  {eks}", [f"over {MOST_CHATS:,}" if found is None else f"{found:,}"])


def _advice(workload: Workload) -> Iterator[str]:
    yield f"What would save at {workload.chats:,} chats a month"
    for found in advice(workload):
        yield _row(f"  {found.change}", [_usd(found.saves)])
        yield f"    {found.mind}"


def _unconfirmed(workload: Workload) -> Iterator[str]:
    prices = price_list()
    yield f"US dollars, list prices of {prices.region} read on {prices.read}; {workload.model_id}."
    names = [price.name for price in prices.prices.values() if not price.confirmed]
    yield f"Not confirmed: {', '.join(names)} (benchmarks/cost/prices.toml)."


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{_NAME}}" + "".join(f"{cell:>{_NUMBER}}" for cell in cells)


def _usd(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,}"


def _exact(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.000000001'), rounding=ROUND_HALF_UP):f}"
