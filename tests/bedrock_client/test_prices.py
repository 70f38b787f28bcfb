"""What a call costs."""

import pytest

from bedrock_client import PRICE_VERSION, Usage, cost_nano_usd


@pytest.mark.parametrize(
    ("model_id", "usage", "nano_usd"),
    [
        ("us.amazon.nova-pro-v1:0", Usage(), 0),
        ("us.amazon.nova-pro-v1:0", Usage(1_000_000, 1_000_000), 4_000_000_000),
        ("us.amazon.nova-pro-v1:0", Usage(cache_read_tokens=1_000_000), 200_000_000),
        ("us.amazon.nova-pro-v1:0", Usage(cache_write_tokens=1_000_000), 800_000_000),
        ("eu.amazon.nova-pro-v1:0", Usage(1_000_000, 1_000_000), 5_250_000_000),
        ("global.amazon.nova-2-lite-v1:0", Usage(10, 10), 28_000),
        ("us.amazon.nova-2-lite-v1:0", Usage(10, 10), 30_800),
        ("amazon.nova-micro-v1:0", Usage(cache_read_tokens=1), 9),
        ("us.amazon.nova-2-lite-v1:0", Usage(cache_read_tokens=1), 83),
        ("us.amazon.nova-2-lite-v1:0", Usage(cache_read_tokens=2), 165),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", Usage(1, 1), 300),
        ("arn:aws:bedrock:us-east-1:000000000001:inference-profile/us.amazon.nova-lite-v1:0", Usage(1, 1), 300),
    ],
)
def test_counts_nano_dollars_and_rounds_half_up_once(model_id: str, usage: Usage, nano_usd: int) -> None:
    assert cost_nano_usd(model_id, usage) == nano_usd


def test_a_price_that_is_not_known_is_not_zero() -> None:
    assert cost_nano_usd("anthropic.claude-v9:0", Usage(1, 1)) is None


def test_the_table_has_a_version() -> None:
    assert PRICE_VERSION == "2026-11"
