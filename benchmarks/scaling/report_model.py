"""The reports on Bedrock: what a quota carries, and what regions and fallback models add."""

from dataclasses import replace

from benchmarks.scaling import deployed
from benchmarks.scaling.asked import Asked
from benchmarks.scaling.limits import limits
from benchmarks.scaling.plain_table import percent, plain_table, shown
from benchmarks.scaling.quota import MINUTE, chats_a_second, demand
from benchmarks.scaling.quota_use import simulate

_MODELS = (
    "us.amazon.nova-micro-v1:0",
    "us.amazon.nova-lite-v1:0",
    "us.amazon.nova-pro-v1:0",
    "us.amazon.nova-2-lite-v1:0",
)
_FALLBACK = "us.amazon.nova-lite-v1:0"
_PROMPTS = (500, 1_500, 6_000, 24_000)
_LONGEST = (500, 2_000, 5_000, 10_000)
_REGIONS = ("us-east-1", "us-east-2", "us-west-2")
_SHARES = (0.5, 0.9, 1.1, 2.0, 4.0)
_SECONDS = 120.0


def quotas(asked: Asked) -> str:
    """Chats a second of one region's quota, by prompt and by longest answer; and the quota that each rate needs."""
    load = asked.load
    call = demand(load)
    by_model = [
        [
            model,
            f"{tokens:,}",
            *(shown(chats_a_second(tokens, replace(call, input_tokens=prompt))) for prompt in _PROMPTS),
        ]
        for model in _MODELS
        for tokens in [limits().tokens_a_minute(model)]
    ]
    tokens = limits().tokens_a_minute(load.workload.model_id)
    lengths = [length for length in _LONGEST if length >= call.output_tokens]
    longest = [
        [
            f"{seconds:g} s",
            *(
                shown(chats_a_second(tokens, replace(call, seconds=seconds, max_output_tokens=length)))
                for length in lengths
            ),
        ]
        for seconds in (load.seconds, 20.0)
    ]
    needed = [
        [f"{rate:,}", f"{rate * MINUTE * call.settled:,.0f}", f"{tokens * rate / chats_a_second(tokens, call):,.0f}"]
        for rate in asked.rates
    ]
    return "\n\n".join(
        [
            plain_table(["chats/s of a region", "tokens/min", *(f"{prompt:,} in" for prompt in _PROMPTS)], by_model),
            plain_table(
                [f"{load.workload.model_id}, an answer takes", *(f"max {length:,}" for length in lengths)], longest
            ),
            plain_table(["chats/s", "tokens/min used", "tokens/min of quota"], needed),
        ]
    )


def regions(asked: Asked) -> str:
    """What becomes of chats when one region's quota is not enough."""
    call, model = demand(asked.load), asked.load.workload.model_id
    own = limits().tokens_a_minute(model)
    fallback = {model: own, _FALLBACK: limits().tokens_a_minute(_FALLBACK)}
    plans = [
        ("one region", {model: own}, _REGIONS[:1]),
        ("three regions", {model: own}, _REGIONS),
        ("one region, a fallback", fallback, _REGIONS[:1]),
    ]
    carries = chats_a_second(own, call)
    rows = []
    for share in _SHARES:
        for name, tokens, where in plans:
            use = simulate(
                share * carries,
                tokens,
                list(where),
                call,
                deadline=deployed.MODEL_SECONDS,
                seconds=_SECONDS,
                rng=asked.rng(),
            )
            chats = max(1, use.chats)
            other = sum(number for target, number in use.by_target.items() if target.model_id != model)
            rows.append(
                [
                    f"{share:g} x",
                    shown(share * carries),
                    name,
                    percent(use.at_once / chats),
                    percent(use.refused / chats),
                    percent(other / chats),
                    shown(use.calls / chats),
                    shown(use.waited / max(1, use.answered)),
                ]
            )
    head = ["of a quota", "chats/s", "where", "at once", "refused", "by fallback", "calls", "wait, s"]
    return plain_table(head, rows)
