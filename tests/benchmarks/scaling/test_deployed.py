"""What the simulations reckon with is what is deployed and stored."""

import re
from typing import Any

import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from access.budgets import account
from benchmarks.cost.workload import Workload
from benchmarks.scaling import deployed, heat, turn_units
from benchmarks.scaling.load import Load
from conversations.services.deadlines import COMMIT_SECONDS
from conversations.store import tables

DEPLOYMENT = settings.BASE_DIR / "deployment"
KUBERNETES = DEPLOYMENT / "kubernetes" / "base"


def manifest(name: str) -> Any:  # noqa: ANN401  # whatever the file holds
    return yaml.safe_load((KUBERNETES / name).read_text())


def variable(stack: str, name: str) -> str:
    """A variable of Terraform, as it stands in its stack."""
    text = (DEPLOYMENT / "terraform" / stack / "variables.tf").read_text()
    found = re.search(rf'^variable "{name}" {{\n(.*?)^}}$', text, flags=re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_pod_is_that_of_the_manifests() -> None:
    (container,) = manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    scaler = manifest("autoscaling.yaml")["spec"]
    targets = {row["resource"]["name"]: row["resource"]["target"]["averageUtilization"] for row in scaler["metrics"]}
    written = dict(re.findall(r"^(\w+)=(.*)$", (KUBERNETES / "settings.env").read_text(), flags=re.MULTILINE))
    pod = deployed.Pod()

    assert container["resources"]["requests"]["cpu"] == f"{1000 * pod.cores_request:.0f}m"
    assert float(container["resources"]["limits"]["cpu"]) == pod.cores_limit
    assert container["resources"]["requests"]["memory"] == f"{pod.mib_request}Mi"
    assert container["resources"]["limits"]["memory"] == f"{pod.mib_limit}Mi"
    assert targets == {"cpu": 100 * pod.cpu_target, "memory": 100 * pod.memory_target}
    assert scaler["maxReplicas"] == pod.most_pods
    assert int(written["WEB_CONCURRENCY"]) == pod.workers


def test_settings_are_the_defaults() -> None:
    text = (settings.BASE_DIR / ".env.example").read_text()
    example = dict(re.findall(r"^#?(\w+)=(\S*)$", text, flags=re.MULTILINE))

    assert int(example["GUNICORN_CONNECTIONS"]) == deployed.Pod().connections
    assert int(example["MAX_OUTPUT_TOKENS"]) == Load().max_output_tokens


def test_bounds_of_the_tables_are_those_of_terraform() -> None:
    most_requests = variable("data", "most_requests")
    most = dict(re.findall(r"(\w+) += optional\(.*?\{ (read = \d+, write = \d+) \}\)", most_requests))

    assert most["conversations"] == f"read = {deployed.CONVERSATIONS_READS}, write = {deployed.CONVERSATIONS_WRITES}"
    assert most["usage"].endswith(f"write = {deployed.USAGE_WRITES}")
    assert f"= {deployed.FUNCTION_MB}\n" in variable("app-lambda", "memory_mb")


def test_shards_and_reservations_are_those_of_the_store() -> None:
    assert (deployed.ACTIVITY_SHARDS, deployed.USAGE_SHARDS) == (tables.ACTIVITY_SHARDS, tables.USAGE_SHARDS)
    assert deployed.MOST_LIVE == account.MOST_LIVE


def test_a_model_has_what_the_deadline_leaves_it() -> None:
    assert settings.CHAT_DEADLINE_SECONDS == deployed.CHAT_SECONDS
    assert settings.CHAT_DEADLINE_SECONDS - COMMIT_SECONDS == deployed.MODEL_SECONDS


@given(session_id=st.text(min_size=1, max_size=128), shards=st.integers(1, 1_024))
def test_a_session_is_in_the_shard_that_the_store_puts_it_in(session_id: str, shards: int) -> None:
    assert heat.shard_of(session_id, shards) == tables.shard_of(session_id, shards)


def test_tables_and_indexes_are_those_of_the_store() -> None:
    names = {
        tables.SessionRow.Meta.table_name,
        tables.UsageRow.Meta.table_name,
        tables.OwnerIndex.Meta.index_name,
        tables.ActivityIndex.Meta.index_name,
        tables.DayIndex.Meta.index_name,
    }

    assert set(turn_units.turn_units(Workload())) == names
