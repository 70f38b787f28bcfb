"""deploy_eks.sh, step by step. kubectl, helm and terraform are programs that note what they are asked; the real kubectl
renders the manifests, and MiniStack plays STS and EKS."""

import os
import sys
from typing import Any

import httpx
import pytest
import yaml
from pytest_django.fixtures import Settings

from access.keys.create_key import create_key
from access.scopes import Scope
from tests.deployment.eks.conftest import FROM_CLUSTER, HOST, IMAGE, REGION, Deployment
from tests.deployment.kubernetes.test_rendering import OF_CONTROLLERS, complaints
from tests.scripted_bedrock import ScriptedBedrock

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
UNTESTED = ("--image", IMAGE, "--no-smoke-test")
# Everything that changes the cluster, by words of its calls.
STEPS = (
    "helm upgrade --install aws-load-balancer-controller",
    "helm upgrade --install external-secrets",
    "before.yaml",
    "annotate --overwrite externalsecret/chatbot-api",
    "delete job chatbot-api-migrate",
    "migration.yaml",
    "get job chatbot-api-migrate",
    "rest.yaml",
    "rollout status deployment/chatbot-api",
)
UNDO = ("rollout undo", "rollout status", "set image")
ROLLED_BACK_FROM = "rolled back from "


def named(applied: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    (found,) = (each for each in applied if each["kind"] == kind and each["metadata"]["name"] == name)
    return found


def shorten(deployment: Deployment, waits: str, to: str) -> None:
    """Gives the script other times to wait than these."""
    script = deployment.home / "deployment" / "deploy_eks.sh"
    text = script.read_text()
    assert waits in text
    script.write_text(text.replace(waits, to))


def container(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]["spec"]["containers"][0]
    return found


def test_says_how_it_is_used(deployment: Deployment) -> None:
    done = deployment.run("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: deployment/deploy_eks.sh [options]\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--environment"], "--environment needs a value"),
        (["--environment", ""], "--environment needs a value"),
        (["--url", "--dry-run"], "--url needs a value"),
        (["--url", ""], "--url needs a value"),
        (["--url", "chatbot.example.com"], "--url takes an address with https:// or http://: chatbot.example.com"),
        (["--image", ""], "--image needs a value"),
        (["--tag", ""], "--tag needs a value"),
        (["--environment", "Prod"], "--environment takes up to 16"),
        (["--environment", "a" * 17], "--environment takes up to 16"),
        (["--environment", "a-"], "--environment takes up to 16"),
        (["--architecture", "mips"], "--architecture takes x86_64, arm64 or both"),
        (["--image", "chatbot-api:latest"], "names an image by its digest"),
        (["--rollback", "--with-data"], "--rollback goes with no option of a deployment"),
        (["--now"], "--now is not known; --help shows what is"),
        (["--environment", "elsewhere", *UNTESTED], "there is no deployment/kubernetes/overlays/elsewhere-us-east-1"),
    ],
)
def test_refuses_what_it_does_not_know(deployment: Deployment, arguments: list[str], sentence: str) -> None:
    done = deployment.run(*arguments)

    assert (done.returncode, done.stdout, deployment.calls) == (2, "", [])
    assert sentence in done.stderr


@pytest.mark.parametrize("missing", ["kubectl", "helm", "terraform"])
def test_names_the_tool_that_is_missing(deployment: Deployment, bare: str, missing: str) -> None:
    (deployment.programs / missing).unlink()

    done = deployment.run(*UNTESTED, PATH=bare)

    assert done.returncode == 3, done.stderr
    assert f"error: {missing} is needed: install" in done.stderr
    assert deployment.calls == []


def test_deploys_step_by_step(deployment: Deployment) -> None:
    done = deployment.run(*UNTESTED)

    assert (done.returncode, done.stdout) == (0, f"https://{HOST}\n"), done.stderr
    assert deployment.changes(STEPS) == list(STEPS)
    assert deployment.cluster == {"live": "5", "note": f"4 {deployment.answers['releases']['4']}"}
    planned = [call for call in deployment.calls if " apply -input=false " in call or " plan " in call]
    assert [("app-eks" in call, " plan " in call) for call in planned] == [(True, True), (True, False)]


