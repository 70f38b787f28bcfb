"""Where and how often a call is tried."""

import pytest
from django.test import override_settings

from bedrock_client import (
    BedrockError,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelRequest,
    ModelThrottled,
    ModelUnavailable,
    converse,
)
from bedrock_client.regions import REST_SECONDS, RestingRegions, Target
from core.deadline import Deadline
from tests.scripted_bedrock import ScriptedBedrock

from .asking import FALLBACK, MODEL, Pauses, ask

TWO_REGIONS = override_settings(BEDROCK_REGIONS=["us-east-1", "us-west-2"])
WITH_FALLBACK = override_settings(BEDROCK_FALLBACK_MODELS=[FALLBACK])


def asked(bedrock: ScriptedBedrock) -> list[tuple[str, str]]:
    return [(call.model_id, call.region) for call in bedrock.requests]


@pytest.mark.parametrize(
    "code",
    [
        "ThrottlingException",
        "ModelNotReadyException",
        "ServiceQuotaExceededException",
        "InternalServerException",
        "ServiceUnavailableException",
    ],
)
def test_a_refusal_that_may_pass_is_tried_again_after_a_pause(bedrock: ScriptedBedrock, code: str) -> None:
    bedrock.fail(code, times=3)
    pauses = Pauses()

    assert ask("Hello", pauses=pauses).text == "You said: Hello"
    assert pauses.taken == [0.5, 1.0, 2.0]
    assert len(bedrock.requests) == 4


def test_a_broken_connection_is_tried_again(bedrock: ScriptedBedrock) -> None:
    bedrock.reset_connection()

    assert ask("Hello").text == "You said: Hello"
    assert len(bedrock.requests) == 2


def test_a_server_error_without_a_name_is_tried_again(bedrock: ScriptedBedrock) -> None:
    bedrock.raw(502, b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"})

    assert ask("Hello").text == "You said: Hello"
    assert len(bedrock.requests) == 2


def test_waits_as_long_as_bedrock_asks_for(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ThrottlingException", retry_after=7)
    pauses = Pauses()

    ask(pauses=pauses)

    assert pauses.taken == [7.0]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ValidationException", ModelError),
        ("ModelErrorException", ModelError),
        ("AccessDeniedException", ModelAccessDenied),
        ("ResourceNotFoundException", ModelAccessDenied),
        ("UnrecognizedClientException", ModelAccessDenied),
        ("ExpiredTokenException", ModelAccessDenied),
        ("ModelTimeoutException", DeadlineExceeded),
    ],
)
@TWO_REGIONS
@WITH_FALLBACK
def test_what_no_other_try_can_change_surfaces_at_once(
    bedrock: ScriptedBedrock, code: str, meaning: type[BedrockError]
) -> None:
    bedrock.fail(code)

    with pytest.raises(meaning):
        ask()

    assert len(bedrock.requests) == 1


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(401, ModelAccessDenied), (408, DeadlineExceeded), (413, ModelError), (504, DeadlineExceeded)],
)
def test_a_refusal_without_a_name_is_told_by_its_status(
    bedrock: ScriptedBedrock, status: int, meaning: type[BedrockError]
) -> None:
    bedrock.raw(status, b"")

    with pytest.raises(meaning):
        ask()

    assert len(bedrock.requests) == 1


