"""Bedrock's lists of models, as its control plane sends them.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
"""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .wire import HTTPAnswer, error_answer

_NOVA = {
    "amazon.nova-micro-v1:0": ("Nova Micro", ["TEXT"]),
    "amazon.nova-lite-v1:0": ("Nova Lite", ["TEXT", "IMAGE", "VIDEO"]),
    "amazon.nova-pro-v1:0": ("Nova Pro", ["TEXT", "IMAGE", "VIDEO"]),
    "amazon.nova-2-lite-v1:0": ("Nova 2 Lite", ["TEXT", "IMAGE", "VIDEO"]),
}


def foundation_model(model_id: str, name: str, inputs: list[str], **fields: object) -> dict[str, Any]:
    """A summary of ListFoundationModels; `fields` replace or add."""
    return {
        "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{model_id}",
        "modelId": model_id,
        "modelName": name,
        "providerName": "Amazon",
        "inputModalities": inputs,
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": [],
        "inferenceTypesSupported": ["ON_DEMAND", "INFERENCE_PROFILE"],
        "modelLifecycle": {"status": "ACTIVE", "startOfLifeTime": "2024-12-03T00:00:00Z"},
        **fields,
    }


def inference_profile(profile_id: str, name: str, model_id: str, **fields: object) -> dict[str, Any]:
    """A summary of ListInferenceProfiles; `fields` replace or add."""
    return {
        "inferenceProfileName": name,
        "description": f"Routes requests to {name}.",
        "createdAt": "2024-12-03T00:00:00Z",
        "updatedAt": "2024-12-03T00:00:00Z",
        "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:000000000001:inference-profile/{profile_id}",
        "models": [
            {"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model_id}"}
            for region in ("us-east-1", "us-west-2")
        ],
        "inferenceProfileId": profile_id,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
        **fields,
    }


class ControlPlane:
    """What the lists hold now. `requests` are the paths asked for."""

    def __init__(self) -> None:
        self.foundation_models = [foundation_model(model_id, *words) for model_id, words in _NOVA.items()]
        self.inference_profiles = [
            inference_profile(f"us.{model_id}", f"US {name}", model_id) for model_id, (name, _) in _NOVA.items()
        ]
        self.page_size = 1_000
        self.failure: HTTPAnswer | None = None
        self.requests: list[str] = []

    def fail(self, code: str) -> None:
        self.failure = error_answer(code, "scripted")

    def knows(self, model_id: str) -> bool:
        """Whether a call may name this model: by id or ARN."""
        models = {field for model in self.foundation_models for field in (model["modelId"], model["modelArn"])}
        profiles = {
            profile.get(key)
            for profile in self.inference_profiles
            for key in ("inferenceProfileId", "inferenceProfileArn")
        }
        return model_id in models | profiles

    def answer(self, target: str) -> HTTPAnswer | None:
        """The answer to a GET; None when the path is none of ours."""
        url = urlsplit(target)
        self.requests.append(url.path)
        if url.path not in {"/foundation-models", "/inference-profiles"}:
            return None
        if self.failure:
            return self.failure
        if url.path == "/foundation-models":
            return _json({"modelSummaries": self.foundation_models})
        return self._page(parse_qs(url.query))

    def _page(self, query: dict[str, list[str]]) -> HTTPAnswer:
        start = int(query.get("nextToken", ["0"])[0])
        size = min(int(query.get("maxResults", ["100"])[0]), self.page_size)
        page: dict[str, Any] = {"inferenceProfileSummaries": self.inference_profiles[start : start + size]}
        if start + size < len(self.inference_profiles):
            page["nextToken"] = str(start + size)
        return _json(page)


def _json(body: dict[str, Any]) -> HTTPAnswer:
    return HTTPAnswer(200, json.dumps(body).encode())
