"""Every metric of the service, defined once. docs/TELEMETRY.md says what each tells, in the same words.

Names are OpenTelemetry's where it has one, written as Prometheus writes them
(https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/, https://opentelemetry.io/docs/specs/semconv/http/);
ours begin with `chatbot_`. No label takes a value that a caller can make up.
"""

from telemetry.instruments import Counter, Gauge, Histogram

# 2, 5 and 10 seconds are the objectives of a turn, and must be bounds: a histogram knows nothing between two of them.
TURN_BUCKETS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 90.0)
# What is done beside the model: 50 milliseconds for a store call, 100 for the processing of a turn, are bounds.
STEP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# Requests of every kind, lists and turns alike.
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# OpenTelemetry's own for tokens.
TOKEN_BUCKETS = tuple(float(4**power) for power in range(11))

# --- Turns ------------------------------------------------------------------------------------------------------------
TURNS = Counter(
    "chatbot_turns_total",
    "Turns that ended, by how: answered, stopped, replayed, refused or failed; code says why the last two",
    *("outcome", "code", "answer"),
    dimensions=("outcome",),
)
TURNS_BAD = Counter(
    "chatbot_turns_bad_total", "Turns that were refused or failed by a fault of the service or of its model"
)
TURN_SECONDS = Histogram(
    "chatbot_turn_duration_seconds",
    "From the request's first byte to the turn's end; of turns that were answered, stopped or failed",
    *("outcome", "answer"),
    unit="seconds",
    buckets=TURN_BUCKETS,
    dimensions=("outcome",),
)
STAGE_SECONDS = Histogram(
    "chatbot_turn_stage_seconds",
    "Stages of turns: queue, begin, context, model, commit",
    "stage",
    unit="seconds",
    buckets=STEP_BUCKETS,
)
TURNS_IN_FLIGHT = Gauge("chatbot_turns_in_flight", "Turns under way")
TURNS_FOUND_DEAD = Counter(
    "chatbot_turns_found_dead_total", "Turns whose process died, found and ended by somebody else"
)
SESSION_CACHE = Counter(
    "chatbot_session_cache_total",
    "Where a turn's context came from: hit, behind (newer turns read), miss (all read) or new (no history)",
    "result",
)
COST_USD = Counter(
    "chatbot_cost_usd_total", "Cost of stored answers in US dollars", "model", unit="usd", dimensions=("model",)
)

# --- Models -----------------------------------------------------------------------------------------------------------
GEN_AI = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")
MODEL_SECONDS = Histogram(
    "gen_ai_client_operation_duration_seconds",
    "A turn's model call, all tries and pauses included, to the end of the reply",
    *(*GEN_AI, "error_type"),
    unit="seconds",
    buckets=TURN_BUCKETS,
    dimensions=("gen_ai_request_model",),
)
FIRST_TEXT_SECONDS = Histogram(
    "gen_ai_client_operation_time_to_first_chunk_seconds",
    "From the beginning of a turn's model call to its first visible text; of streams",
    *GEN_AI,
    unit="seconds",
    buckets=TURN_BUCKETS,
    dimensions=("gen_ai_request_model",),
)
TOKENS = Histogram(
    "gen_ai_client_token_usage",
    "Tokens of stored answers",
    *(*GEN_AI, "gen_ai_token_type"),
    unit="tokens",
    buckets=TOKEN_BUCKETS,
    dimensions=("gen_ai_request_model", "gen_ai_token_type"),
)
MODEL_ATTEMPTS = Counter(
    "chatbot_model_attempts_total",
    "Requests to Bedrock by what became of them: ok, or the error's code",
    *("model", "region", "outcome"),
)
MODEL_RETRIES = Counter(
    "chatbot_model_retries_total", "Requests to Bedrock after one that was refused in the same call", "model"
)
MODEL_FALLBACKS = Counter(
    "chatbot_model_fallbacks_total",
    "Calls answered elsewhere than where they were asked first: by another model, or in another region",
    *("model", "kind"),
    dimensions=("kind",),
)
MODEL_THROTTLES = Counter(
    "chatbot_model_throttles_total", "Requests that Bedrock throttled", "model", "region", dimensions=("model",)
)

# --- DynamoDB ---------------------------------------------------------------------------------------------------------
STORE_SECONDS = Histogram(
    "chatbot_store_call_duration_seconds",
    "Calls to DynamoDB by operation and outcome: ok, refused, conflict, throttled, error",
    *("operation", "outcome"),
    unit="seconds",
    buckets=STEP_BUCKETS,
)
STORE_THROTTLES = Counter(
    "chatbot_store_throttles_total", "Attempts that DynamoDB throttled, those made again included"
)

# --- Limits -----------------------------------------------------------------------------------------------------------
LIMITS = ("rate", "failures", "turns")
BUDGET_REFUSALS = Counter("chatbot_budget_refusals_total", "Turns refused because a budget is spent")
RATE_LIMIT_REFUSALS = Counter(
    "chatbot_rate_limit_refusals_total",
    "Requests refused by a limit: rate, failures or turns",
    "limit",
    dimensions=("limit",),
)
LIMITS_UNCHECKED = Counter(
    "chatbot_limits_unchecked_total", "Requests that passed a limit unchecked because Redis was away", "limit"
)

# --- HTTP -------------------------------------------------------------------------------------------------------------
REQUEST_SECONDS = Histogram(
    "http_server_request_duration_seconds",
    "Requests, from their first byte to the last of the answer; without health checks",
    *("http_request_method", "http_route", "http_response_status_code"),
    unit="seconds",
    buckets=REQUEST_BUCKETS,
    dimensions=("http_response_status_code",),
)
REQUESTS_IN_FLIGHT = Gauge("chatbot_requests_in_flight", "Requests being answered, streams included")
REQUEST_SLOTS = Gauge("chatbot_request_slots", "Requests that may be answered at once: GUNICORN_CONNECTIONS a worker")
