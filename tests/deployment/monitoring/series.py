"""Which series, labels and groups the expressions of rules and panels name."""

import re
from collections.abc import Iterator

from tests.deployment.monitoring.rules import all_rules

# What Prometheus makes itself, of every target.
ALSO_THERE = {"up"}
_WORDS = {"by", "on", "or", "and", "unless", "sum", "max", "count", "rate", "increase", "vector", "absent"} | {
    "histogram_quantile",
    "group_left",
}
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SELECTOR = re.compile(rf"({_NAME})\{{(.*?)\}}")
_GROUPED = re.compile(r"\b(?:by|on|group_left)\s*\(([^)]*)\)")


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each series that an expression names, with the labels that it selects by."""
    for name, selector in SELECTOR.findall(expression):
        yield name, set(re.findall(rf"({_NAME})\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', '""', selector)))
    rest = _GROUPED.sub("", SELECTOR.sub("", expression))
    rest = re.sub(r"\[\w+\]|\boffset \w+|\b[\d.]+\b", "", rest)
    for name in set(re.findall(_NAME, rest)) - _WORDS:
        yield name, set()


def grouped(expression: str) -> set[str]:
    """Labels that it sums or joins by."""
    found = {label.strip() for group in _GROUPED.findall(expression) for label in group.split(",")}
    return found - {"", "le"}


def recorded() -> set[str]:
    """Series that rules record."""
    return {rule["record"] for rule in all_rules() if "record" in rule}
