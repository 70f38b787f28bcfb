"""The fixture `bedrock`, for `tests/conftest.py` to import."""

from collections.abc import Iterator
from functools import cache

import pytest
from django.conf import settings

from bedrock_client import catalogue, regions

from . import ScriptedBedrock


@cache
def _the_bedrock() -> ScriptedBedrock:
    """One server a process, because boto3's clients are made once and keep its address."""
    return ScriptedBedrock(settings.BEDROCK_PORT)


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedBedrock]:
    """A Bedrock without a script, and a `bedrock_client` that remembers no list and no failed region."""
    monkeypatch.setattr(catalogue, "_catalogue", catalogue.Catalogue())
    monkeypatch.setattr(regions.resting_regions, "_rested_at", {})
    scripted = _the_bedrock()
    scripted.reset()
    yield scripted
    scripted.reset()
