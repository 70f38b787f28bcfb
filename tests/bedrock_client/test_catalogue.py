"""Which models there are, and what is said of them when the control plane is well, down, slow or strange."""

import gc
import logging
import threading
import weakref
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import override_settings

from bedrock_client import ModelAccessDenied, ModelInfo, ModelUnavailable, Prices, find_model, list_models, listing
from bedrock_client.catalogue import AGAIN_SECONDS, FRESH_SECONDS, Catalogue
from bedrock_client.description import describe
from bedrock_client.listing import Listing
from tests.scripted_bedrock import ScriptedBedrock
from tests.scripted_bedrock.control_plane import foundation_model, inference_profile

PRO = ModelInfo(
    model_id="us.amazon.nova-pro-v1:0",
    name="US Nova Pro",
    provider="Amazon",
    input_modalities=("TEXT", "IMAGE", "VIDEO"),
    output_modalities=("TEXT",),
    context_window=300_000,
    max_output_tokens=5_000,
    prices=Prices(input=Decimal("0.8"), output=Decimal("3.2"), cache_read=Decimal("0.2"), cache_write=Decimal("0.8")),
    lifecycle="ACTIVE",
    end_of_life=None,
    streaming=True,
    default=True,
)
BUILT_IN = ["Nova Micro", "Nova Lite", "Nova Pro", "Nova 2 Lite"]
APPLICATION = "arn:aws:bedrock:us-east-1:000000000001:application-inference-profile/abcdefgh1234"


def only(*model_ids: str) -> override_settings:
    return override_settings(BEDROCK_MODELS=list(model_ids), BEDROCK_MODEL_ID=model_ids[0])


def test_lists_the_configured_models_with_what_bedrock_and_the_built_in_facts_say(bedrock: ScriptedBedrock) -> None:
    models = list_models()

    assert [model.name for model in models] == ["US Nova Micro", "US Nova Lite", "US Nova Pro", "US Nova 2 Lite"]
    assert models[2] == PRO
    assert [model.default for model in models] == [False, False, True, False]


def test_asks_bedrock_once_an_hour(bedrock: ScriptedBedrock) -> None:
    assert list_models() == list_models()

    assert bedrock.control_plane.requests == ["/foundation-models", "/inference-profiles"]


@override_settings(BEDROCK_MODELS=["us.amazon.nova-micro-v1:0"])
def test_the_default_model_is_always_listed(bedrock: ScriptedBedrock) -> None:
    assert [model.model_id for model in list_models()] == ["us.amazon.nova-micro-v1:0", "us.amazon.nova-pro-v1:0"]


def test_follows_the_pages_of_the_profiles(bedrock: ScriptedBedrock) -> None:
    bedrock.control_plane.page_size = 1

    assert [model.lifecycle for model in list_models()] == ["ACTIVE"] * 4
    assert bedrock.control_plane.requests == ["/foundation-models", *["/inference-profiles"] * 4]


def test_stops_at_a_list_without_an_end(bedrock: ScriptedBedrock) -> None:
    bedrock.control_plane.page_size = 1
    bedrock.control_plane.inference_profiles *= 10

    assert list_models()[2] == PRO
    assert bedrock.control_plane.requests.count("/inference-profiles") == 10


@only("us.amazon.nova-pro-v1:0")
def test_takes_words_that_the_sdk_does_not_know(bedrock: ScriptedBedrock) -> None:
    lifecycle = {"status": "RETIRING", "endOfLifeTime": "2027-05-01T00:00:00Z"}
    bedrock.control_plane.foundation_models = [
        foundation_model("amazon.nova-pro-v1:0", "Nova Pro", ["TEXT", "SMELL"], modelLifecycle=lifecycle)
    ]
    bedrock.control_plane.inference_profiles = [
        inference_profile("us.amazon.nova-pro-v1:0", "US Nova Pro", "amazon.nova-pro-v1:0", type="NEW_TYPE")
    ]

    [model] = list_models()

    assert (model.input_modalities, model.lifecycle, model.end_of_life) == (
        ("TEXT", "SMELL"),
        "RETIRING",
        date(2027, 5, 1),
    )


