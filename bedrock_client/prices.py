"""What a model call costs, in integer nano-dollars: 1,000,000,000 of them are a US dollar.

On-demand prices per million tokens from litellm 1.109.1's table, which cites the AWS price list. A profile has the
prices of its geography. A cached read costs a quarter of the input price, which the table's own figures confirm; a
cache write is counted as plain input: Bedrock names no surcharge for Nova.
"""

from decimal import ROUND_HALF_UP, Decimal

from .facts import plain_id
from .values import Prices, Usage

# Stored beside every message, so that a cost can be explained after the table has changed.
PRICE_VERSION = "2026-11"

# A dollar per million tokens is 1,000 nano-dollars per token.
_NANO_USD_PER_TOKEN = 1_000


def _prices(input_usd: str, output_usd: str) -> Prices:
    plain = Decimal(input_usd)
    return Prices(input=plain, output=Decimal(output_usd), cache_read=plain / 4, cache_write=plain)


_TABLE = {
    "amazon.nova-micro-v1:0": _prices("0.035", "0.14"),
    "us.amazon.nova-micro-v1:0": _prices("0.035", "0.14"),
    "eu.amazon.nova-micro-v1:0": _prices("0.046", "0.184"),
    "apac.amazon.nova-micro-v1:0": _prices("0.037", "0.148"),
    "amazon.nova-lite-v1:0": _prices("0.06", "0.24"),
    "us.amazon.nova-lite-v1:0": _prices("0.06", "0.24"),
    "eu.amazon.nova-lite-v1:0": _prices("0.078", "0.312"),
    "apac.amazon.nova-lite-v1:0": _prices("0.063", "0.252"),
    "amazon.nova-pro-v1:0": _prices("0.80", "3.20"),
    "us.amazon.nova-pro-v1:0": _prices("0.80", "3.20"),
    "eu.amazon.nova-pro-v1:0": _prices("1.05", "4.20"),
    "apac.amazon.nova-pro-v1:0": _prices("0.84", "3.36"),
    "amazon.nova-premier-v1:0": _prices("2.50", "12.50"),
    "us.amazon.nova-premier-v1:0": _prices("2.50", "12.50"),
    "amazon.nova-2-lite-v1:0": _prices("0.30", "2.50"),
    "global.amazon.nova-2-lite-v1:0": _prices("0.30", "2.50"),
    "us.amazon.nova-2-lite-v1:0": _prices("0.33", "2.75"),
    "eu.amazon.nova-2-lite-v1:0": _prices("0.429", "3.597"),
    "jp.amazon.nova-2-lite-v1:0": _prices("0.396", "3.311"),
    "apac.amazon.nova-2-lite-v1:0": _prices("0.396", "3.311"),
}


def find_prices(model_id: str) -> Prices | None:
    """The prices of a model or inference profile, by id or ARN; None when they are not known."""
    return _TABLE.get(plain_id(model_id))


def cost_nano_usd(model_id: str, usage: Usage) -> int | None:
    """What a call cost, rounded half up once; None for a model without a price: not known is not the same as free."""
    prices = find_prices(model_id)
    if prices is None:
        return None
    dollars_per_million = (
        usage.input_tokens * prices.input
        + usage.output_tokens * prices.output
        + usage.cache_read_tokens * prices.cache_read
        + usage.cache_write_tokens * prices.cache_write
    )
    return int((dollars_per_million * _NANO_USD_PER_TOKEN).quantize(Decimal(1), rounding=ROUND_HALF_UP))
