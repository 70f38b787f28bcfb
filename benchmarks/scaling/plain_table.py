"""Tables in plain text."""

from collections.abc import Sequence

_THREE_DIGITS, _TWO_DIGITS = 100, 10


def plain_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; words stand on the left of theirs, figures on the right."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    words = {0, *(number for number, column in enumerate(columns) if all(map(_is_words, column[1:])))}
    lines = (
        "  ".join(
            cell.ljust(width) if number in words else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )
    return "\n".join(lines)


def shown(value: float) -> str:
    """A figure with as many digits as it deserves."""
    if value >= _THREE_DIGITS:
        return f"{value:,.0f}"
    if value >= _TWO_DIGITS:
        return f"{value:.1f}"
    return f"{value:.2f}"


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _is_words(cell: str) -> bool:
    return not any(sign.isdigit() for sign in cell) or cell[0].isalpha()
