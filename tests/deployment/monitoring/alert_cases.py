"""For each alert what must happen before it fires, and what looks like it and is no alarm.

Series are written as promtool reads them: `0+5x10` is 0, 5, 10 and so on ten times. One value a minute, unless a case
says otherwise.
"""

from dataclasses import dataclass, field

PRO = "us.amazon.nova-pro-v1:0"
TURNS = "chatbot_turns_total"
GOOD = f'{TURNS}{{namespace="chatbot",outcome="answered",code="",answer="json"}}'
BAD = 'chatbot_turns_bad_total{namespace="chatbot"}'
BLOCKED = f'{TURNS}{{namespace="chatbot",outcome="failed",code="content_blocked",answer="json"}}'
SECONDS = "chatbot_turn_duration_seconds"
IN_FLIGHT, SLOTS = "chatbot_requests_in_flight", "chatbot_request_slots"
Series = dict[str, str]


@dataclass(frozen=True)
class Case:
    """An alert by its name and the labels that it fires with, beside its namespace's.

    With `fires` it is firing at `at` and was not at `not_yet`; with each of `quiet` it never is.
    """

    alert: str
    severity: str
    fires: Series
    at: str
    quiet: tuple[Series, ...]
    labels: dict[str, str] = field(default_factory=dict)
    not_yet: str = "0m"
    interval: str = "1m"
    namespace: str = "chatbot"

    @property
    def name(self) -> str:
        return "-".join([self.alert, self.severity, *self.labels.values()])


def buckets(per_minute: dict[str, int], minutes: int) -> Series:
    """Answered turns by the bound that they end within; `+Inf` is all of them."""
    every = {
        f'{SECONDS}_bucket{{namespace="chatbot",outcome="answered",answer="json",le="{bound}"}}': f"0+{count}x{minutes}"
        for bound, count in per_minute.items()
    }
    return every | {
        f'{SECONDS}_count{{namespace="chatbot",outcome="answered",answer="json"}}': f"0+{per_minute['+Inf']}x{minutes}"
    }


def of_ours(name: str, values: str, **labels: str) -> Series:
    told = ",".join(f'{label}="{value}"' for label, value in {"namespace": "chatbot", **labels}.items())
    return {f"{name}{{{told}}}": values}


def throttles(per_minute: int, of: int) -> Series:
    named = {"model": PRO, "region": "us-east-1"}
    refused = of_ours("chatbot_model_attempts_total", f"0+{per_minute}x30", outcome="model_throttled", **named)
    good = of_ours("chatbot_model_attempts_total", f"0+{of - per_minute}x30", outcome="ok", **named)
    return refused | good | of_ours("chatbot_model_throttles_total", f"0+{per_minute}x30", **named)


def slots(used: int) -> Series:
    return of_ours(IN_FLIGHT, f"{used}x30") | of_ours(SLOTS, "1000x30")


def queue(seconds: str) -> Series:
    """Twenty turns a minute, of which each waited as long as the bound says."""
    bounds = ("0.25", "0.5", "1.0", "+Inf")
    waited = {
        f'chatbot_turn_stage_seconds_bucket{{namespace="chatbot",stage="queue",le="{bound}"}}': (
            "0+20x30" if bounds.index(bound) >= bounds.index(seconds) else "0x30"
        )
        for bound in bounds
    }
    return waited | buckets({"+Inf": 20}, 30)


def requests(status: str, per_minute: int, *, first: int = 0, job: str = "chatbot-api") -> Series:
    """Requests with this status: `first` of them after two minutes, and so many in every minute."""
    told = {"http_request_method": "POST", "http_route": "/chat", "http_response_status_code": status}
    values = f"0 0 {first}+{per_minute}x40"
    return of_ours("http_server_request_duration_seconds_count", values, job=job, **told)


