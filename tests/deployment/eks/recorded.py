"""A program in the place of kubectl, helm or terraform: notes each call, and answers as a healthy cluster would.

It reads `answers.json` beside it: `{"fails": ["rollout status"], "revision": "4", "replicas": "7", …}`. What is
applied is kept in `applied.yaml`. `kubectl kustomize` and nothing else is the real kubectl's.
"""

import json
import os
import sys
from pathlib import Path

HOME = Path(__file__).parent
ANSWERS = json.loads((HOME / "answers.json").read_text())


def _note(program: str, arguments: list[str]) -> None:
    with (HOME / "calls").open("a") as calls:
        calls.write(json.dumps([program, *arguments]) + "\n")


def _kubectl(arguments: list[str]) -> str:
    if "kustomize" in arguments:
        os.execv(ANSWERS["kubectl"], ["kubectl", *arguments])  # noqa: S606  # the real one, no shell
    if "apply" in arguments:
        with (HOME / "applied.yaml").open("a") as applied:
            applied.write("---\n" + Path(arguments[-1]).read_text())
    wanted = " ".join(arguments)
    if "get deployment" in wanted:
        image = "spec.template" in wanted
        return str(ANSWERS["image"]) if image else f"{ANSWERS['revision']} {ANSWERS['replicas']}".strip()
    if "get ingress" in wanted:
        return str(ANSWERS["balancer"] if "status" in wanted else ANSWERS["host"])
    return ""


def _terraform(arguments: list[str]) -> str:
    stack = arguments[0].rpartition("/")[2]
    if "output" in arguments:
        value = ANSWERS["outputs"].get(stack, {}).get(arguments[-1])
        if value is None:
            sys.exit(1)
        return value if "-raw" in arguments else json.dumps(value)
    return ""


def main() -> None:
    program, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    _note(program, arguments)
    said = {"kubectl": _kubectl, "terraform": _terraform}.get(program, lambda _: "")(arguments)
    sys.stdout.write(said)
    if any(failing in " ".join([program, *arguments]) for failing in ANSWERS["fails"]):
        sys.exit(1)


main()
