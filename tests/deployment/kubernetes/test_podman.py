"""`podman play kube` runs the local overlay, with the image of `make images` and MiniStack, and it answers a chat."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from local_aws.ministack import passing_ministack
from local_aws.ports import free_port
from tests.conftest import NO_TLS
from tests.deployment.kubernetes.manifests import KUBERNETES, containers, of_kind, templates, text_of, tool

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]

IMAGE = "localhost/chatbot-api:dev"
READY_SECONDS = 60
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4000:4000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
# What podman cannot do without systemd and a network of its own: probes, ports, and init containers that end although
# the pod goes on.
FOR_PODMAN = """
- op: add
  path: /spec/template/spec/hostNetwork
  value: true
- op: add
  path: /spec/template/spec/restartPolicy
  value: OnFailure
- {op: remove, path: /spec/template/spec/containers/0/ports}
- {op: remove, path: /spec/template/spec/containers/0/startupProbe}
- {op: remove, path: /spec/template/spec/containers/0/livenessProbe}
- {op: remove, path: /spec/template/spec/containers/0/readinessProbe}
"""


class Podman:
    """podman with a configuration of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.program = tool("podman")
        configuration = folder / "containers.conf"
        configuration.write_text(CONTAINERS_CONF)
        self.environment = {**os.environ, "CONTAINERS_CONF": str(configuration)}

    def __call__(self, *arguments: str, check: bool = True, text: str | None = None) -> str:
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            input=text,
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout


def until_it_answers(url: str) -> httpx.Response:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            return httpx.get(url, verify=NO_TLS)
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"{url} does not answer")


@pytest.fixture
def whole_ministack(tmp_path: Path) -> Iterator[int]:
    """The port of a MiniStack with all its services."""
    port = free_port()
    with passing_ministack(tmp_path, port=port):
        yield port


def for_podman(folder: Path, *, port: int, ministack: int) -> str:
    """The local overlay under a name of the test's own, on these ports."""
    copy = folder / "kubernetes"
    shutil.copytree(KUBERNETES, copy)
    overlay = copy / "overlays" / "podman"
    overlay.mkdir()
    address = f"http://127.0.0.1:{ministack}"
    endpoints = [f"AWS_ENDPOINT_URL_{name}={address}" for name in ("DYNAMODB", "BEDROCK_RUNTIME", "BEDROCK")]
    # The pod has this machine's network, where other servers may have the usual port of metrics.
    literals = [f"PORT={port}", f"METRICS_PORT={free_port()}", *endpoints]
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["../local"],
        "nameSuffix": f"-{port}",
        "configMapGenerator": [
            {"name": "chatbot-api", "namespace": "chatbot", "behavior": "merge", "literals": literals}
        ],
        "patches": [{"target": {"kind": "Deployment"}, "patch": FOR_PODMAN}],
    }
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return text_of(overlay)


@pytest.fixture
def server(tmp_path: Path, whole_ministack: int) -> Iterator[tuple[str, Podman, str]]:
    """The address of the pod's server, podman, and the name of the pod."""
    podman = Podman(tmp_path)
    if subprocess.run([podman.program, "image", "exists", IMAGE], check=False, timeout=30).returncode:
        pytest.skip(f"there is no image {IMAGE}: run make images")
    port = free_port()
    objects = list(yaml.safe_load_all(for_podman(tmp_path, port=port, ministack=whole_ministack)))
    (secret,) = of_kind(objects, "Secret")
    name, pod = secret["metadata"]["name"], f"chatbot-api-{port}-pod-0"
    # podman 4.3 makes secrets of manifests in a form that it does not read itself.
    podman("secret", "create", name, "-", text=json.dumps(secret["data"]))
    try:
        played = [*of_kind(objects, "ConfigMap"), *of_kind(objects, "Deployment")]
        podman("play", "kube", "-", text=yaml.safe_dump_all(played))
        yield f"http://127.0.0.1:{port}", podman, pod
    finally:
        podman("pod", "rm", "--force", pod, check=False)
        podman("secret", "rm", name, check=False)


def test_the_pod_answers_a_chat(server: tuple[str, Podman, str]) -> None:
    url, podman, pod = server

    assert until_it_answers(f"{url}/health").json() == {"status": "ok"}
    assert until_it_answers(f"{url}/health/ready").json() == {
        "ready": True,
        "checks": {"dynamodb": "ok", "bedrock": "ok"},
    }
    with httpx.Client(base_url=url, verify=NO_TLS, timeout=30) as caller:
        answer = caller.post("/chat", json={"message": "Hello", "session_id": "podman"})
        assert answer.status_code == 200, answer.text
        said = [message["content"] for message in caller.get("/history/podman").json()["messages"]]
    assert said == ["Hello", answer.json()["response"]]

    (found,) = json.loads(podman("inspect", f"{pod}-chatbot-api"))
    manifest = templates(list(yaml.safe_load_all(text_of(KUBERNETES / "overlays" / "local"))))["Deployment/chatbot-api"]
    limit = containers(manifest)[-1]["resources"]["limits"]["memory"]
    assert found["Config"]["User"] == "10001:10001"
    assert found["HostConfig"]["ReadonlyRootfs"] is True
    assert not found["EffectiveCaps"]
    assert found["HostConfig"]["SecurityOpt"] == ["no-new-privileges"]
    assert found["HostConfig"]["Memory"] == int(limit.removesuffix("Mi")) * 2**20