BURNING = "ChatbotErrorBudgetBurning"
SLOW = "ChatbotTurnsSlow"
# What is no alarm in any window: errors of callers, fewer errors than the objective allows, and one failed turn alone.
HARMLESS = (
    {GOOD: "0+100x200", BLOCKED: "0+50x200", BAD: "0x200"},
    {GOOD: "0+1000x200", BAD: "0+4x200"},
    {GOOD: "0x200", BAD: "0 1x200"},
)
CASES = (
    Case(
        BURNING,
        "critical",
        {GOOD: "0+90x30", BAD: "0+10x30"},
        at="10m",
        quiet=(*HARMLESS, {GOOD: "0+95x30", BAD: "0+5x30"}),
        labels={"window": "1h"},
        not_yet="2m",
    ),
    # Nothing is answered at all.
    Case(BURNING, "critical", {GOOD: "0x30", BAD: "0+2x30"}, at="10m", quiet=(), labels={"window": "1h"}, not_yet="2m"),
    Case(
        BURNING,
        "critical",
        {GOOD: "0+95x100", BAD: "0+5x100"},
        at="8h",
        # Over for more than half an hour: nobody is woken.
        quiet=(*HARMLESS, {GOOD: "0+95x100", BAD: "0+5x84 420x16"}),
        labels={"window": "6h"},
        not_yet="5m",
        interval="5m",
    ),
    Case(
        BURNING,
        "warning",
        {GOOD: "0+490x400", BAD: "0+10x400"},
        at="30h",
        quiet=HARMLESS,
        labels={"window": "1d"},
        not_yet="30m",
        interval="15m",
    ),
    Case(
        BURNING,
        "warning",
        {GOOD: "0+495x1100", BAD: "0+5x1100"},
        at="80h",
        quiet=HARMLESS,
        labels={"window": "3d"},
        not_yet="2h",
        interval="30m",
    ),
    Case(
        "ChatbotRequestsFailing",
        "critical",
        requests("200", 94) | requests("503", 6),
        at="15m",
        quiet=(
            requests("200", 96) | requests("503", 4),
            requests("200", 50) | requests("429", 50),
            # Too few to say anything, and another service that measures its requests under the same name.
            requests("200", 0) | requests("503", 0, first=3),
            requests("200", 94) | requests("503", 6, job="another-api"),
        ),
        not_yet="4m",
    ),
    Case(
        SLOW,
        "warning",
        buckets({"2.0": 9, "3.0": 20, "+Inf": 20}, 40),
        at="30m",
        quiet=(buckets({"2.0": 11, "3.0": 20, "+Inf": 20}, 40), buckets({"2.0": 0, "3.0": 1, "+Inf": 1}, 40)),
        labels={"quantile": "p50"},
        not_yet="10m",
    ),
    Case(
        SLOW,
        "warning",
        buckets({"2.0": 18, "5.0": 18, "7.5": 20, "+Inf": 20}, 40),
        at="30m",
        quiet=(buckets({"2.0": 10, "5.0": 20, "7.5": 20, "+Inf": 20}, 40),),
        labels={"quantile": "p95"},
        not_yet="10m",
    ),
    Case(
        SLOW,
        "warning",
        buckets({"2.0": 97, "5.0": 97, "10.0": 97, "15.0": 100, "+Inf": 100}, 40),
        at="30m",
        quiet=(buckets({"2.0": 97, "5.0": 97, "10.0": 100, "15.0": 100, "+Inf": 100}, 40),),
        labels={"quantile": "p99"},
        not_yet="10m",
    ),
    Case(
        "ChatbotTurnsStuck",
        "critical",
        of_ours("chatbot_turns_in_flight", "3x40") | {GOOD: "0+5x5 25x35"},
        at="30m",
        quiet=(
            of_ours("chatbot_turns_in_flight", "3x40") | {GOOD: "0+5x40"},
            of_ours("chatbot_turns_in_flight", "0x40") | {GOOD: "25x40"},
        ),
        not_yet="10m",
    ),
    Case(
        "ChatbotTurnsFoundDead",
        "warning",
        of_ours("chatbot_turns_found_dead_total", "0 0 0 0 0 1x30"),
        at="8m",
        quiet=(of_ours("chatbot_turns_found_dead_total", "4x40"),),
        not_yet="4m",
    ),
    Case(
        "ChatbotModelThrottled",
        "warning",
        throttles(20, of=100),
        at="20m",
        quiet=(throttles(9, of=100),),
        labels={"model": PRO},
        not_yet="4m",
    ),
    Case(
        "ChatbotStoreThrottled",
        "warning",
        of_ours("chatbot_store_throttles_total", "0+3x30"),
        at="20m",
        quiet=(of_ours("chatbot_store_throttles_total", "0x10 4x30"),),
        not_yet="3m",
    ),
    Case(
        "ChatbotBudgetSpent",
        "warning",
        of_ours("chatbot_budget_refusals_total", "0+1x90"),
        at="50m",
        quiet=(of_ours("chatbot_budget_refusals_total", "0x10 10x80"),),
        not_yet="10m",
    ),
    Case(
        "ChatbotLimitsUnchecked",
        "warning",
        of_ours("chatbot_limits_unchecked_total", "0+30x30", limit="rate"),
        at="20m",
        quiet=(of_ours("chatbot_limits_unchecked_total", "7x40", limit="rate"),),
        not_yet="3m",
    ),
    Case(
        "ChatbotCostAboveExpected",
        "warning",
        of_ours("chatbot_cost_usd_total", "0+3x100", model=PRO),
        at="30h",
        quiet=(of_ours("chatbot_cost_usd_total", "0+1x100", model=PRO),),
        not_yet="1h",
        interval="15m",
    ),
    Case("ChatbotSlotsFilling", "warning", slots(750), at="20m", quiet=(slots(690),), not_yet="5m"),
    Case("ChatbotSlotsFilling", "critical", slots(950), at="10m", quiet=(slots(890),), not_yet="1m"),
    Case("ChatbotTurnsQueueing", "warning", queue("1.0"), at="30m", quiet=(queue("0.5"),), not_yet="10m"),
    Case(
        "ChatbotTargetDown",
        "warning",
        of_ours("up", "1x5 0x40", job="chatbot/chatbot-api", instance="10.0.3.7:9464"),
        at="30m",
        quiet=(
            of_ours("up", "1x40", job="chatbot/chatbot-api", instance="10.0.3.7:9464"),
            of_ours("up", "0x40", job="chatbot/another-api", instance="10.0.3.7:9464"),
        ),
        labels={"job": "chatbot/chatbot-api", "instance": "10.0.3.7:9464"},
        not_yet="10m",
    ),
    Case(
        "ChatbotAbsent",
        "critical",
        {"up": "1x30"},
        at="20m",
        quiet=(of_ours(SLOTS, "1000x40"),),
        not_yet="4m",
        namespace="",
    ),
    # Another namespace is seen, and this one is not any more.
    Case(
        "ChatbotAbsent",
        "critical",
        of_ours(SLOTS, "1000x60") | {f'{SLOTS}{{namespace="staging"}}': "1000x90"},
        at="80m",
        quiet=(of_ours(SLOTS, "1000x90") | {f'{SLOTS}{{namespace="staging"}}': "1000x90"},),
        not_yet="62m",
    ),
)