def test_what_is_applied_is_the_overlay_with_terraforms_values(deployment: Deployment) -> None:
    deployment.run(*UNTESTED)

    applied = deployment.applied
    api = named(applied, "Deployment", "chatbot-api")
    assert container(api)["image"] == IMAGE
    assert container(named(applied, "Job", "chatbot-api-migrate"))["image"] == IMAGE
    assert api["spec"]["replicas"] == 7
    account = named(applied, "ServiceAccount", "chatbot-api")
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == FROM_CLUSTER["role-arn"]
    assert named(applied, "Ingress", "chatbot-api")["spec"]["rules"][0]["host"] == HOST


def test_what_is_applied_fits_the_schemas_of_its_kinds(deployment: Deployment) -> None:
    deployment.run(*UNTESTED)

    wrong = complaints(yaml.safe_dump_all(deployment.applied), deployment.home)

    assert [line for line in wrong if not any(kind in line for kind in OF_CONTROLLERS)] == []


def test_may_be_run_twice(deployment: Deployment) -> None:
    assert [deployment.run(*UNTESTED).returncode for _ in range(2)] == [0, 0]
    assert deployment.changes(STEPS) == [*STEPS, *STEPS]


def test_the_users_own_kubeconfig_is_neither_read_nor_changed(deployment: Deployment) -> None:
    own = deployment.home / ".kube" / "config"

    deployment.run(*UNTESTED, KUBECONFIG=str(own))

    assert not own.exists()
    assert not [call for call in deployment.calls if str(own) in call]


def test_a_dry_run_changes_nothing(deployment: Deployment) -> None:
    done = deployment.run("--dry-run", *UNTESTED)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert deployment.changes(STEPS) == []
    assert deployment.changes(["diff --server-side", " apply "]) == ["diff --server-side"]
    assert "This was a dry run: nothing was changed." in done.stderr


def test_a_dry_run_without_an_image_shows_how_it_would_be_built(deployment: Deployment) -> None:
    deployment.answers["outputs"]["registry"] = {"server_repository_url": IMAGE.partition("@")[0]}

    done = deployment.run("--dry-run", "--tag", "one", "--no-smoke-test")

    assert done.returncode == 0, done.stderr
    assert f"build.sh server --tag {IMAGE.partition('@')[0]}:one --platform linux/amd64 --push" in done.stderr


def test_a_dry_run_before_there_are_tables_leaves_their_readers_plan_out(deployment: Deployment) -> None:
    deployment.answers |= {"tables": '"ChatbotConversations ChatbotUsage ChatbotApiKeys"', "outputs": {}}

    done = deployment.run("--dry-run", "--with-data", *UNTESTED)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (
        "The plan of the stack app-eks is left out: it reads tables that are not there yet "
        "(ChatbotConversations, ChatbotUsage, ChatbotApiKeys). --with-data makes them.\n"
    ) in done.stderr
    planned = [call.split()[1] for call in deployment.calls if " plan " in call]
    assert [folder.rpartition("/")[2] for folder in planned] == ["data"]
    assert "This was a dry run: nothing was changed." in done.stderr


def test_a_file_of_the_region_is_read_after_the_environments(deployment: Deployment) -> None:
    stack = deployment.home / "deployment" / "terraform" / "app-eks"
    for name in ("production", f"production-{REGION}", "production-us-west-2", "staging"):
        (stack / f"{name}.tfvars").touch()

    deployment.run("--dry-run", *UNTESTED)

    files = [f"-var-file={stack}/{name}.tfvars" for name in ("production", f"production-{REGION}")]
    given = {
        word: [each for each in call.split() if each.startswith("-var")]
        for call in deployment.calls
        for word in ("console", "plan")
        if f" {word} " in call
    }
    variables = [*files, f"-var=region={REGION}", "-var=environment=production"]
    assert given == {"console": variables, "plan": variables}


