"""Overlays and components render, and what they render is what Kubernetes accepts."""

import functools
import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types, and no stubs here

from tests.deployment.kubernetes.manifests import (
    ALTERNATIVES,
    GITOPS,
    KUBERNETES,
    ON_AWS,
    OVERLAYS,
    VARIANTS,
    Manifest,
    folder_of,
    manifests,
    named,
    of_kind,
    settings_given,
    text_of,
    tool,
)

TERRAFORM = KUBERNETES.parent / "terraform" / "app-eks" / "variables.tf"
MONITORING = KUBERNETES.parent / "monitoring"
# Kinds that a controller brings with it: their schemas are not Kubernetes' own, but here.
SCHEMAS = Path(__file__).parent / "schemas"
OF_CONTROLLERS = {"ExternalSecret", "SecretStore", "PodMonitor", "PrometheusRule"}


def cluster_version() -> str:
    """The version that Terraform makes clusters of."""
    pattern = r'variable "kubernetes_version" \{.*?default\s+=\s+"(\d+\.\d+)"'
    (version,) = re.findall(pattern, TERRAFORM.read_text(), flags=re.DOTALL)
    return str(version)


def complaints(text: str, folder: Path) -> list[str]:
    """What the strict schemas of the cluster's version say against these objects."""
    file = folder / "rendered.yaml"
    file.write_text(text)
    command = [tool("kubernetes-validate"), "--strict", "-k", cluster_version(), str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    lines = (done.stdout + done.stderr).splitlines()
    # It speaks of every object: otherwise it has not looked at all of them.
    assert len(lines) >= sum(1 for found in yaml.safe_load_all(text) if found)
    return [line for line in lines if not line.startswith("INFO")]


def complaints_of_controllers(objects: Iterable[Manifest]) -> list[str]:
    """What the strict schemas of External Secrets and of the Prometheus Operator say against their objects."""
    return [
        f"{found['kind']}/{found['metadata']['name']}: {error.json_path}: {error.message}"
        for found in objects
        if found["kind"] in OF_CONTROLLERS
        for error in schema_of(found["kind"]).iter_errors(found)
    ]


@functools.cache
def schema_of(kind: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind.lower()}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", [*OVERLAYS, *VARIANTS])
def test_every_object_fits_the_schema_of_its_kind(name: str, tmp_path: Path) -> None:
    unknown = [found["kind"] for found in manifests(name) if found["kind"] in OF_CONTROLLERS]

    wrong = complaints(text_of(folder_of(name)), tmp_path)

    assert sorted(re.sub(r".* for kind (\w+) .*", r"\1", line) for line in wrong) == sorted(unknown)
    assert complaints_of_controllers(manifests(name)) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("remoteRef:", "remoteref:"),
        ("secretKey:", "secretkey:"),
        ("refreshInterval: 5m", "refreshIntervall: 5m"),
        ("refreshInterval: 5m", "refreshInterval: 5 minutes"),
        ("deletionPolicy: Retain", "deletionPolicy: Keep"),
        ("creationPolicy: Owner", "creationpolicy: Owner"),
        ("engineVersion: v2", "engineVersion: v3"),
        ("service: SecretsManager", "service: SecretManager"),
        ("version: uuid/", "versoin: uuid/"),
        ("external-secrets.io/v1", "external-secrets.io/v2"),
    ],
)
def test_a_field_that_external_secrets_does_not_know_is_found(right: str, wrong: str) -> None:
    text = text_of(KUBERNETES / "overlays" / ON_AWS[0])

    assert right in text
    assert complaints_of_controllers(yaml.safe_load_all(text.replace(right, wrong))) != []


def test_a_field_that_kubernetes_does_not_know_is_found(tmp_path: Path) -> None:
    misspelt = text_of(KUBERNETES / "overlays" / "local").replace("maxUnavailable:", "maxUnavailabel:")

    assert any("maxUnavailabel" in line for line in complaints(misspelt, tmp_path))


def test_every_component_is_used_somewhere() -> None:
    used = {
        Path(component).name
        for overlay in OVERLAYS
        for component in yaml.safe_load((KUBERNETES / "overlays" / overlay / "kustomization.yaml").read_text()).get(
            "components", []
        )
    }

    tested = {component for components in VARIANTS.values() for component in components}
    assert used | set(ALTERNATIVES) == tested == {path.name for path in (KUBERNETES / "components").iterdir()}


@pytest.mark.parametrize("overlay", ON_AWS)
def test_every_value_of_the_platform_finds_its_place(overlay: str) -> None:
    platform = yaml.safe_load((KUBERNETES / "overlays" / overlay / "platform.yaml").read_text())["data"]
    rendered = [*manifests(overlay)]

    assert "from platform.yaml" not in str(rendered)
    unused = [key for key, value in platform.items() if value not in str(rendered).replace("\\n", " ")]
    # These overlays run on nodes.
    assert unused == ["fargate-log-output"]
    assert [found for found in rendered if found["metadata"]["name"] == "platform"] == []


@pytest.mark.parametrize("overlay", ON_AWS)
def test_readiness_alone_is_answered_under_any_name(overlay: str) -> None:
    """Route 53 asks each region by a name of its own (deployment/terraform/edge/dns.tf)."""
    rules = [rule for found in of_kind(manifests(overlay), "Ingress") for rule in found["spec"]["rules"]]
    paths = [path for rule in rules if "host" not in rule for path in rule["http"]["paths"]]
    assert [(path["path"], path["pathType"]) for path in paths] == [("/health/ready", "Exact")]


@pytest.mark.parametrize("overlay", ON_AWS)
def test_host_and_region_are_the_same_everywhere(overlay: str) -> None:
    rendered = manifests(overlay)
    given = settings_given(rendered)
    platform = yaml.safe_load((KUBERNETES / "overlays" / overlay / "platform.yaml").read_text())["data"]
    rules = [rule for found in of_kind(rendered, "Ingress") for rule in found["spec"]["rules"]]
    hosts = {rule["host"] for rule in rules if "host" in rule}

    assert hosts == {platform["host"]}
    assert given["DJANGO_ALLOWED_HOSTS"] == platform["host"]
    assert given["CSRF_TRUSTED_ORIGINS"] == f"https://{platform['host']}"
    assert overlay.endswith(platform["region"])
    assert given["AWS_REGION"] == platform["region"]


def test_the_autoscaler_and_the_namespace_are_of_the_clusters_version() -> None:
    rendered = manifests(ON_AWS[0])
    (autoscaler,) = named(rendered, "Deployment", "cluster-autoscaler")["spec"]["template"]["spec"]["containers"]
    labels = named(rendered, "Namespace", "chatbot")["metadata"]["labels"]

    assert autoscaler["image"].split(":v")[1].rsplit(".", 1)[0] == cluster_version()
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["pod-security.kubernetes.io/enforce-version"] == f"v{cluster_version()}"


def test_the_files_are_in_good_style() -> None:
    config = KUBERNETES.parent / "yamllint.yaml"
    folders = [str(folder) for folder in (KUBERNETES, GITOPS, MONITORING)]
    command = [tool("yamllint"), "--strict", "--config-file", str(config), *folders]

    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (0, "")
