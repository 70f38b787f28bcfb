"""docs/COST.md shows what the command really prints."""

import re

import pytest
from django.conf import settings

from benchmarks.cost.__main__ import main

PAGE = (settings.BASE_DIR / "docs" / "COST.md").read_text()
SHOWN = re.findall(r"^```\n\$ python -m benchmarks\.cost(.*)\n((?:.*\n)*?)```$", PAGE, flags=re.MULTILINE)


def test_the_page_shows_runs_of_the_command() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize(("arguments", "output"), SHOWN, ids=[arguments.strip() for arguments, _ in SHOWN])
def test_what_the_page_shows_is_what_is_printed(
    arguments: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 0

    assert capsys.readouterr().out == output
