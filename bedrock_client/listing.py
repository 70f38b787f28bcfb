"""What Bedrock's control plane says of models: one reading of both its lists.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html (one page) and
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html (paged). Fields may be missing
and enumerations may have grown: both are taken as they come.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.conf import settings

from core.deadline import Deadline

from . import clients
from .errors import DeadlineExceeded
from .facts import foundation_ids, plain_id
from .failures import bedrock_errors

# Both lists together; a caller of /models waits for them when nothing is known yet.
READING_SECONDS = 10.0
PAGE_SIZE, MOST_PAGES = 1_000, 10


@dataclass(frozen=True, slots=True)
class Foundation:
    """A foundation model as listed; None and () where the list says nothing."""

    name: str | None = None
    provider: str | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    streaming: bool | None = None
    lifecycle: str | None = None
    end_of_life: date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """An inference profile as listed, with the id of the foundation model it routes to ('' if not said)."""

    name: str | None
    status: str | None
    foundation_id: str


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Foundation models by id, inference profiles by id and by ARN."""

    foundations: Mapping[str, Foundation]
    profiles: Mapping[str, Profile]

    def find(self, model_id: str) -> tuple[Foundation | None, Profile | None]:
        """What is listed of a model id or ARN: a profile comes with the foundation model behind it."""
        profile = self.profiles.get(model_id) or self.profiles.get(plain_id(model_id))
        ids = (profile.foundation_id if profile else "", *foundation_ids(model_id))
        return next((self.foundations[known] for known in ids if known in self.foundations), None), profile


def read_listing() -> Listing:
    """Ask the control plane of the first region that chats go to. Raises `BedrockError`."""
    deadline = Deadline.after(READING_SECONDS)
    with bedrock_errors():
        client = clients.control_plane(settings.BEDROCK_REGIONS[0])
        models = client.list_foundation_models().get("modelSummaries", [])
        pages = client.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": PAGE_SIZE})
        profiles = dict(_profiles(islice(pages, MOST_PAGES), deadline))
        return Listing({model["modelId"]: _foundation(model) for model in models if "modelId" in model}, profiles)


def _profiles(pages: Iterator[Mapping[str, Any]], deadline: Deadline) -> Iterator[tuple[str, Profile]]:
    for page in pages:
        for summary in page.get("inferenceProfileSummaries", []):
            profile = _profile(summary)
            yield from (
                (summary[key], profile) for key in ("inferenceProfileId", "inferenceProfileArn") if key in summary
            )
        if deadline.remaining() <= 0:
            raise DeadlineExceeded("the lists of models take too long")


def _foundation(model: Mapping[str, Any]) -> Foundation:
    lifecycle = model.get("modelLifecycle", {})
    end = lifecycle.get("endOfLifeTime")
    return Foundation(
        name=model.get("modelName"),
        provider=model.get("providerName"),
        input_modalities=tuple(model.get("inputModalities", ())),
        output_modalities=tuple(model.get("outputModalities", ())),
        streaming=model.get("responseStreamingSupported"),
        lifecycle=lifecycle.get("status"),
        end_of_life=end.date() if end else None,
    )


def _profile(summary: Mapping[str, Any]) -> Profile:
    arn = next((model["modelArn"] for model in summary.get("models", []) if "modelArn" in model), "")
    return Profile(
        name=summary.get("inferenceProfileName"),
        status=summary.get("status"),
        foundation_id=plain_id(arn),
    )
