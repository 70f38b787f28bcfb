"""Names, ports, numbers and times of the manifests fit each other, the application and gunicorn."""

import functools
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from tests.deployment.kubernetes.manifests import (
    API,
    APPLICATION,
    KUBERNETES,
    ON_AWS,
    OVERLAYS,
    VARIANTS,
    containers,
    manifests,
    named,
    of_kind,
    settings_given,
    settings_of,
    templates,
)

# Between the last turn's end and the kubelet's SIGKILL.
MARGIN_SECONDS = 5
# What AWS gives a Spot node. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
SPOT_NOTICE_SECONDS = 120
GUNICORN = """
import json, runpy
found = runpy.run_path("deployment/gunicorn.conf.py")
print(json.dumps({name: found[name] for name in ("bind", "graceful_timeout", "keepalive")}))
"""
TERRAFORM = KUBERNETES.parent / "terraform"
Labels = dict[str, str]


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@functools.cache
def gunicorn_under(overlay: str) -> dict[str, Any]:
    """gunicorn's configuration under the overlay's settings."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SECRET_KEY": "any", **settings_given(manifests(overlay))}
    command = [sys.executable, "-c", GUNICORN]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def labels_of_pods(overlay: str) -> dict[str, Labels]:
    return {name: template["metadata"]["labels"] for name, template in templates(manifests(overlay)).items()}


def selects(selector: dict[str, Any], labels: Labels) -> bool:
    """Whether a label selector takes a pod with these labels."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        {"In": labels.get(rule["key"]) in rule["values"]}[rule["operator"]]
        for rule in selector.get("matchExpressions", [])
    )


