"""The component `monitoring`: Prometheus finds the pods, may come in, and gets the rules that are tested."""

import json

import pytest
import yaml

from deployment.monitoring import rule_files
from tests.deployment.kubernetes.manifests import API, MONITORED, OVERLAYS, Manifest, manifests, named, of_kind
from tests.deployment.kubernetes.test_consistency import gunicorn_under
from tests.deployment.monitoring.dashboard import FILE


@pytest.fixture(scope="module")
def rendered() -> list[Manifest]:
    return manifests(MONITORED)


def test_prometheus_reads_the_port_of_metrics_of_every_pod(rendered: list[Manifest]) -> None:
    (container,) = named(rendered, "Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    monitor = named(rendered, "PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]

    assert ports == {"http": 8000, "metrics": 9464}
    assert f"0.0.0.0:{ports['metrics']}" in gunicorn_under(OVERLAYS[0])["bind"]
    assert monitor["metadata"]["namespace"] == "chatbot"
    assert monitor["spec"]["selector"] == {"matchLabels": API}
    assert (endpoint["port"], endpoint["path"]) == ("metrics", "/metrics")


def test_its_namespace_alone_is_let_in_and_to_that_port_alone(rendered: list[Manifest]) -> None:
    policy = named(rendered, "NetworkPolicy", "allow-monitoring")

    assert policy["spec"] == {
        "podSelector": {"matchLabels": API},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
                "ports": [{"protocol": "TCP", "port": 9464}],
            }
        ],
    }
    others = [found for found in of_kind(rendered, "NetworkPolicy") if "9464" in yaml.safe_dump(found)]
    assert others == [policy]


def test_the_service_leads_nobody_to_metrics(rendered: list[Manifest]) -> None:
    assert [port["targetPort"] for port in named(rendered, "Service")["spec"]["ports"]] == ["http"]


def test_the_rules_are_those_that_are_tested(rendered: list[Manifest]) -> None:
    objects = of_kind(rendered, "PrometheusRule")
    found = {group["name"]: group for each in objects for group in each["spec"]["groups"]}

    assert {each["metadata"]["namespace"] for each in objects} == {"chatbot"}
    assert found == {group["name"]: group for groups in rule_files.groups().values() for group in groups}


def test_grafana_finds_the_dashboard(rendered: list[Manifest]) -> None:
    config = named(rendered, "ConfigMap", "grafana-dashboard-chatbot")

    assert config["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert json.loads(config["data"]["chatbot.json"]) == json.loads(FILE.read_text())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_cluster_without_the_operator_gets_nothing_of_it(overlay: str) -> None:
    assert {found["kind"] for found in manifests(overlay)} & {"PodMonitor", "PrometheusRule"} == set()
