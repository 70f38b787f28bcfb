"""docs/API.md: each language's examples, run one after the other against the server, end without an error."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

TEXT = (Path(__file__).parent.parent / "docs" / "API.md").read_text()
WRITTEN_FOR = "http://127.0.0.1:8000"
# curl ends well whatever the server says; here it must not.
STRICT = 'set -e\ncurl() { command curl --fail-with-body "$@"; }\n'

RUNNERS = {
    "bash": ["bash", "-c"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}


def program(language: str, server: str) -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 9
    return (STRICT if language == "bash" else "") + "\n".join(blocks).replace(WRITTEN_FOR, server)


@pytest.mark.parametrize("language", RUNNERS)
def test_examples_run_as_they_stand(api: httpx.Client, server: str, language: str) -> None:
    if shutil.which(RUNNERS[language][0]) is None:
        pytest.skip(f"no {RUNNERS[language][0]} on this machine to run the {language} examples with")
    done = subprocess.run(
        [*RUNNERS[language], program(language, server)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "You said: Hello" in done.stdout


def test_every_route_of_the_document_has_an_example() -> None:
    document = (Path(__file__).parent.parent / "docs" / "openapi.yaml").read_text()
    paths = re.findall(r"^  (/\S*):$", document, re.MULTILINE)
    headings = re.findall(r"^## .*$", TEXT, re.MULTILINE)
    assert [
        path for path in paths if not any(re.search(rf"{re.escape(path)}(?![\w/])", line) for line in headings)
    ] == []