def pause(template: dict[str, Any]) -> int:
    seconds: int = template["spec"]["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    return seconds


def attributes(annotation: str) -> dict[str, str]:
    return dict(part.split("=") for part in annotation.split(","))


def test_a_pod_has_time_to_finish_its_turns(overlay: str) -> None:
    gunicorn = gunicorn_under(overlay)
    template = templates(manifests(overlay))["Deployment/chatbot-api"]
    grace = template["spec"]["terminationGracePeriodSeconds"]

    assert gunicorn["graceful_timeout"] > int(settings_given(manifests(overlay))["CHAT_DEADLINE_SECONDS"])
    assert pause(template) + gunicorn["graceful_timeout"] + MARGIN_SECONDS <= grace < SPOT_NOTICE_SECONDS


def test_the_port_is_the_same_from_the_server_to_the_callers(overlay: str) -> None:
    gunicorn = gunicorn_under(overlay)
    rendered = manifests(overlay)
    (container,) = templates(rendered)["Deployment/chatbot-api"]["spec"]["containers"]
    (port,) = container["ports"]
    (service_port,) = named(rendered, "Service")["spec"]["ports"]
    let_in = [
        opened["port"]
        for policy in of_kind(rendered, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        for opened in rule["ports"]
    ]

    # Beside another one for metrics.
    assert f"0.0.0.0:{port['containerPort']}" in gunicorn["bind"]
    assert service_port["targetPort"] == port["name"]
    assert {container[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")} == {
        port["name"]
    }
    assert let_in == [port["containerPort"]]


def test_probes_ask_what_they_are_for(overlay: str) -> None:
    (container,) = templates(manifests(overlay))["Deployment/chatbot-api"]["spec"]["containers"]

    paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}

    assert paths == {"startup": "/health", "liveness": "/health", "readiness": "/health/ready"}


def test_selectors_take_the_servers_pods_and_no_others(overlay: str) -> None:
    rendered = manifests(overlay)
    selectors = [
        {"matchLabels": named(rendered, "Service")["spec"]["selector"]},
        named(rendered, "Deployment")["spec"]["selector"],
        named(rendered, "PodDisruptionBudget")["spec"]["selector"],
        *[found["labelSelector"] for found in _spread(rendered)],
    ]

    assert len(selectors) == 6
    for selector in selectors:
        taken = [name for name, labels in labels_of_pods(overlay).items() if selects(selector, labels)]
        assert taken == ["Deployment/chatbot-api"]


def _spread(rendered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    spec = templates(rendered)["Deployment/chatbot-api"]["spec"]
    preferred = spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    return [*spec["topologySpreadConstraints"], *[term["podAffinityTerm"] for term in preferred]]


def test_pods_are_spread_over_zones_and_nodes(overlay: str) -> None:
    keys = [found["topologyKey"] for found in _spread(manifests(overlay))]

    assert keys == ["topology.kubernetes.io/zone", "topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_no_traffic_passes_that_no_policy_names(overlay: str) -> None:
    policies = {found["metadata"]["name"]: found["spec"] for found in of_kind(manifests(overlay), "NetworkPolicy")}

    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ours = [labels for labels in labels_of_pods(overlay).values() if APPLICATION.items() <= labels.items()]
    for spec in policies.values():
        assert any(selects(spec["podSelector"], labels) for labels in ours)


@pytest.mark.parametrize("on_aws", ON_AWS)
def test_each_pod_reaches_what_it_needs_and_nothing_else(on_aws: str) -> None:
    rendered = manifests(on_aws)
    reached = {
        name: {
            opened["port"]
            for policy in of_kind(rendered, "NetworkPolicy")
            if selects(policy["spec"]["podSelector"], labels)
            for rule in policy["spec"].get("egress", [])
            for opened in rule["ports"]
        }
        for name, labels in labels_of_pods(on_aws).items()
        if APPLICATION.items() <= labels.items()
    }

    assert reached == {
        "Deployment/chatbot-api": {53, 443, 5432, 6379},
        "CronJob/chatbot-api-usage-days": {53, 443, 5432},
        "Job/chatbot-api-migrate": {53, 5432},
    }
    open_to_all = [
        policy["metadata"]["name"]
        for policy in of_kind(rendered, "NetworkPolicy")
        for rule in (*policy["spec"].get("egress", []), *policy["spec"].get("ingress", []))
        for peer in (rule.get("to") or rule["from"])
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    ]
    assert open_to_all == ["allow-aws"]


@pytest.mark.parametrize(("on_aws", "replicas", "most"), [(ON_AWS[0], 3, 10), (ON_AWS[1], 2, 4)])
def test_scaling_never_stops_the_service(on_aws: str, replicas: int, most: int) -> None:
    rendered = manifests(on_aws)
    deployment = named(rendered, "Deployment")["spec"]
    scaling = named(rendered, "HorizontalPodAutoscaler")["spec"]
    disruption = named(rendered, "PodDisruptionBudget")["spec"]
    targets = {found["resource"]["name"]: found["resource"]["target"] for found in scaling["metrics"]}

    assert (scaling["minReplicas"], deployment["replicas"], scaling["maxReplicas"]) == (2, replicas, most)
    assert scaling["minReplicas"] <= deployment["replicas"] <= scaling["maxReplicas"]
    assert disruption["maxUnavailable"] < scaling["minReplicas"]
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert {name: target["averageUtilization"] for name, target in targets.items()} == {"cpu": 70, "memory": 80}
    assert scaling["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "chatbot-api"}


@pytest.mark.parametrize("on_aws", ON_AWS)
def test_the_load_balancer_is_as_patient_as_turns_and_less_than_gunicorn(on_aws: str) -> None:
    rendered = manifests(on_aws)
    given = settings_given(rendered)
    server = gunicorn_under(on_aws)
    for ingress in of_kind(rendered, "Ingress"):
        told = {
            name.split("/")[1]: value for name, value in ingress["metadata"]["annotations"].items() if "alb" in name
        }
        idle = int(attributes(told["load-balancer-attributes"])["idle_timeout.timeout_seconds"])
        draining = int(attributes(told["target-group-attributes"])["deregistration_delay.timeout_seconds"])
        template = templates(rendered)["Deployment/chatbot-api"]

        assert int(given["CHAT_DEADLINE_SECONDS"]) + MARGIN_SECONDS <= idle <= server["keepalive"] - MARGIN_SECONDS
        assert draining >= pause(template) + server["graceful_timeout"]
        assert told["target-type"] == "ip"
        assert told["healthcheck-path"] == "/health/ready"
        assert "TLS13" in told["ssl-policy"]
        assert ":wafv2:" in told["wafv2-acl-arn"]
        assert told["ssl-redirect"] == "443"


@pytest.mark.parametrize("on_aws", ON_AWS)
def test_staff_alone_pass_cognito(on_aws: str) -> None:
    paths = {
        path["path"]: ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/auth-type"]
        for ingress in of_kind(manifests(on_aws), "Ingress")
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    # Rules are asked in the order of the groups: the longer path first.
    order = {
        ingress["metadata"]["name"]: int(ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/group.order"])
        for ingress in of_kind(manifests(on_aws), "Ingress")
    }
    idp = named(manifests(on_aws), "Ingress", "chatbot-api-staff")["metadata"]["annotations"]

    assert paths == {"/": "none", "/health/ready": "none", "/admin": "cognito"}
    assert order["chatbot-api-staff"] < order["chatbot-api"]
    assert set(json.loads(idp["alb.ingress.kubernetes.io/auth-idp-cognito"])) == {
        "userPoolARN",
        "userPoolClientID",
        "userPoolDomain",
    }


def test_commands_of_jobs_exist(overlay: str) -> None:
    from django.core.management import get_commands

    commands = [
        container["command"]
        for template in templates(manifests(overlay)).values()
        for container in containers(template)
        if container["image"].rsplit(":", 1)[0].endswith("/chatbot-api") and "command" in container
    ]

    assert {tuple(command[:2]) for command in commands} == {("python", "manage.py")}
    assert {command[2] for command in commands} <= set(get_commands())


def test_settings_and_secrets_are_those_that_the_overlay_brings(overlay: str) -> None:
    rendered = manifests(overlay)
    config = settings_of(rendered)["metadata"]["name"]
    (secret,) = [found["metadata"]["name"] for found in of_kind(rendered, "Secret")] or ["chatbot-api"]
    brought = {config, secret, *(found["spec"]["target"]["name"] for found in of_kind(rendered, "ExternalSecret"))}

    for name, template in templates(rendered).items():
        if APPLICATION.items() <= template["metadata"]["labels"].items():
            # The migration has all that pods have, and its own DATABASE_URL behind it.
            own = ["chatbot-api-migrate"] if name == "Job/chatbot-api-migrate" else []
            for container in containers(template):
                sources = [next(iter(source.values()))["name"] for source in container["envFrom"]]
                assert sources == [config, secret, *own]
                assert set(sources) <= brought
    assert API.items() <= labels_of_pods(overlay)["Deployment/chatbot-api"].items()


@pytest.mark.parametrize("on_aws", ON_AWS)
def test_pods_start_anew_when_a_secret_of_theirs_changes(on_aws: str) -> None:
    rendered = manifests(on_aws)
    reloader = templates(rendered)["Deployment/reloader"]["spec"]["containers"][0]
    api = named(rendered, "Deployment")["metadata"]
    (watched,) = [each["value"] for each in reloader["env"] if each["name"] == "KUBERNETES_NAMESPACE"]

    assert api["annotations"]["secret.reloader.stakater.com/reload"] == "chatbot-api"
    assert watched == api["namespace"] == named(rendered, "Role", "reloader")["metadata"]["namespace"]


@pytest.mark.parametrize(("on_aws", "protected"), [(ON_AWS[0], "true"), (ON_AWS[1], "false")])
def test_the_load_balancer_writes_its_log_and_production_keeps_it(on_aws: str, protected: str) -> None:
    told = [
        attributes(found["metadata"]["annotations"]["alb.ingress.kubernetes.io/load-balancer-attributes"])
        for found in of_kind(manifests(on_aws), "Ingress")
    ]

    # Ingresses of one group must say the same.
    assert told[0] == told[1]
    assert told[0]["access_logs.s3.enabled"] == "true"
    assert told[0]["access_logs.s3.bucket"].startswith(f"chatbot-{on_aws}-alb-")
    assert told[0]["deletion_protection.enabled"] == protected


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.endswith("-fargate")])
def test_on_fargate_everything_of_the_application_runs(name: str) -> None:
    """The labels of the profile (fargate_labels of deployment/terraform/app-eks) take every pod of ours."""
    variables = (TERRAFORM / "app-eks" / "variables.tf").read_text()
    taken = [pod for pod, labels in labels_of_pods(name).items() if APPLICATION.items() <= labels.items()]

    assert '{ "app.kubernetes.io/name" = "chatbot-api" }' in variables
    assert sorted(taken) == ["CronJob/chatbot-api-usage-days", "Deployment/chatbot-api", "Job/chatbot-api-migrate"]
    assert "topologySpreadConstraints" not in templates(manifests(name))["Deployment/chatbot-api"]["spec"]


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.endswith("-fargate")])
def test_on_fargate_logs_are_sent_on(name: str) -> None:
    rendered = manifests(name)
    namespace = named(rendered, "Namespace", "aws-observability")
    output = named(rendered, "ConfigMap", "aws-logging")["data"]["output.conf"]

    assert namespace["metadata"]["labels"]["aws-observability"] == "enabled"
    assert "log_group_name /aws/containerinsights/chatbot-production/application\n" in output
    assert "region us-east-1\n" in output
