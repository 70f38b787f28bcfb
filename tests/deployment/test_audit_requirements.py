"""What is said of requirements, from what pip-audit reports."""

import json
from collections.abc import Mapping

import pytest

from deployment.audit_requirements import judge

CLEAN = {"name": "clean", "version": "1.0", "vulns": []}
SKIPPED = {"name": "unknown", "skip_reason": "Dependency not found"}
KNOWN = {"id": "PYSEC-2026-1", "fix_versions": ["1.1", "2.0"], "aliases": [], "description": ""}
VULNERABLE = {"name": "leaky", "version": "1.0", "vulns": [KNOWN]}
LEAKS = "r.txt: leaky 1.0: PYSEC-2026-1, fixed in 1.1, 2.0."


def report(*packages: Mapping[str, object]) -> dict[str, str]:
    return {"r.txt": json.dumps({"dependencies": packages, "fixes": []})}


@pytest.mark.parametrize("required", [False, True])
def test_fails_for_a_known_vulnerability_and_for_nothing_else(*, required: bool) -> None:
    assert judge(report(CLEAN, CLEAN), required=required) == (0, ["No known vulnerabilities."])
    assert judge(report(CLEAN, VULNERABLE), required=required) == (1, [LEAKS])


@pytest.mark.parametrize("required", [False, True])
def test_says_when_advisories_could_not_be_had_and_fails_where_they_must(*, required: bool) -> None:
    nothing = "r.txt: NOT AUDITED, advisories for anything could not be had."
    a_part = "r.txt: NOT AUDITED, advisories for 1 of 2 packages could not be had."

    assert judge({"r.txt": ""}, required=required) == (int(required), [nothing])
    assert judge(report(CLEAN, SKIPPED), required=required) == (int(required), [a_part])
    assert judge(report(VULNERABLE, SKIPPED), required=required) == (1, [LEAKS, a_part])
