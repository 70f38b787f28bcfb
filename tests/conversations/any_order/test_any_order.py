"""Whatever is asked, in whatever order, whenever a process dies: nothing is lost, doubled, half done or miscounted."""

from collections.abc import Iterator

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from tests.scripted_bedrock import ScriptedBedrock

from .machine import AnyOrder
from .service import Service

# Each seed stands for the same histories in every run. For a long search among others take more of them: range(1_000).
SEEDS = range(3)
SEARCH = settings(
    max_examples=5,
    stateful_step_count=40,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    print_blob=True,
)


@pytest.fixture
def service(
    ministack: str, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[Service]:
    settings.STREAM_STALL_SECONDS = 60  # a gate is no stall
    service = Service(ministack, bedrock, monkeypatch)
    yield service
    service.callers.close()


@pytest.mark.slow
@pytest.mark.timeout(600)  # a failure is shrunk to its shortest history, which takes longer than the test
@pytest.mark.parametrize("number", SEEDS)
def test_what_must_be_true_is_true_after_any_order_of_events(service: Service, number: int) -> None:
    @seed(number)
    def machine() -> AnyOrder:
        return AnyOrder(service)

    run_state_machine_as_test(machine, settings=SEARCH)  # type: ignore[arg-type]  # any factory will do