def test_a_python_named_from_here_is_found(deployment: Deployment) -> None:
    home = deployment.home / "own"
    home.mkdir()
    (home / "python").symlink_to(sys.executable)

    done = deployment.run("--rollback", PYTHON="own/python", PYTHONPATH=os.pathsep.join(sys.path))

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("fails", "sentence"),
    [
        ("kustomize", "overlays/production-us-east-1 is not what kustomize can read"),
        ("console", "Error: it was to fail\nerror: Terraform refuses the stack app-eks: the lines above say why"),
    ],
)
def test_what_would_end_the_deployment_later_ends_it_before_anything_is_built(
    deployment: Deployment, fails: str, sentence: str
) -> None:
    if fails == "kustomize":
        overlay = deployment.home / "deployment" / "kubernetes" / "overlays" / f"production-{REGION}"
        (overlay / "kustomization.yaml").write_text("resources: [nothing.yaml]\n")
    deployment.answers["fails"] = [fails]

    done = deployment.run("--tag", "one", "--no-smoke-test")

    assert done.returncode in (2, 5)
    assert sentence in done.stderr
    assert deployment.changes([*STEPS, " plan ", " apply "]) == []


def test_an_output_that_terraform_cannot_read_ends_the_script(deployment: Deployment) -> None:
    deployment.answers["fails"] = ["output -json"]

    done = deployment.run(*UNTESTED)

    assert done.returncode == 5
    assert "error: Terraform could not read the outputs of the stack app-eks: the lines above say why" in done.stderr
    assert deployment.changes(STEPS) == []


def test_examples_are_not_deployed(deployment: Deployment) -> None:
    deployment.answers["outputs"]["edge"] = {}

    done = deployment.run(*UNTESTED)

    assert done.returncode == 2
    assert "Examples are left in the overlay" in done.stderr
    assert deployment.changes(STEPS) == []


@pytest.mark.parametrize("arguments", [UNTESTED, ("--rollback",)])
def test_a_cluster_out_of_reach_is_said_to_be_so(deployment: Deployment, arguments: tuple[str, ...]) -> None:
    deployment.answers["fails"] = ["get --raw /readyz"]

    done = deployment.run(*arguments)

    assert done.returncode == 6
    assert "the cluster does not answer: it can be reached from within its VPC" in done.stderr
    assert deployment.changes([*STEPS, *UNDO]) == []


def test_a_failed_migration_leaves_the_pods_as_they_were(deployment: Deployment) -> None:
    deployment.answers["migration"] = "FailureTarget"

    done = deployment.run(*UNTESTED, seconds=30)

    assert done.returncode == 6
    assert "the migration failed; the pods are the ones before" in done.stderr
    assert deployment.changes([*STEPS, *UNDO]) == list(STEPS[:-2])
    assert (
        deployment.calls[-1] == "kubectl --namespace chatbot logs pod/last --all-containers --ignore-errors --tail=50"
    )


def test_a_migration_without_an_end_leaves_the_pods_as_they_were(deployment: Deployment) -> None:
    deployment.answers["migration"] = ""
    shorten(
        deployment, "MIGRATION_SECONDS=660 MIGRATION_PAUSE_SECONDS=3", "MIGRATION_SECONDS=2 MIGRATION_PAUSE_SECONDS=0"
    )

    done = deployment.run(*UNTESTED)

    assert (done.returncode, done.stdout) == (6, "")
    assert "error: the migration did not end in 2 seconds; the pods are the ones before\n" in done.stderr
    assert list(dict.fromkeys(deployment.changes([*STEPS, *UNDO]))) == list(STEPS[:-2])


def test_pods_that_do_not_get_ready_are_taken_back(deployment: Deployment) -> None:
    deployment.answers["fails"] = ["rollout status deployment/chatbot-api --timeout=900s"]

    done = deployment.run(*UNTESTED)

    assert done.returncode == 6
    assert "rollout undo deployment/chatbot-api --to-revision=4" in " ".join(deployment.calls)
    assert "the pods did not get ready, and the release before was not brought back" in done.stderr
    assert deployment.cluster == {"live": "4", "note": deployment.answers["note"]}


def test_a_first_release_has_nothing_to_go_back_to(deployment: Deployment) -> None:
    deployment.answers |= {"fails": ["rollout status"], "live": "", "note": "", "replicas": ""}

    done = deployment.run(*UNTESTED)

    assert done.returncode == 6
    assert "the pods did not get ready, and there is no release before" in done.stderr
    assert deployment.changes(["rollout undo"]) == []
    assert named(deployment.applied, "Deployment", "chatbot-api")["spec"]["replicas"] == 3


