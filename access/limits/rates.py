"""Rates as people write them: `60/minute`."""

from functools import lru_cache

from limits import RateLimitItem, parse_many

# Every request of a window is remembered, so this bounds what one caller costs; 36,000,000/hour is 10000/second.
MAX_AMOUNT = 10_000


@lru_cache(maxsize=1024)
def parse_rate(text: str) -> RateLimitItem:
    """The rate in `60/minute`, `10 per second` or `100/5 minutes`; periods from second to year.

    Raises ValueError, which says what is wrong with the text.
    """
    try:
        rates = parse_many(text)
    except ValueError:
        rates = []
    if len(rates) != 1:
        raise ValueError(f"{text!r} is no rate; write one as in 60/minute")
    rate = rates[0]
    if not 1 <= rate.amount <= MAX_AMOUNT:
        raise ValueError(f"{text!r} is no rate that can be kept: 1 to {MAX_AMOUNT} requests in any period")
    return rate
