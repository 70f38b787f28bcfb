import pytest

from access.limits.rates import MAX_AMOUNT, parse_rate


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [
        ("60/minute", 60, 60),
        ("10 per second", 10, 1),
        ("100/5 minutes", 100, 300),
        ("1/day", 1, 86_400),
        (f"{MAX_AMOUNT}/second", MAX_AMOUNT, 1),
    ],
)
def test_reads_rates_as_people_write_them(text: str, amount: int, seconds: int) -> None:
    rate = parse_rate(text)
    assert (rate.amount, rate.get_expiry()) == (amount, seconds)


@pytest.mark.parametrize("text", ["", "60", "60/fortnight", "-1/minute", "1.5/minute", "60/minute;1000/hour", "\n"])
def test_refuses_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="write one as in 60/minute"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["0/minute", f"{MAX_AMOUNT + 1}/hour"])
def test_refuses_a_rate_that_cannot_be_kept(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 10000 requests in any period"):
        parse_rate(text)
