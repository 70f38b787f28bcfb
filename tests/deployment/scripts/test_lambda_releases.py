"""Which version is live, and the way back: Lambda's API is played by botocore's stubber."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deployment.scripts import lambda_releases
from deployment.scripts.errors import DeployError

FUNCTION = "chatbot-api"
ALIAS = {"FunctionName": FUNCTION, "Name": "live"}
LIVE = {"FunctionName": FUNCTION, "Qualifier": "live"}


@pytest.fixture
def client() -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def aws(client: Any) -> Iterator[Stubber]:  # noqa: ANN401  # as above
    """Answers in the order in which they are given; every one must have been asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def alias_is(aws: Stubber, version: str, note: str = "", **weights: float) -> None:
    answer: dict[str, Any] = {"FunctionVersion": version, "Description": note}
    if weights:
        answer["RoutingConfig"] = {"AdditionalVersionWeights": {name.strip("v"): w for name, w in weights.items()}}
    aws.add_response("get_alias", answer, ALIAS)


def alias_becomes(aws: Stubber, version: str, note: str) -> None:
    expected = ALIAS | {
        "FunctionVersion": version,
        "Description": note,
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    }
    aws.add_response("update_alias", {}, expected)


def state_is(aws: Stubber, state: str, **more: str) -> None:
    aws.add_response("get_function_configuration", {"State": state, **more}, LIVE)


def test_a_function_that_was_never_deployed_has_no_live_version(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    aws.add_client_error("get_alias", "ResourceNotFoundException")

    assert lambda_releases.live(client, function=FUNCTION) == ""


def test_notes_which_version_was_live_before(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "8")
    aws.add_response("update_alias", {}, ALIAS | {"Description": "Before it: version 7"})

    lambda_releases.note_before(client, function=FUNCTION, before="7")


def test_a_release_without_a_new_version_forgets_nothing(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "8", "Before it: version 7")

    lambda_releases.note_before(client, function=FUNCTION, before="8")


def test_the_version_before_answers_again(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "8", "Before it: version 5")
    alias_becomes(aws, "5", "Rolled back from version 8")

    assert lambda_releases.roll_back(client, function=FUNCTION) == "Version 5 is live again, in place of 8."


def test_a_dry_run_says_which_version_would_answer_and_changes_nothing(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "5", "Before it: version 4")

    said = lambda_releases.roll_back(client, function=FUNCTION, dry_run=True)

    assert said == "Version 4 would be live again, in place of 5."


def test_a_dry_run_beside_a_canary_says_who_would_answer_and_changes_nothing(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "7", "Before it: version 6", v8=0.1)

    said = lambda_releases.roll_back(client, function=FUNCTION, dry_run=True)

    assert said == "Version 7 would answer every request again, and 8 none."


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_was_never_released_has_no_way_back(client: Any, aws: Stubber, dry_run: bool) -> None:  # noqa: ANN401  # as above
    aws.add_client_error("get_alias", "ResourceNotFoundException")

    with pytest.raises(DeployError, match=r"chatbot-api was never released here: there is nothing to roll back\."):
        lambda_releases.roll_back(client, function=FUNCTION, dry_run=dry_run)


def test_rolling_back_twice_is_refused_and_changes_nothing(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "5", "Rolled back from version 8")

    with pytest.raises(DeployError, match=r"Version 5 is live, rolled back from 8 already: nothing was changed\."):
        lambda_releases.roll_back(client, function=FUNCTION)


def test_rolling_back_a_canary_takes_its_share_away(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "7", "Before it: version 6", v8=0.1)
    alias_becomes(aws, "7", "Took back version 8. Before it: version 6")

    said = lambda_releases.roll_back(client, function=FUNCTION)

    assert said == "Version 7 answers every request again, and 8 none."


@pytest.mark.parametrize("note", ["Before it: version 6", "Rolled back from version 5", ""])
def test_rolling_back_a_canary_twice_is_refused_and_changes_nothing(client: Any, aws: Stubber, note: str) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "7", f"Took back version 8. {note}".rstrip())

    with pytest.raises(DeployError, match=r"Version 7 is live, and 8 was taken back already: nothing was changed\."):
        lambda_releases.roll_back(client, function=FUNCTION)


def test_a_canary_after_one_that_was_taken_back_can_be_taken_back(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "7", "Took back version 8. Before it: version 6", v9=0.1)
    alias_becomes(aws, "7", "Took back version 9. Before it: version 6")

    said = lambda_releases.roll_back(client, function=FUNCTION)

    assert said == "Version 7 answers every request again, and 9 none."


@pytest.mark.parametrize("note", ["Before it: version 6", ""])
def test_a_canary_after_one_that_was_taken_back_brings_the_note_back(client: Any, aws: Stubber, note: str) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "7", f"Took back version 8. {note}".rstrip(), v9=0.1)
    aws.add_response("update_alias", {}, ALIAS | {"Description": note})

    lambda_releases.note_before(client, function=FUNCTION, before="7")


def test_the_first_release_has_no_way_back(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    alias_is(aws, "1")

    with pytest.raises(DeployError, match="Version 1 is the first that was released"):
        lambda_releases.roll_back(client, function=FUNCTION)


def test_waits_until_the_live_version_takes_requests(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    for state in ("Pending", "Pending", "Active"):
        state_is(aws, state)
    pauses: list[float] = []

    lambda_releases.wait_ready(client, function=FUNCTION, version="live", seconds=60, sleep=pauses.append)

    assert pauses == [2, 2]


def test_says_why_a_version_failed(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    state_is(aws, "Failed", StateReason="The image cannot be read.")

    with pytest.raises(DeployError, match=r"chatbot-api failed to start: The image cannot be read\."):
        lambda_releases.wait_ready(client, function=FUNCTION, version="live", seconds=60)


def test_does_not_wait_for_ever(client: Any, aws: Stubber) -> None:  # noqa: ANN401  # as above
    for _ in range(3):
        state_is(aws, "Pending")

    with pytest.raises(DeployError, match="not ready within 6 seconds: its state is Pending"):
        lambda_releases.wait_ready(client, function=FUNCTION, version="live", seconds=6, sleep=lambda _: None)
