"""What no pod of ours may do, and what each must have."""

import re
from typing import Any

import pytest

import chatbot_project
from tests.deployment.kubernetes.manifests import (
    ON_AWS,
    OVERLAYS,
    VARIANTS,
    containers,
    manifests,
    named,
    of_kind,
    templates,
)

# https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, and a root file system that is read.
CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
OF_THE_HOST = {"hostNetwork", "hostPID", "hostIPC", "hostUsers", "hostAliases"}
HARMLESS_VOLUMES = {"emptyDir", "configMap", "secret"}
# Who speaks to the Kubernetes API.
WITH_TOKEN = {"Deployment/cluster-autoscaler", "Deployment/reloader"}
Pods = dict[str, dict[str, Any]]


@pytest.fixture(params=[*OVERLAYS, *VARIANTS])
def overlay(request: pytest.FixtureRequest) -> str:
    """By its name alone: nothing is rendered before a test runs."""
    name: str = request.param
    return name


@pytest.fixture
def pods(overlay: str) -> Pods:
    """The template of each pod there, by what makes it; every one of them is a subtest of each test."""
    found = templates(manifests(overlay))
    assert "Deployment/chatbot-api" in found
    return found


def test_nothing_is_privileged_or_of_the_host(pods: Pods, subtests: pytest.Subtests) -> None:
    for name, template in pods.items():
        with subtests.test(name):
            spec = template["spec"]
            context = spec["securityContext"]

            assert OF_THE_HOST & set(spec) == set()
            assert {field for volume in spec.get("volumes", []) for field in volume} - {"name"} <= HARMLESS_VOLUMES
            assert context["runAsNonRoot"] is True
            assert context["runAsUser"] >= 10_000
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}
            assert [container["securityContext"] for container in containers(template)] == [CONTAINER] * len(
                containers(template)
            )
            assert [
                port for container in containers(template) for port in container.get("ports", []) if "hostPort" in port
            ] == []


def test_no_token_of_kubernetes_lies_about_in_pods_that_do_not_need_it(
    overlay: str, pods: Pods, subtests: pytest.Subtests
) -> None:
    for name, template in pods.items():
        with subtests.test(name):
            spec = template["spec"]
            namespace = "kube-system" if name in WITH_TOKEN else "chatbot"
            account = named(manifests(overlay), "ServiceAccount", spec["serviceAccountName"])

            assert account["metadata"]["namespace"] == namespace
            assert spec["automountServiceAccountToken"] is (name in WITH_TOKEN)


def test_every_container_has_requests_and_limits(pods: Pods, subtests: pytest.Subtests) -> None:
    for name, template in pods.items():
        with subtests.test(name):
            for container in containers(template):
                assert set(container["resources"]["requests"]) == {"cpu", "memory", "ephemeral-storage"}
                assert set(container["resources"]["limits"]) == {"cpu", "memory", "ephemeral-storage"}
            folders = [volume["emptyDir"] for volume in template["spec"].get("volumes", []) if "emptyDir" in volume]
            assert [folder for folder in folders if "sizeLimit" not in folder] == []


def test_what_is_mounted_is_only_read(pods: Pods, subtests: pytest.Subtests) -> None:
    for name, template in pods.items():
        with subtests.test(name):
            volumes = {volume["name"]: volume for volume in template["spec"].get("volumes", [])}
            mounts = [mount for container in containers(template) for mount in container.get("volumeMounts", [])]

            written = {mount["name"] for mount in mounts if not mount.get("readOnly")}
            assert [volume for volume in written if "emptyDir" not in volumes[volume]] == []
            assert {mount["name"] for mount in mounts} == set(volumes)
            # The user's password as a file: for the one who makes the user.
            secret = [volume["secret"]["secretName"] for volume in volumes.values() if "secret" in volume]
            assert secret == (["chatbot-api-database-user"] if name == "Job/chatbot-api-migrate" else [])


@pytest.mark.parametrize("overlay", ON_AWS)
def test_reloader_alone_reads_secrets_and_in_one_namespace(overlay: str) -> None:
    readers = [
        (role["kind"], role["metadata"].get("namespace"), role["metadata"]["name"], rule["verbs"])
        for kind in ("Role", "ClusterRole")
        for role in of_kind(manifests(overlay), kind)
        for rule in role["rules"]
        if {"secrets", "*"} & set(rule["resources"])
    ]

    assert readers == [("Role", "chatbot", "reloader", ["get", "list", "watch"])]


def test_what_serves_is_probed_and_what_ends_has_an_end(overlay: str, pods: Pods, subtests: pytest.Subtests) -> None:
    for name, template in pods.items():
        with subtests.test(name):
            kind, _, bare = name.partition("/")
            if kind == "Deployment":
                assert all(
                    {"livenessProbe", "readinessProbe"} <= set(found) for found in template["spec"]["containers"]
                )
            else:
                found = named(manifests(overlay), kind, bare)["spec"]
                spec = found.get("jobTemplate", {}).get("spec", found)
                assert spec["activeDeadlineSeconds"] <= 3600
                assert spec["backoffLimit"] <= 5
                assert template["spec"]["restartPolicy"] == "Never"


def test_every_image_has_a_tag_that_stays(overlay: str, pods: Pods, subtests: pytest.Subtests) -> None:
    for name, template in pods.items():
        with subtests.test(name):
            images = {container["image"] for container in containers(template)}

            assert [
                image
                for image in images
                if not re.fullmatch(r"[a-z0-9.:/-]+[a-z0-9](:[\w.-]+|@sha256:[0-9a-f]{64})", image)
            ] == []
            assert [image for image in images if image.endswith(":latest")] == []
            assert overlay == "local" or not [image for image in images if image.startswith("localhost/")]


@pytest.mark.parametrize("overlay", ON_AWS)
def test_the_image_is_the_registrys_and_of_this_version(overlay: str) -> None:
    ours = {
        container["image"]
        for name, template in templates(manifests(overlay)).items()
        if name not in WITH_TOKEN
        for container in containers(template)
    }

    registry = "111122223333.dkr.ecr.us-east-1.amazonaws.com/chatbot-api"
    assert ours == {f"{registry}:{chatbot_project.__version__}"}
