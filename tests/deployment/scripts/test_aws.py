"""`python -m deployment.scripts.aws`: how it ends, and what it says. The calls themselves have tests of their own."""

import pytest

from deployment.scripts import aws


@pytest.mark.parametrize("option", ["--dryrun", "dry-run", "--canary"])
def test_an_option_that_is_not_known_rolls_nothing_back(capsys: pytest.CaptureFixture[str], option: str) -> None:
    code = aws.main(["roll-back", "chatbot-api", option])

    said = f"error: roll-back takes no option but --dry-run, and was given {option}: nothing was changed.\n"
    assert (code, *capsys.readouterr()) == (1, "", said)