def test_pods_that_do_not_get_ready_and_are_not_new_stay(deployment: Deployment) -> None:
    deployment.answers |= {"fails": ["rollout status deployment/chatbot-api --timeout=900s"], "released": ""}

    done = deployment.run(*UNTESTED)

    assert done.returncode == 6
    assert "error: the pods did not get ready; nothing new was released, and nothing was taken back\n" in done.stderr
    assert deployment.changes(["rollout undo"]) == []
    assert deployment.cluster == {"live": "4", "note": deployment.answers["note"]}


def test_manifests_that_are_refused_leave_the_way_back_as_it_was(deployment: Deployment) -> None:
    deployment.answers |= {"fails": ["rest.yaml"], "released": ""}

    done = deployment.run(*UNTESTED)

    assert (done.returncode, done.stdout) == (6, "")
    assert "error: the cluster refused the manifests; the pods are the ones before\n" in done.stderr
    assert deployment.cluster == {"live": "4", "note": deployment.answers["note"]}
    assert deployment.run("--rollback").returncode == 0
    assert deployment.cluster["live"] == "3"


def test_manifests_that_are_refused_in_part_can_be_rolled_back(deployment: Deployment) -> None:
    deployment.answers["fails"] = ["rest.yaml"]

    done = deployment.run(*UNTESTED)

    assert (done.returncode, done.stdout) == (6, "")
    assert "may have begun with the new pods; run this again, or --rollback\n" in done.stderr
    assert deployment.run("--rollback").returncode == 0
    assert deployment.cluster["live"] == "4"


def test_the_migration_waits_until_the_secrets_are_fetched_anew(deployment: Deployment) -> None:
    deployment.run(*UNTESTED)

    calls = deployment.calls
    (migration,) = (number for number, call in enumerate(calls) if call.endswith("migration.yaml"))
    (forced,) = (number for number, call in enumerate(calls) if " force-sync=" in call)
    secrets = [word for word in calls[forced].split() if word.startswith("externalsecret/")]
    assert len(secrets) > 1
    # In vain at first: what is Ready then is what was fetched before.
    assert [sum(f" get {secret} " in call for call in calls[forced:migration]) for secret in secrets] == [
        2 for _ in secrets
    ]
    assert deployment.pauses == [2 for _ in secrets]


@pytest.mark.parametrize("answers", [{"asked_in_vain": 1000}, {"secrets": "False"}])
def test_secrets_that_are_not_fetched_end_the_deployment_before_the_migration(
    deployment: Deployment, answers: dict[str, Any]
) -> None:
    deployment.answers |= answers
    # Without pauses it is asking that takes the time, and that counts.
    shorten(deployment, "SECRETS_SECONDS=120 SECRETS_PAUSE_SECONDS=2", "SECRETS_SECONDS=2 SECRETS_PAUSE_SECONDS=0")

    done = deployment.run(*UNTESTED)

    assert (done.returncode, done.stdout) == (6, "")
    assert (
        "error: externalsecret/chatbot-api was not fetched in 2 seconds; the pods are the ones before." in done.stderr
    )
    assert deployment.changes(STEPS) == list(STEPS[:4])


def test_a_release_of_the_same_keeps_the_note_of_the_one_before(deployment: Deployment) -> None:
    deployment.answers["released"] = ""

    done = deployment.run(*UNTESTED)

    assert done.returncode == 0, done.stderr
    assert deployment.cluster == {"live": "4", "note": deployment.answers["note"]}


def test_rolls_back_without_terraform(deployment: Deployment) -> None:
    done = deployment.run("--rollback", TF_STATE_BUCKET="")

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert deployment.changes(UNDO) == list(UNDO)
    image = deployment.answers["releases"]["3"].split()[0]
    assert f"set image cronjob/chatbot-api-usage-days *={image}" in deployment.calls[-1]
    assert not [call for call in deployment.calls if call.startswith("terraform")]
    note = f"{ROLLED_BACK_FROM}4 {deployment.answers['releases']['4']}"
    assert deployment.cluster == {"live": "3", "note": note}


def test_no_variable_of_the_environment_stands_for_an_option(deployment: Deployment) -> None:
    done = deployment.run("--rollback", IMAGE_URI="chatbot-api:latest", DRY_RUN="yes")

    assert done.returncode == 0, done.stderr
    assert deployment.cluster["live"] == "3"


def test_a_dry_rollback_says_where_it_would_go_and_changes_nothing(deployment: Deployment) -> None:
    done = deployment.run("--rollback", "--dry-run")

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "rollout undo deployment/chatbot-api --to-revision=3\n" in done.stderr
    assert deployment.changes(("undo", "annotate", "set image", " apply ")) == []


