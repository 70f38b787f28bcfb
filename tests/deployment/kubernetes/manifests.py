"""What the overlays give to a cluster, as Kubernetes would read it."""

import atexit
import functools
import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

KUBERNETES = settings.BASE_DIR / "deployment" / "kubernetes"
GITOPS = settings.BASE_DIR / "deployment" / "gitops"
ON_AWS = ("production-us-east-1", "staging-us-east-1")
OVERLAYS = (*ON_AWS, "local")
APPLICATION = {"app.kubernetes.io/name": "chatbot-api"}
API = {**APPLICATION, "app.kubernetes.io/component": "api"}
# Components that an environment chooses or leaves out.
ALTERNATIVES = ("pod-identity", "fargate", "spot", "monitoring")
# What an environment on AWS is made of whatever it chooses.
ALWAYS = ("network", "ingress", "external-secrets", "database", "rds-us-east-1", "sign-in", "reloader")
# What it chooses: how pods come by their role, and what they run on.
_CREDENTIALS = ("irsa", "pod-identity")
_PLACES = {"nodes": ["cluster-autoscaler"], "spot": ["cluster-autoscaler", "spot"], "fargate": ["fargate"]}
VARIANTS = {
    f"{credentials}-{place}": [credentials, *ALWAYS, *chosen, "argo-cd"]
    for credentials, (place, chosen) in itertools.product(_CREDENTIALS, _PLACES.items())
}
MONITORED = "irsa-nodes-monitoring"
VARIANTS[MONITORED] = ["irsa", *ALWAYS, "cluster-autoscaler", "monitoring", "argo-cd"]
Manifest = dict[str, Any]


def tool(name: str) -> str:
    """The program, of the checks' own environment or of the machine; the test is skipped where there is none."""
    own = Path(sys.prefix) / "deploy" / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here", allow_module_level=True)
    return found


@functools.cache
def text_of(folder: Path) -> str:
    """What `kubectl kustomize` makes of a folder."""
    command = [tool("kubectl"), "kustomize", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def folder_of(name: str) -> Path:
    """Of an overlay, or of one that is composed of a variant's components."""
    return _composed(name) if name in VARIANTS else KUBERNETES / "overlays" / name


@functools.cache
def manifests(name: str) -> list[Manifest]:
    """The objects of an overlay or variant, to be read and not to be changed."""
    return list(yaml.safe_load_all(text_of(folder_of(name))))


@functools.cache
def _composed(name: str) -> Path:
    copy = _copy_of_the_manifests()
    overlay = copy / "overlays" / name
    overlay.mkdir()
    shutil.copy(KUBERNETES / "overlays" / ON_AWS[0] / "platform.yaml", overlay)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["../../base", "platform.yaml"],
        "components": [f"../../components/{component}" for component in VARIANTS[name]],
        "images": [{"name": "chatbot-api", "newName": "registry.example.com/chatbot-api", "newTag": "0.1.0"}],
    }
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return overlay


@functools.cache
def _copy_of_the_manifests() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="kubernetes-")
    atexit.register(folder.cleanup)
    for beside in (KUBERNETES, KUBERNETES.parent / "monitoring"):
        shutil.copytree(beside, Path(folder.name) / beside.name)
    return Path(folder.name) / KUBERNETES.name


def of_kind(objects: Iterable[Manifest], kind: str) -> list[Manifest]:
    return [manifest for manifest in objects if manifest["kind"] == kind]


def named(objects: Iterable[Manifest], kind: str, name: str = "chatbot-api") -> Manifest:
    (found,) = [manifest for manifest in of_kind(objects, kind) if manifest["metadata"]["name"] == name]
    return found


def settings_of(objects: Iterable[Manifest]) -> Manifest:
    """The application's ConfigMap, whose name ends in a checksum."""
    (config,) = [
        found for found in of_kind(objects, "ConfigMap") if found["metadata"]["name"].startswith("chatbot-api")
    ]
    return config


def settings_given(objects: Iterable[Manifest]) -> dict[str, str]:
    """What the application's ConfigMap says."""
    data: dict[str, str] = settings_of(objects)["data"]
    return data


def templates(objects: Iterable[Manifest]) -> dict[str, Manifest]:
    """The pod template of everything that makes pods, by kind and name."""
    specs = {f"{found['kind']}/{found['metadata']['name']}": found.get("spec", {}) for found in objects}
    # A CronJob has one more level.
    inner = {name: spec.get("jobTemplate", {}).get("spec", spec) for name, spec in specs.items()}
    return {name: spec["template"] for name, spec in inner.items() if "spec" in spec.get("template", {})}


def containers(template: Manifest) -> list[Manifest]:
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]
