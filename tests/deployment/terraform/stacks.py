"""One stack in a folder of its own, with its state in a file there; Terraform speaks to MiniStack alone."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STACKS = Path(__file__).parents[3] / "deployment" / "terraform"
SECONDS = 300
ACCOUNT = "111122223333"
LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
# Where Terraform finds its provider is the machine's business.
PASSED_ON = ("PATH", "HOME", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")

# Each command of Terraform, and its provider, reads 13 MB of schemas: memory is cheaper here than collecting it.
IN_HASTE = {"GOGC": "400"}
WITHOUT_COLOURS = ("output", "state")
NO_TERRAFORM = "there is no terraform"


def terraform() -> str | None:
    return shutil.which("terraform")


def environment_of(endpoint: str) -> dict[str, str]:
    """What Terraform and its provider are started with to speak to MiniStack at this address."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    credentials = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
    return kept | IN_HASTE | credentials | {"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(slots=True)
class Stack:
    """A copy of `deployment/terraform/<name>`; `variables` are given to every plan. None leaves one at its default.

    `provider` are the variables of one that runs already; without them Terraform starts its own with each command.
    """

    name: str
    home: Path
    endpoint: str
    variables: dict[str, Any] = field(default_factory=dict)
    provider: dict[str, str] = field(default_factory=dict)
    applied: tuple[dict[str, Any], dict[str, Any]] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(STACKS, self.home, ignore=ignored, dirs_exist_ok=True)
        (self.folder / "backend_override.tf").write_text(LOCAL_BACKEND)
        configurations = sum(file.read_text().count('provider "aws" {') for file in self.folder.glob("*.tf"))
        assert configurations == 1 or not self.provider, "a provider that runs already keeps one configuration"
        self.run("init", "-input=false")

    @property
    def folder(self) -> Path:
        return self.home / self.name

    def apply(self, **variables: object) -> dict[str, Any]:
        """Makes everything; returns the outputs."""
        self.applied = None
        self.run("apply", "-input=false", "-auto-approve", *self._said(variables))
        outputs = {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}
        self.applied = (variables, outputs)
        return outputs

    def as_applied(self, **variables: object) -> dict[str, Any]:
        """The outputs of `apply`, which happens where anything else was applied last."""
        if self.applied is None or self.applied[0] != variables:
            return self.apply(**variables)
        return self.applied[1]

    def plan(self, **variables: object) -> list[dict[str, Any]]:
        """What applying would change: type, name, index, and the values before and after."""
        return [
            each
            for each in self._planned(variables).get("resource_changes", [])
            if each["change"]["actions"] not in (["no-op"], ["read"])
        ]

    def planned_outputs(self, **variables: object) -> dict[str, Any]:
        """The outputs that applying would give, as far as they are known before it."""
        outputs = self._planned(variables)["planned_values"]["outputs"]
        return {name: output.get("value") for name, output in outputs.items()}

    def refusal(self, **variables: object) -> str:
        """What Terraform says to a plan with these variables; it must refuse it."""
        done = self._start("plan", "-input=false", *self._said(variables))
        assert done.returncode != 0, done.stdout
        return " ".join(done.stderr.replace("│", " ").split())

    def run(self, *arguments: str) -> str:
        done = self._start(*arguments)
        assert done.returncode == 0, f"terraform {arguments[0]}: {done.stderr}"
        return done.stdout

    def _planned(self, variables: dict[str, object]) -> dict[str, Any]:
        file = self.folder / "plan"
        self.run("plan", "-input=false", f"-out={file}", *self._said(variables))
        planned: dict[str, Any] = json.loads(self.run("show", "-json", str(file)))
        return planned

    def _start(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [terraform() or "terraform", *arguments, *([] if arguments[0] in WITHOUT_COLOURS else ["-no-color"])]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment_of(self.endpoint) | self.provider,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def _said(self, variables: dict[str, object]) -> list[str]:
        every = self.variables | variables
        said = {name: v if isinstance(v, str) else json.dumps(v) for name, v in every.items() if v is not None}
        return [f"-var={name}={v}" for name, v in said.items()]


def difference(change: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The attributes of a planned change that have another value after it."""
    before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
    return {name: (before.get(name), after[name]) for name in after if before.get(name) != after[name]}