def test_rolling_back_twice_is_refused_and_changes_nothing(deployment: Deployment) -> None:
    deployment.run(*UNTESTED)
    assert deployment.run("--rollback").returncode == 0
    after_one = deployment.cluster

    done = deployment.run("--rollback")

    assert (done.returncode, done.stdout) == (6, "")
    assert "error: rolled back already, from revision 5 " in done.stderr
    assert "nothing was changed" in done.stderr
    assert after_one["live"] == "4"
    assert deployment.cluster == after_one


def test_a_deployment_after_a_rollback_can_be_rolled_back(deployment: Deployment) -> None:
    deployment.run("--rollback")
    deployment.run(*UNTESTED)
    assert deployment.cluster["live"] == "5"

    assert deployment.run("--rollback").returncode == 0

    assert deployment.cluster["live"] == "3"


def test_finds_a_release_that_the_cluster_keeps_under_another_number(deployment: Deployment) -> None:
    deployment.answers["releases"]["9"] = deployment.answers["releases"].pop("3")

    assert deployment.run("--rollback").returncode == 0

    assert deployment.cluster["live"] == "9"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"live": "", "note": ""}, "chatbot-api was never released here: there is nothing to roll back"),
        ({"note": ""}, "revision 4 notes no release before it: there is none to roll back to"),
        ({"note": "1 gone@sha256:1 x"}, "is not kept any more: deploy its image with --image gone@sha256:1"),
        ({"live": "3"}, "the release before answers already: nothing was changed"),
        ({"fails": ["get replicasets"]}, "the cluster could not be asked which releases it keeps"),
    ],
)
def test_a_rollback_that_leads_nowhere_is_refused(
    deployment: Deployment, answers: dict[str, Any], sentence: str
) -> None:
    deployment.answers |= answers

    done = deployment.run("--rollback")

    assert (done.returncode, done.stdout) == (6, "")
    assert f"{sentence}\n" in done.stderr
    assert deployment.changes([*UNDO, "annotate"]) == []


def test_holds_a_real_chat(
    deployment: Deployment, api: httpx.Client, settings: Settings, bedrock: ScriptedBedrock
) -> None:
    settings.ALLOW_ANONYMOUS = False
    key = create_key(owner="smoke-test", name="test", scopes=Scope).secret

    url = str(api.base_url).rstrip("/")
    done = deployment.run("--image", IMAGE, "--url", url, SMOKE_API_KEY=key)

    assert (done.returncode, done.stdout) == (0, f"{url}\n"), done.stderr
    assert deployment.changes(UNDO) == ["rollout status"]


def test_a_release_that_does_not_answer_as_it_should_is_taken_back(
    deployment: Deployment, api: httpx.Client, settings: Settings
) -> None:
    settings.ALLOW_ANONYMOUS = False

    done = deployment.run("--image", IMAGE, "--url", str(api.base_url).rstrip("/"), SMOKE_API_KEY="of-nobody")

    assert (done.returncode, done.stdout) == (7, "")
    assert "the pods do not answer as they should; the release before answers again" in done.stderr
    assert deployment.changes(UNDO) == ["rollout status", *UNDO]


def test_a_chat_that_fails_where_nothing_new_was_released_takes_nothing_back(
    deployment: Deployment, api: httpx.Client, settings: Settings
) -> None:
    settings.ALLOW_ANONYMOUS = False
    deployment.answers["released"] = ""

    done = deployment.run("--image", IMAGE, "--url", str(api.base_url).rstrip("/"), SMOKE_API_KEY="of-nobody")

    assert (done.returncode, done.stdout) == (7, "")
    assert "error: the pods do not answer as they should; nothing new was released, and nothing was taken back\n" in (
        done.stderr
    )
    assert deployment.changes(UNDO) == ["rollout status"]
    assert deployment.cluster == {"live": "4", "note": deployment.answers["note"]}


def test_a_name_that_leads_nowhere_yet_takes_nothing_back(deployment: Deployment) -> None:
    done = deployment.run("--image", IMAGE)

    assert done.returncode == 7
    assert f"{HOST} leads nowhere yet. Let it lead to balancer.invalid" in done.stderr
    assert deployment.changes(["rollout undo"]) == []
