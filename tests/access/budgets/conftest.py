"""A ledger of the test's own, and a process that has reconciled nothing yet."""

import pytest

from access.budgets import reconciling

from .books import Books


@pytest.fixture(autouse=True)
def _nothing_reconciled_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "lately", reconciling.Lately())


@pytest.fixture
def books(tables: None) -> Books:
    return Books()
