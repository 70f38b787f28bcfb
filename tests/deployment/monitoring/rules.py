"""The rules as plain files, and promtool, which checks and tests them."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployment.monitoring import rule_files

Rule = dict[str, Any]


def program(name: str) -> str:
    """promtool or prometheus; the test is skipped where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here (Debian: apt install prometheus)")
    return found


def all_rules() -> list[Rule]:
    return [rule for groups in rule_files.groups().values() for group in groups for rule in group["rules"]]


def group_names() -> list[str]:
    return [group["name"] for groups in rule_files.groups().values() for group in groups]


def alerts() -> list[Rule]:
    return [rule for rule in all_rules() if "alert" in rule]


def check(folder: Path, expressions: list[str]) -> None:
    """Fails where promtool cannot read one of these expressions."""
    file = folder / "expressions.yaml"
    rules = [{"record": f"expression_{number}", "expr": found} for number, found in enumerate(expressions)]
    file.write_text(yaml.safe_dump({"groups": [{"name": "expressions", "rules": rules}]}, width=1000))
    run_promtool("check", "rules", str(file))


def run_promtool(*arguments: str) -> None:
    command = [program("promtool"), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