@only("us.amazon.nova-pro-v1:0")
def test_fills_missing_fields_with_built_in_facts(bedrock: ScriptedBedrock) -> None:
    bedrock.control_plane.foundation_models = [{"modelId": "amazon.nova-pro-v1:0"}, {"modelName": "No id"}]
    bedrock.control_plane.inference_profiles = [{"inferenceProfileId": "us.amazon.nova-pro-v1:0"}, {"status": "ACTIVE"}]

    [model] = list_models()

    assert (model.name, model.provider, model.input_modalities) == ("Nova Pro", "Amazon", ("TEXT", "IMAGE", "VIDEO"))
    assert (model.lifecycle, model.streaming) == ("UNKNOWN", True)


@only("us.amazon.nova-pro-v1:0")
def test_a_profile_that_is_not_active_says_so(bedrock: ScriptedBedrock) -> None:
    bedrock.control_plane.inference_profiles[2]["status"] = "SUSPENDED"

    assert list_models()[0].lifecycle == "SUSPENDED"


@only("us.anthropic.claude-v9:0")
def test_describes_a_model_without_built_in_facts(bedrock: ScriptedBedrock) -> None:
    bedrock.control_plane.foundation_models = [
        foundation_model(
            "anthropic.claude-v9:0", "Claude", ["TEXT"], providerName="Anthropic", responseStreamingSupported=False
        )
    ]

    assert list_models() == (
        ModelInfo(
            model_id="us.anthropic.claude-v9:0",
            name="Claude",
            provider="Anthropic",
            input_modalities=("TEXT",),
            output_modalities=("TEXT",),
            context_window=None,
            max_output_tokens=None,
            prices=None,
            lifecycle="ACTIVE",
            end_of_life=None,
            streaming=False,
            default=True,
        ),
    )


@only(APPLICATION)
def test_an_application_profile_is_described_by_the_model_behind_it(bedrock: ScriptedBedrock) -> None:
    profile = inference_profile("abcdefgh1234", "Team A", "amazon.nova-lite-v1:0", inferenceProfileArn=APPLICATION)
    bedrock.control_plane.inference_profiles.append(profile)

    [model] = list_models()

    assert (model.model_id, model.name, model.context_window, model.lifecycle, model.prices) == (
        APPLICATION,
        "Team A",
        300_000,
        "ACTIVE",
        None,
    )


@only(APPLICATION, "us.amazon.nova-premier-v1:0")
def test_a_configured_model_stays_when_bedrock_does_not_list_it(
    bedrock: ScriptedBedrock, caplog: pytest.LogCaptureFixture
) -> None:
    models = list_models()

    assert [(model.name, model.lifecycle, model.end_of_life) for model in models] == [
        (APPLICATION, "UNKNOWN", None),
        ("Nova Premier", "UNKNOWN", date(2026, 9, 14)),
    ]
    assert [record.levelno for record in caplog.records if record.name == "bedrock_client"] == [logging.WARNING]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ServiceUnavailableException"])
def test_the_built_in_list_is_there_when_bedrock_never_answered(bedrock: ScriptedBedrock, code: str) -> None:
    bedrock.control_plane.fail(code)

    models = list_models()

    assert [model.name for model in models] == BUILT_IN
    assert [model.lifecycle for model in models] == ["ACTIVE"] * 4


def test_the_built_in_list_is_there_when_bedrock_cannot_be_reached(bedrock: ScriptedBedrock) -> None:
    bedrock.unreachable()

    assert [model.name for model in list_models()] == BUILT_IN


def test_a_body_that_cannot_be_read_is_no_list(bedrock: ScriptedBedrock) -> None:
    bedrock.control_plane.foundation_models = [{"modelId": "x", "modelLifecycle": {"endOfLifeTime": "some day"}}]

    assert [model.name for model in list_models()] == BUILT_IN


