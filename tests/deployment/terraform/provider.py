"""Terraform's provider, started once for the many commands of a module.

Terraform starts it anew for each command, which takes longer than most plans. Started with `-debug` it stays, and says
by which variable Terraform finds it: https://developer.hashicorp.com/terraform/plugin/debugging. It keeps one
configuration at a time, so a stack that has two of them, as `data` does, is not for it.
"""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ATTACHED = "TF_REATTACH_PROVIDERS"
# A cold, busy machine.
READY_SECONDS = 120
END_SECONDS = 15


def installed(folder: Path) -> Path:
    """The provider's program, where `terraform init` put it for the stack in `folder`."""
    (program,) = (folder / ".terraform" / "providers").glob("*/hashicorp/aws/*/*/terraform-provider-aws*")
    return program.resolve()


@contextmanager
def attached_provider(program: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Variables by which Terraform finds it. It takes its credentials and addresses of AWS from `environment`.

    `folder` takes what it prints.
    """
    log = folder / "provider.log"
    with log.open("wb") as said, subprocess.Popen([program, "-debug"], env=environment, stdout=said, stderr=said) as it:
        try:
            yield {ATTACHED: _address(it, log)}
        finally:
            it.terminate()
            try:
                it.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                it.kill()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    until = time.monotonic() + READY_SECONDS
    while not (found := re.search(rf"{ATTACHED}='(.+)'", log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)
    return found[1]