def test_throttled_until_the_deadline(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ThrottlingException", times=None)
    pauses = Pauses()

    with pytest.raises(ModelThrottled) as caught:
        ask(pauses=pauses, seconds=8)

    assert pauses.taken == [0.5, 1.0, 2.0, 4.0]
    assert caught.value.retry_after == 8.0
    assert len(bedrock.requests) == 5


def test_trying_ends_even_if_no_pause_takes_time(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ServiceUnavailableException", times=None)
    pauses = Pauses()

    with pytest.raises(ModelUnavailable) as caught:
        ask(pauses=pauses)

    assert pauses.taken == [0.5, 1.0, 2.0, 4.0] + [8.0] * 16
    assert caught.value.retry_after == 8.0


@TWO_REGIONS
def test_an_unreachable_bedrock_is_given_up_long_before_the_deadline(bedrock: ScriptedBedrock) -> None:
    bedrock.unreachable()
    pauses = Pauses()

    with pytest.raises(ModelUnavailable) as caught:
        ask(pauses=pauses)

    assert pauses.taken == [0.5, 1.0]
    assert caught.value.retry_after == 2.0


def test_is_found_again_when_it_is_back(bedrock: ScriptedBedrock) -> None:
    ask()
    bedrock.unreachable()
    with pytest.raises(ModelUnavailable):
        ask()
    bedrock.reset()

    assert ask("Hello").text == "You said: Hello"


@TWO_REGIONS
@WITH_FALLBACK
def test_every_region_then_every_fallback_is_asked_before_anybody_waits(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ThrottlingException", times=3)
    pauses = Pauses()

    reply = ask(pauses=pauses)

    assert (reply.model_id, reply.region) == (FALLBACK, "us-west-2")
    assert asked(bedrock) == [
        (MODEL, "us-east-1"),
        (MODEL, "us-west-2"),
        (FALLBACK, "us-east-1"),
        (FALLBACK, "us-west-2"),
    ]
    assert pauses.taken == []


@TWO_REGIONS
def test_a_region_that_failed_is_asked_last_for_a_while(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ServiceUnavailableException", region="us-east-1")

    ask()
    ask()

    assert asked(bedrock) == [(MODEL, "us-east-1"), (MODEL, "us-west-2"), (MODEL, "us-west-2")]


@TWO_REGIONS
def test_a_region_that_answers_again_is_asked_before_one_that_does_not(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ServiceUnavailableException", region="us-east-1", times=2)
    bedrock.fail("ServiceUnavailableException", region="us-west-2", times=1)

    ask()
    ask()

    regions = [call.region for call in bedrock.requests]
    assert regions == ["us-east-1", "us-west-2", "us-east-1", "us-west-2", "us-west-2"]


@override_settings(BEDROCK_REGIONS=["a", "b"], BEDROCK_FALLBACK_MODELS=["other", "model"])
def test_a_rest_ends_by_time_or_by_an_answer() -> None:
    now = [100.0]
    regions = RestingRegions(clock=lambda: now[0])
    awake = [Target("model", "a"), Target("model", "b"), Target("other", "a"), Target("other", "b")]
    a_rests = [Target("model", "b"), Target("model", "a"), Target("other", "b"), Target("other", "a")]

    assert regions.targets("model") == awake
    regions.rest("a")
    assert regions.targets("model") == a_rests
    now[0] += REST_SECONDS
    assert regions.targets("model") == awake
    regions.rest("a")
    regions.wake("a")
    assert regions.targets("model") == awake


@TWO_REGIONS
@WITH_FALLBACK
def test_a_region_out_of_reach_is_not_asked_for_the_fallback_too(bedrock: ScriptedBedrock) -> None:
    bedrock.reset_connection(region="us-east-1")
    bedrock.fail("ThrottlingException", region="us-west-2")

    reply = ask()

    assert (reply.model_id, reply.region) == (FALLBACK, "us-west-2")
    assert asked(bedrock) == [(MODEL, "us-east-1"), (MODEL, "us-west-2"), (FALLBACK, "us-west-2")]


@TWO_REGIONS
def test_a_spoken_refusal_is_told_rather_than_a_silence(bedrock: ScriptedBedrock) -> None:
    bedrock.reset_connection(region="us-east-1", times=None)
    bedrock.fail("ThrottlingException", region="us-west-2", times=None)

    with pytest.raises(ModelThrottled):
        ask(seconds=1.0)


@WITH_FALLBACK
def test_a_fallback_is_not_asked_for_more_than_it_can_write(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ThrottlingException", model_id="us.amazon.nova-2-lite-v1:0")
    request = ModelRequest("us.amazon.nova-2-lite-v1:0", "A novel", max_tokens=50_000)

    converse(request, deadline=Deadline.after(5))

    assert [call.body["inferenceConfig"]["maxTokens"] for call in bedrock.requests] == [50_000, 5_000]
