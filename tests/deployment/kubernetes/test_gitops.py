"""Argo CD and Velero: the structure of what they are given. Their schemas are in no package that the tests have."""

from collections import defaultdict
from typing import Any

import pytest
import yaml

import chatbot_project
from tests.deployment.kubernetes.manifests import GITOPS, KUBERNETES, ON_AWS, VARIANTS, manifests

APPLICATIONS = [f"application-{overlay}.yaml" for overlay in ON_AWS]
CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding"}
# What belongs into the namespaces of others that the project may write to.
ELSEWHERE = {
    "kube-system": {"Deployment", "Role", "RoleBinding", "ServiceAccount"},
    "aws-observability": {"ConfigMap"},
}


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((GITOPS / name).read_text())
    return found


def wave(manifest: dict[str, Any]) -> int:
    return int(manifest["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))


@pytest.mark.parametrize(("file", "overlay"), list(zip(APPLICATIONS, ON_AWS, strict=True)))
def test_an_application_follows_its_overlay(file: str, overlay: str) -> None:
    spec = read(file)["spec"]
    project = read("project.yaml")
    allowed = [(place["name"], place["namespace"]) for place in project["spec"]["destinations"]]

    assert (KUBERNETES.parent.parent / spec["source"]["path"]).resolve() == KUBERNETES / "overlays" / overlay
    assert spec["project"] == project["metadata"]["name"]
    assert spec["source"]["repoURL"] in project["spec"]["sourceRepos"]
    assert spec["destination"] == {"name": overlay, "namespace": "chatbot"}
    assert {place for place in allowed if place[0] == overlay} == {
        (overlay, namespace) for namespace in ("chatbot", *ELSEWHERE)
    }


@pytest.mark.parametrize("overlay", [*ON_AWS, *VARIANTS])
def test_the_project_allows_what_is_rendered_and_no_more(overlay: str) -> None:
    cluster_wide = {found["kind"] for found in read("project.yaml")["spec"]["clusterResourceWhitelist"]}
    rendered = _kinds_of_namespaces(overlay)

    assert rendered.pop("") <= cluster_wide == CLUSTER_WIDE
    assert "Deployment" in rendered.pop("chatbot")
    assert all(kinds <= ELSEWHERE.get(namespace, set()) for namespace, kinds in rendered.items()), rendered


def test_every_place_that_the_project_allows_is_one_that_is_rendered() -> None:
    rendered: defaultdict[str, set[str]] = defaultdict(set)
    for overlay in (*ON_AWS, *VARIANTS):
        for namespace, kinds in _kinds_of_namespaces(overlay).items():
            rendered[namespace] |= kinds

    assert {namespace: rendered[namespace] for namespace in ELSEWHERE} == ELSEWHERE
    assert rendered[""] == CLUSTER_WIDE


def test_production_follows_a_release_and_waits_for_somebody_to_sync_it() -> None:
    production, staging = (read(file)["spec"] for file in APPLICATIONS)

    assert production["source"]["targetRevision"] == f"v{chatbot_project.__version__}"
    assert "automated" not in production["syncPolicy"]
    assert staging["source"]["targetRevision"] == "main"
    assert staging["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


@pytest.mark.parametrize("file", APPLICATIONS)
def test_the_number_of_pods_is_the_autoscalers(file: str) -> None:
    spec = read(file)["spec"]

    assert spec["ignoreDifferences"] == [
        {"group": "apps", "kind": "Deployment", "name": "chatbot-api", "jsonPointers": ["/spec/replicas"]}
    ]
    assert "RespectIgnoreDifferences=true" in spec["syncPolicy"]["syncOptions"]


@pytest.mark.parametrize("overlay", ON_AWS)
def test_the_migration_comes_after_what_it_needs_and_before_the_pods(overlay: str) -> None:
    waves = {kind: {wave(found) for found in manifests(overlay) if found["kind"] == kind} for kind in _kinds(overlay)}

    for needed in ("Namespace", "ServiceAccount", "ConfigMap", "SecretStore", "ExternalSecret", "NetworkPolicy"):
        assert waves[needed] == {-2}
    assert waves["Job"] == {-1}
    assert waves["Deployment"] == waves["CronJob"] == waves["Ingress"] == {0}


def _kinds_of_namespaces(overlay: str) -> dict[str, set[str]]:
    """Kinds of what is rendered, by namespace; what belongs to none is under the empty name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for manifest in manifests(overlay):
        found[manifest["metadata"].get("namespace", "")].add(manifest["kind"])
    return found


def _kinds(overlay: str) -> set[str]:
    return {found["kind"] for found in manifests(overlay)}


def test_velero_keeps_the_namespace_without_its_secrets() -> None:
    schedule = read("velero-schedule.yaml")

    assert schedule["apiVersion"] == "velero.io/v1"
    assert schedule["kind"] == "Schedule"
    assert schedule["spec"]["template"]["includedNamespaces"] == ["chatbot"]
    assert "secrets" in schedule["spec"]["template"]["excludedResources"]
    assert len(schedule["spec"]["schedule"].split()) == 5
