"""What of the manifests goes to the cluster, in which order, and what is held back."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deployment.scripts import manifests
from deployment.scripts.errors import DeployError

ACCOUNT = "444455556666"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/chatbot-api@sha256:" + "a" * 64


def document(kind: str, name: str = "chatbot-api", **more: object) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name}, **more}


def deployment(image: str = IMAGE, host: str = "chatbot.test") -> dict[str, Any]:
    pod = {"containers": [{"name": "api", "image": image, "env": [{"name": "HOST", "value": host}]}]}
    return document("Deployment", spec={"replicas": 3, "template": {"spec": pod}})


def test_the_migration_finds_its_settings_and_comes_before_the_pods() -> None:
    kinds = ["Deployment", "Job", "ConfigMap", "Namespace", "Ingress", "ExternalSecret", "NetworkPolicy", "CronJob"]
    documents = [document(kind) for kind in kinds]

    phases = {
        name: [each["kind"] for each in manifests.phase(documents, name)] for name in ("before", "migration", "rest")
    }

    assert phases == {
        "before": ["ConfigMap", "Namespace", "ExternalSecret", "NetworkPolicy"],
        "migration": ["Job"],
        "rest": ["Deployment", "Ingress", "CronJob"],
    }


def test_names_every_secret_that_is_fetched() -> None:
    documents = [document("ExternalSecret"), document("Secret"), document("ExternalSecret", "chatbot-api-migrate")]

    assert manifests.secrets(documents) == ["externalsecret/chatbot-api", "externalsecret/chatbot-api-migrate"]


@pytest.mark.parametrize(("running", "expected"), [("7", 7), ("", 3), ("0", 3)])
def test_a_rollout_keeps_the_number_of_pods_that_run(running: str, expected: int) -> None:
    documents = [deployment(), document("Deployment", "cluster-autoscaler", spec={"replicas": 1})]

    manifests.scale(documents, running)

    assert [each["spec"]["replicas"] for each in documents] == [expected, 1]


def test_what_is_whole_passes() -> None:
    manifests.check([deployment()], uri=IMAGE, account=ACCOUNT)


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([deployment(image=IMAGE.replace("@sha256:", ":0.1.0-"))], "does not run"),
        ([deployment(), deployment(image=IMAGE.replace("a" * 64, "b" * 64))], "does not run"),
        ([document("Service")], "but nothing"),
        ([deployment(host="chatbot.example.com")], "value: chatbot.example.com"),
        ([deployment(host="from platform.yaml")], "value: from platform.yaml"),
        ([deployment(), document("ServiceAccount", arn="arn:aws:iam::111122223333:role/api")], "111122223333"),
        ([deployment(), document("Ingress", arn="certificate/00000000-0000-0000-0000-000000000000")], "Examples"),
    ],
)
def test_refuses_another_image_and_examples(documents: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(DeployError, match=sentence):
        manifests.check(documents, uri=IMAGE, account=ACCOUNT)


def test_the_overlay_takes_terraforms_values_and_the_image(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text("kind: ConfigMap\ndata: {region: us-east-1, host: chatbot.example.com}\n")
    (tmp_path / "kustomization.yaml").write_text(
        "images:\n- {name: cluster-autoscaler, newTag: v1}\n- {name: chatbot-api, newTag: 0.1.0}\n"
    )

    manifests.platform(tmp_path, {"host": "chatbot.test", "role-arn": "arn:aws:iam::444455556666:role/api"})
    manifests.image(tmp_path, IMAGE)

    assert yaml.safe_load((tmp_path / "platform.yaml").read_text())["data"] == {
        "region": "us-east-1",
        "host": "chatbot.test",
        "role-arn": "arn:aws:iam::444455556666:role/api",
    }
    name, _, digest = IMAGE.partition("@")
    assert yaml.safe_load((tmp_path / "kustomization.yaml").read_text())["images"] == [
        {"name": "cluster-autoscaler", "newTag": "v1"},
        {"name": "chatbot-api", "newName": name, "digest": digest},
    ]