def test_lists_that_take_too_long_are_no_lists(bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "READING_SECONDS", 0.0)

    assert [model.name for model in list_models()] == BUILT_IN


def test_finds_an_allowed_model_without_asking_anybody(bedrock: ScriptedBedrock) -> None:
    model = find_model("us.amazon.nova-pro-v1:0")

    assert model is not None
    assert (model.name, model.context_window) == ("Nova Pro", 300_000)
    assert find_model("eu.amazon.nova-pro-v1:0") is None
    assert bedrock.control_plane.requests == []


class Plane:
    """A control plane that answers with what it is told, and counts."""

    def __init__(self) -> None:
        self.answer: Listing | Exception = Listing({}, {})
        self.asked = 0

    def __call__(self) -> Listing:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_last_good_list_is_served_while_the_control_plane_is_down() -> None:
    plane, now = Plane(), [0.0]
    catalogue = Catalogue(read=plane, clock=lambda: now[0])
    good = catalogue.current()
    plane.answer = ModelUnavailable("down")

    now[0] += FRESH_SECONDS - 1
    assert (catalogue.current(), plane.asked) == (good, 1)
    now[0] += 1
    assert (catalogue.current(), plane.asked) == (good, 2)
    now[0] += AGAIN_SECONDS - 1
    assert (catalogue.current(), plane.asked) == (good, 2)
    now[0] += 1
    plane.answer = Listing({}, {})
    assert (catalogue.current() is plane.answer, plane.asked) == (True, 3)


class WatchedListing(Listing):
    """A listing that can be watched: one with slots alone cannot."""


def test_an_old_list_is_let_go_when_there_is_a_new_one() -> None:
    plane, now = Plane(), [0.0]
    plane.answer = WatchedListing({}, {})
    old = weakref.ref(plane.answer)
    catalogue = Catalogue(read=plane, clock=lambda: now[0])
    describe(PRO.model_id, catalogue.current())

    now[0] += FRESH_SECONDS
    plane.answer = Listing({}, {})
    describe(PRO.model_id, catalogue.current())
    gc.collect()
    assert old() is None


def test_a_control_plane_that_refuses_us_is_asked_once_a_minute() -> None:
    plane, now = Plane(), [0.0]
    plane.answer = ModelAccessDenied("no permission to list")
    catalogue = Catalogue(read=plane, clock=lambda: now[0])

    assert (catalogue.current(), catalogue.current(), plane.asked) == (None, None, 1)
    now[0] += AGAIN_SECONDS
    assert (catalogue.current(), plane.asked) == (None, 2)


def in_threads(count: int, work: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_many_callers_make_one_reading_and_all_get_it() -> None:
    answer, may_answer, results = Listing({}, {}), threading.Event(), list[Listing | None]()
    asked: list[None] = []

    def read() -> Listing:
        asked.append(None)
        may_answer.wait(10)
        return answer

    catalogue = Catalogue(read=read)
    threads = in_threads(8, lambda: results.append(catalogue.current()))
    may_answer.set()
    for thread in threads:
        thread.join(10)

    assert len(asked) == 1
    assert [result is answer for result in results] == [True] * 8


def test_nobody_waits_for_a_new_list_while_there_is_an_old_one() -> None:
    plane, now = Plane(), [0.0]
    old = plane.answer
    reading, may_answer = threading.Event(), threading.Event()

    def read() -> Listing:
        if plane.asked:
            reading.set()
            may_answer.wait(10)
        return plane()

    catalogue = Catalogue(read=read, clock=lambda: now[0])
    catalogue.current()
    plane.answer = Listing({}, {})
    now[0] += FRESH_SECONDS
    [refresher] = in_threads(1, catalogue.current)
    assert reading.wait(10)

    assert catalogue.current() is old
    may_answer.set()
    refresher.join(10)
    assert catalogue.current() is plane.answer
