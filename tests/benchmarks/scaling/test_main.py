"""The program, and the page that shows its runs."""

import re

import pytest
from django.conf import settings

from benchmarks.scaling.__main__ import REPORTS, main

PAGE = (settings.BASE_DIR / "docs" / "SCALING.md").read_text()
SHOWN = re.findall(r"^```\n\$ python -m benchmarks\.scaling(.*)\n((?:.*\n)*?)```$", PAGE, flags=re.MULTILINE)


def test_the_page_shows_a_run_of_every_report() -> None:
    assert {arguments.split()[0] for arguments, _ in SHOWN} == set(REPORTS)


@pytest.mark.parametrize(("arguments", "output"), SHOWN, ids=[arguments.strip() for arguments, _ in SHOWN])
def test_what_the_page_shows_is_what_is_printed(
    arguments: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 0

    assert capsys.readouterr().out == output


def test_another_seed_is_another_run(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for seed in ("1", "1", "2"):
        main(["shards", "--rates", "100", "--seed", seed])
        said.append(capsys.readouterr().out)

    assert said[0] == said[1] != said[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["everything"], "invalid choice: 'everything'"),
        (["--rates", "0"], "whole numbers from 1 to 1,000,000 with commas between them are needed"),
        (["--rates", "ten"], "whole numbers from 1 to 1,000,000 with commas between them are needed"),
        (["--model", "some.model"], "no price is known of the model some.model"),
        (["--question-tokens", "2000"], "question tokens: at least 1, at most the input tokens"),
        (["--max-output-tokens", "100"], "max output tokens: at least the output tokens, and 1"),
    ],
)
def test_refuses_inputs_that_cannot_be(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert end.value.code == 2
    assert sentence in capsys.readouterr().err
