"""What goes to the cluster: `python -m deployment.scripts.manifests ACTION ARGUMENTS`, see `_ACTIONS`.

Works on files: the overlay in a copy of deployment/kubernetes, and what kustomize made of it.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from deployment.scripts.errors import DeployError

# The name of the application, of its image and of its Deployment.
APPLICATION = "chatbot-api"
MIGRATION = "Job"
# What the migration needs around it; everything else waits until it is done.
BEFORE = {"Namespace", "ServiceAccount", "ConfigMap", "SecretStore", "ExternalSecret", "NetworkPolicy"}
# Left over from the committed overlay, where these stand for values of one's own.
EXAMPLES = re.compile(r"\bexample\.com\b|\bfrom platform\.yaml\b|_EXAMPLE\b|00000000-0000-0000-0000-000000000000")
EXAMPLE_ACCOUNT = "111122223333"


def platform(overlay: Path, values: dict[str, str]) -> None:
    """Writes these values over those of the overlay's platform.yaml; others stay."""
    file = overlay / "platform.yaml"
    document = yaml.safe_load(file.read_text())
    document["data"] |= values
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def image(overlay: Path, uri: str) -> None:
    """Names the image, `NAME@sha256:…`, in the overlay's kustomization.yaml."""
    file = overlay / "kustomization.yaml"
    document = yaml.safe_load(file.read_text())
    name, _, digest = uri.partition("@")
    others = [each for each in document.get("images", []) if each["name"] != APPLICATION]
    document["images"] = [*others, {"name": APPLICATION, "newName": name, "digest": digest}]
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def check(documents: list[dict[str, Any]], *, uri: str, account: str) -> None:
    """Raises DeployError where a container of ours has another image, or an example was left standing."""
    ours = [name for name in _images(documents) if name.partition("@")[0].endswith(f"/{APPLICATION}")]
    if not ours or set(ours) != {uri}:
        raise DeployError(
            f"The overlay does not run {uri} everywhere, but {', '.join(sorted(set(ours))) or 'nothing'}."
        )
    text = yaml.safe_dump_all(documents, width=1000)
    left = [line.strip() for line in text.splitlines() if EXAMPLES.search(line)]
    if account != EXAMPLE_ACCOUNT:
        left += [line.strip() for line in text.splitlines() if EXAMPLE_ACCOUNT in line]
    if left:
        raise DeployError("Examples are left in the overlay; put your own values there:\n  " + "\n  ".join(left))


def phase(documents: Iterable[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The documents that are applied `before` the migration, the `migration`, and the `rest`."""
    return [document for document in documents if _phase_of(document) == name]


def secrets(documents: Iterable[dict[str, Any]]) -> list[str]:
    """What External Secrets fetches, as kubectl names it."""
    return [f"externalsecret/{each['metadata']['name']}" for each in documents if each["kind"] == "ExternalSecret"]


def scale(documents: Iterable[dict[str, Any]], replicas: str) -> None:
    """Gives the application as many pods as it has: the autoscaler's number, not the manifest's.

    None, as before its first release and while it is stopped, leaves the manifest's.
    """
    running = int(replicas or 0)
    for document in documents:
        if running and document["kind"] == "Deployment" and document["metadata"]["name"] == APPLICATION:
            document["spec"]["replicas"] = running


def _phase_of(document: dict[str, Any]) -> str:
    kind = document["kind"]
    if kind == MIGRATION:
        return "migration"
    return "before" if kind in BEFORE else "rest"


def _images(node: object) -> list[str]:
    if isinstance(node, list):
        return [name for each in node for name in _images(each)]
    if not isinstance(node, dict):
        return []
    own = [node["image"]] if isinstance(node.get("image"), str) else []
    return own + [name for each in node.values() for name in _images(each)]


def _documents(file: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(Path(file).read_text()) if document]


def _platform(overlay: str, *values: str) -> None:
    merged = {key: value for text in values for key, value in json.loads(text).items()}
    platform(Path(overlay), merged)


def _secrets(file: str) -> None:
    sys.stdout.writelines(f"{name}\n" for name in secrets(_documents(file)))


def _phase(name: str) -> Callable[..., None]:
    def show(file: str, replicas: str = "") -> None:
        documents = phase(_documents(file), name)
        scale(documents, replicas)
        yaml.safe_dump_all(documents, sys.stdout, sort_keys=False)

    return show


_ACTIONS: dict[str, Callable[..., None]] = {
    "platform": _platform,  # OVERLAY JSON...: later values win
    "image": lambda overlay, uri: image(Path(overlay), uri),
    "check": lambda file, uri, account: check(_documents(file), uri=uri, account=account),
    "secrets": _secrets,
    "before": _phase("before"),
    "migration": _phase("migration"),
    "rest": _phase("rest"),  # with the number of pods behind the file
}


def main(arguments: list[str]) -> int:
    """The exit code."""
    action, *rest = arguments
    try:
        _ACTIONS[action](*rest)
    except DeployError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
