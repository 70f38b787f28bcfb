"""Every process of pytest collects all tests, those too that it will not run: that must not wait for kubectl."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_nothing_is_rendered_before_a_test_runs(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    stand_in = tmp_path / "kubectl"
    stand_in.write_text(f'#!/bin/sh\necho "$*" >>"{asked}"\nexit 1\n')
    stand_in.chmod(0o755)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        str(Path(__file__).parent),
    ]

    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={"PATH": f"{tmp_path}:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert not asked.exists(), asked.read_text()
