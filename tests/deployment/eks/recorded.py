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
    if "get externalsecret/" in wanted:
        return _secret(arguments[arguments.index("get") + 1])
    if "get deployment" in wanted:
        return _deployment(wanted)
    if "get replicasets" in wanted:
        return "".join(f"{_release(revision)}\n" for revision in ANSWERS["releases"])
    if "get ingress" in wanted:
        return str(ANSWERS["balancer"] if "status" in wanted else ANSWERS["host"])
    return _of_the_migration(wanted)


def _of_the_migration(wanted: str) -> str:
    if "get job" in wanted:
        return str(ANSWERS["migration"])
    return "pod/first\npod/last\n" if "get pods" in wanted and "--output name" in wanted else ""


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
    if "annotate" in wanted and "deployment/" in wanted:
        _change(note=last.partition("=")[2])


def _deployment(wanted: str) -> str:
    cluster = _cluster()
    if not cluster["live"]:
        return ""
    release = _release(cluster["live"])
    if "replicas" in wanted:
        return f"{release}\n{ANSWERS['replicas']}\n{cluster['note']}"
    return release if "revision" in wanted else release.split()[1]


def _secret(name: str) -> str:
    """Which state of it was fetched last, and whether that went well. An annotation makes a new one, fetched later."""
    calls = [" ".join(json.loads(line)) for line in (HOME / "calls").read_text().splitlines()]
    annotated = [number for number, call in enumerate(calls) if "annotate" in call and f" {name} " in call]
    if not annotated:
        return f"0-state {ANSWERS['secrets']}" if ANSWERS["live"] else ""
    asked = sum(f" get {name} " in call for call in calls[annotated[-1] :])
    fetched = len(annotated) if asked > ANSWERS["asked_in_vain"] else len(annotated) - 1
    return f"{fetched}-state {ANSWERS['secrets']}"


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
    if "console" in arguments and "_table" in sys.stdin.read():
        return str(ANSWERS["tables"])
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
