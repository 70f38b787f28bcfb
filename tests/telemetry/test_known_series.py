"""Series that are there before anything has happened."""

from pytest_django import Settings

from telemetry.emf import EMF
from telemetry.instruments import Backend
from telemetry.known_series import known_series
from telemetry.prometheus import Prometheus
from tests.measured import measuring_into, read_page

PRO, MICRO = "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"


def begin(backend: Backend) -> None:
    """As a process does that has just begun to measure."""
    with measuring_into(backend):
        for instrument, labels in known_series():
            instrument.begin(*labels)


def told(backend: Prometheus) -> dict[str, float]:
    """The page, but for the bounds of histograms."""
    return {name: value for name, value in read_page(backend.page().decode()).items() if "_bucket{" not in name}


def test_what_alerts_count_begins_at_nothing(settings: Settings) -> None:
    settings.BEDROCK_MODEL_ID, settings.BEDROCK_MODELS, settings.BEDROCK_FALLBACK_MODELS = PRO, [PRO], [MICRO]
    settings.BEDROCK_REGIONS = ["eu-central-1", "eu-west-1"]
    backend = Prometheus()
    begin(backend)

    places = [
        f'model="{model}",{{}}region="{region}"' for model in (PRO, MICRO) for region in ("eu-central-1", "eu-west-1")
    ]
    labelled = {
        *(
            f'chatbot_turns_total{{answer="{answer}",code="",outcome="{outcome}"}}'
            for answer in ("json", "stream")
            for outcome in ("answered", "stopped", "replayed")
        ),
        *(
            f'chatbot_turn_duration_seconds_{part}{{answer="{answer}",outcome="answered"}}'
            for answer in ("json", "stream")
            for part in ("count", "sum")
        ),
        *(f'chatbot_turn_stage_seconds_{part}{{stage="queue"}}' for part in ("count", "sum")),
        *(
            f'http_server_request_duration_seconds_{part}{{http_request_method="POST",'
            f'http_response_status_code="{status}",http_route="/chat"}}'
            for status in (500, 502, 503, 504)
            for part in ("count", "sum")
        ),
        *(f'chatbot_limits_unchecked_total{{limit="{limit}"}}' for limit in ("rate", "failures", "turns")),
        *(f'chatbot_cost_usd_total{{model="{model}"}}' for model in (PRO, MICRO)),
        *(f"chatbot_model_throttles_total{{{place.format('')}}}" for place in places),
        *(
            f"chatbot_model_attempts_total{{{place.format(outcome)}}}"
            for place in places
            for outcome in ('outcome="ok",', 'outcome="model_throttled",')
        ),
    }
    found = told(backend)
    assert {name for name in found if "{" in name} == labelled
    assert set(found.values()) == {0.0}


def test_cloudwatch_is_told_nothing_of_them() -> None:
    lines: list[bytes] = []
    backend = EMF("chatbot-api", lines.append)
    begin(backend)
    backend.flush()

    assert lines == []
