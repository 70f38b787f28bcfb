"""Parameters of an address that ask for what there cannot be, refused before Django or a database fails on them."""

from collections.abc import Iterator

from django.core.exceptions import BadRequest
from django.http import QueryDict

# From 1 on. The last year has no end that Python's datetime could hold.
_MOST_OF_A_DATE = {"year": 9998, "iso_year": 9998, "month": 12, "day": 31}
_MOST = 2**63 - 1  # the largest number of a column


def check_parameters(parameters: QueryDict) -> None:
    """Raises BadRequest.

    PostgreSQL takes null characters in no text, so no filter can look for them. Numbers are those of Django's look-ups,
    as in `action_time__year=2026` or `id__in=1,2`.
    """
    for name, values in parameters.lists():
        if any("\0" in text for text in (name, *values)):
            raise BadRequest("a parameter has a null character")
        if any(not _is_possible(name, number) for value in values for number in _numbers(value)):
            raise BadRequest("a parameter has a number that no column or date holds")


def _is_possible(name: str, number: int) -> bool:
    _, *lookups = name.split("__")
    most = next((_MOST_OF_A_DATE[each] for each in lookups if each in _MOST_OF_A_DATE), None)
    if most is not None:
        return 1 <= number <= most
    return not lookups or abs(number) <= _MOST


def _numbers(value: str) -> Iterator[int]:
    for part in value.split(","):
        try:
            yield int(part)
        except ValueError:  # text, of which Django makes what it can
            continue
