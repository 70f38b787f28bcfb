"""A program in the place of kubectl, helm or terraform: notes each call, and answers as a healthy cluster would.

It reads `answers.json` beside it: `{"fails": ["rollout status"], "releases": {"4": "image settings"}, …}`. What is
applied is kept in `applied.yaml`, and in `cluster.json` which release is live and what is noted of it. `kubectl
kustomize` and nothing else is the real kubectl's.
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
    wanted = " ".join(arguments)
    _keep(wanted, arguments[-1])
    if "get deployment" in wanted:
        return _deployment(wanted)
    if "get replicasets" in wanted:
        return "".join(f"{_release(revision)}\n" for revision in ANSWERS["releases"])
    if "get job" in wanted:
        return str(ANSWERS["migration"])
    if "get pods" in wanted and "--output name" in wanted:
        return "pod/first\npod/last\n"
    if "get ingress" in wanted:
        return str(ANSWERS["balancer"] if "status" in wanted else ANSWERS["host"])
    return ""


def _keep(wanted: str, last: str) -> None:
    if " apply " in f" {wanted} ":
        text = Path(last).read_text()
        with (HOME / "applied.yaml").open("a") as applied:
            applied.write("---\n" + text)
        if "kind: Deployment\n" in text:
            _change(live=ANSWERS["released"] or _cluster()["live"])
    if "rollout undo" in wanted:
        revision = last.rpartition("=")[2]
        # As kubectl does it: with the annotations that this release had.
        _change(live=revision, note=f"of revision {revision}")
    if "annotate" in wanted:
        _change(note=last.partition("=")[2])


def _deployment(wanted: str) -> str:
    cluster = _cluster()
    if not cluster["live"]:
        return ""
    release = _release(cluster["live"])
    if "replicas" in wanted:
        return f"{release}\n{ANSWERS['replicas']}\n{cluster['note']}"
    return release if "revision" in wanted else release.split()[1]


def _release(revision: str) -> str:
    return f"{revision} {ANSWERS['releases'][revision]}"


def _cluster() -> dict[str, str]:
    noted = HOME / "cluster.json"
    begin = {"live": ANSWERS["live"], "note": ANSWERS["note"]}
    found: dict[str, str] = json.loads(noted.read_text()) if noted.exists() else begin
    return found


def _change(**values: str) -> None:
    (HOME / "cluster.json").write_text(json.dumps(_cluster() | values))


def _terraform(arguments: list[str]) -> str:
    stack = arguments[0].rpartition("/")[2]
    if "output" in arguments:
        return json.dumps({name: {"value": value} for name, value in ANSWERS["outputs"].get(stack, {}).items()})
    return ""


def main() -> None:
    program, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    _note(program, arguments)
    said = {"kubectl": _kubectl, "terraform": _terraform}.get(program, lambda _: "")(arguments)
    sys.stdout.write(said)
    if any(failing in " ".join([program, *arguments]) for failing in ANSWERS["fails"]):
        sys.exit("Error: it was to fail")


main()
