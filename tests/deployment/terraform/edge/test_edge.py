"""The stack `edge`: what it makes is there, planning again finds nothing to do, and mistakes are refused.

MiniStack keeps no logging of a web ACL, so it is left out and read off a plan, and forgets the bodies that rules answer
with, for which Terraform then writes the rules again.
"""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from access.scopes import ALL_SCOPES, parse_scopes
from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, STACKS, Stack, difference, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
HOME = "us-east-1"
HOST = "chatbot.example.com"
KUBERNETES = Path(STACKS).parent / "kubernetes"
PLATFORM = KUBERNETES / "overlays" / f"production-{HOME}" / "platform.yaml"
SIGN_IN = KUBERNETES / "components" / "sign-in" / "settings.env"
FIRST = {
    "host_name": f"{HOME}.{HOST}",
    "load_balancer_name": "one.example.com",
    "load_balancer_zone_id": "Z35SXDOTRQ7X7K",
}
SECOND = {
    "host_name": f"us-west-2.{HOST}",
    "load_balancer_name": "two.example.com",
    "load_balancer_zone_id": "Z1H1FL5HABSF5",
}


def client(service: str, endpoint: str) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client(  # type: ignore[call-overload]  # any service
        service, region_name=HOME, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )


@pytest.fixture(scope="module")
def zone(aws: str) -> str:
    made = client("route53", aws).create_hosted_zone(Name="example.com", CallerReference="edge")
    zone_id: str = made["HostedZone"]["Id"].removeprefix("/hostedzone/")
    return zone_id


@pytest.fixture(scope="module")
def stack(aws: str, provider: dict[str, str], zone: str, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    variables: dict[str, Any] = {
        "region": HOME,
        "firewall_log": False,
        "zone_id": zone,
        "host_names": [HOST],
        "region_host_name": f"{HOME}.{HOST}",
        "primary": FIRST,
        "secondary": SECOND,
        "web_callback_urls": ["https://chat.example.com/signed-in"],
        "machine_clients": {"nightly-report": ["history:read"]},
    }
    return Stack("edge", tmp_path_factory.mktemp("edge"), aws, variables, provider)


@pytest.fixture(scope="module")
def outputs(stack: Stack) -> dict[str, Any]:
    """The stack, applied."""
    return stack.apply()


@pytest.fixture
def rules(aws: str, outputs: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the web ACL, in their order."""
    name, web_acl_id = outputs["web_acl_arn"].split("/")[-2:]
    found = client("wafv2", aws).get_web_acl(Name=name, Id=web_acl_id, Scope="REGIONAL")["WebACL"]["Rules"]
    return sorted(found, key=lambda rule: rule["Priority"])


def test_planning_again_finds_nothing_but_what_the_emulator_forgets(stack: Stack, outputs: dict[str, Any]) -> None:
    changes = {change["address"]: set(difference(change)) for change in stack.plan()}

    assert changes == {"aws_wafv2_web_acl.this": {"custom_response_body", "rule"}}


def test_floods_are_answered_with_a_problem(rules: list[dict[str, Any]]) -> None:
    rate = rules[0]

    assert rate["Statement"]["RateBasedStatement"]["Limit"] == 2000
    assert rate["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] == 300
    assert rate["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


def test_what_people_write_is_counted_and_not_blocked(rules: list[dict[str, Any]]) -> None:
    groups = [rule["Statement"]["ManagedRuleGroupStatement"] for rule in rules[2:]]
    counted = {override["Name"] for group in groups for override in group.get("RuleActionOverrides", [])}

    assert [group["Name"] for group in groups] == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "Log4JRCE_BODY", "GenericLFI_BODY"} <= counted


def test_credentials_and_queries_are_in_no_log_of_the_firewall(stack: Stack) -> None:
    planned = {change["address"]: change["change"]["after"] for change in stack.plan(firewall_log=True)}
    logging = planned["aws_wafv2_web_acl_logging_configuration.this[0]"]

    hidden = logging["redacted_fields"]
    headers = {header["name"] for field in hidden for header in field["single_header"]}
    assert headers == {"authorization", "cookie", "referer", "x-api-key", "x-amzn-oidc-accesstoken", "x-amzn-oidc-data"}
    assert [field for field in hidden if not field["single_header"]] == [
        {"method": [], "query_string": [{}], "single_header": [], "uri_path": []}
    ]
    assert logging["logging_filter"][0]["default_behavior"] == "DROP"


def test_scopes_of_tokens_are_those_of_the_api(aws: str, outputs: dict[str, Any]) -> None:
    pool_id = outputs["settings"]["OIDC_ISSUER"].rpartition("/")[2]
    server = client("cognito-idp", aws).describe_resource_server(UserPoolId=pool_id, Identifier="chatbot")

    made = {scope["ScopeName"] for scope in server["ResourceServer"]["Scopes"]}
    meant = dict(pair.split("=") for pair in outputs["settings"]["OIDC_GROUP_SCOPES"].split(","))
    assert made == set(ALL_SCOPES)
    assert {word: parse_scopes([name]) for word, name in meant.items()} == {
        f"chatbot/{scope}": frozenset([scope]) for scope in ALL_SCOPES
    }


def test_browsers_have_no_secret_and_programs_no_user(aws: str, outputs: dict[str, Any]) -> None:
    cognito = client("cognito-idp", aws)
    pool_id = outputs["settings"]["OIDC_ISSUER"].rpartition("/")[2]
    listed = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=10)["UserPoolClients"]
    clients = {
        each["ClientName"]: cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=each["ClientId"])[
            "UserPoolClient"
        ]
        for each in listed
    }

    assert {name: each["AllowedOAuthFlows"] for name, each in clients.items()} == {
        "web": ["code"],
        "staff": ["code"],
        "nightly-report": ["client_credentials"],
    }
    assert "ClientSecret" not in clients["web"]
    assert clients["nightly-report"]["AllowedOAuthScopes"] == ["chatbot/history:read"]
    audience = outputs["settings"]["OIDC_AUDIENCE"].split(",")
    assert set(audience) == {clients["web"]["ClientId"], clients["nightly-report"]["ClientId"]}
    assert set(clients["staff"]["CallbackURLs"]) == {
        f"https://{HOST}/admin/oidc/callback",
        f"https://{HOST}/oauth2/idpresponse",
    }


def test_pods_are_told_of_the_user_pool(aws: str, outputs: dict[str, Any]) -> None:
    told, platform = outputs["settings"], outputs["platform"]
    clients = client("cognito-idp", aws)
    pool_id = told["OIDC_ISSUER"].rpartition("/")[2]
    staff = clients.describe_user_pool_client(UserPoolId=pool_id, ClientId=told["STAFF_OIDC_CLIENT_ID"])
    secret = client("secretsmanager", aws).get_secret_value(SecretId=platform["secret-staff-oidc-client-secret"])

    assert {name: platform[name] for name in platform if "oidc" in name} == {
        "oidc-issuer": told["OIDC_ISSUER"],
        "oidc-audience": told["OIDC_AUDIENCE"],
        "oidc-group-scopes": told["OIDC_GROUP_SCOPES"],
        "staff-oidc-issuer": told["STAFF_OIDC_ISSUER"],
        "staff-oidc-client-id": told["STAFF_OIDC_CLIENT_ID"],
        "secret-staff-oidc-client-secret": "chatbot/production/staff-oidc-client-secret",
    }
    assert secret["SecretString"] == staff["UserPoolClient"]["ClientSecret"]


def test_the_components_settings_are_those_of_the_pool(stack: Stack, outputs: dict[str, Any]) -> None:
    given = dict(line.split("=", 1) for line in SIGN_IN.read_text().splitlines() if not line.startswith("#"))
    groups = dict(pair.split("=") for pair in given["STAFF_OIDC_GROUPS"].split(","))
    pool_groups = [
        each["values"]["name"]
        for each in json.loads(stack.run("show", "-json"))["values"]["root_module"]["resources"]
        if each["type"] == "aws_cognito_user_group"
    ]

    assert given.keys() == outputs["settings"].keys() | {"STAFF_OIDC_GROUPS"}
    assert given["OIDC_GROUPS_CLAIM"] == outputs["settings"]["OIDC_GROUPS_CLAIM"]
    assert sorted(groups) == sorted(pool_groups)


def test_no_token_is_taken_where_nobody_can_get_one(stack: Stack, outputs: dict[str, Any]) -> None:
    planned = stack.planned_outputs(web_callback_urls=[], machine_clients={})["settings"]

    assert (planned["OIDC_ISSUER"], planned["OIDC_AUDIENCE"]) == ("", "")
    assert planned["STAFF_OIDC_ISSUER"] == outputs["settings"]["STAFF_OIDC_ISSUER"]


def test_the_name_leads_to_the_other_region_when_one_is_not_ready(aws: str, zone: str, outputs: dict[str, Any]) -> None:
    route53 = client("route53", aws)
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    checks = {check["Id"]: check["HealthCheckConfig"] for check in route53.list_health_checks()["HealthChecks"]}
    public = {each["Failover"]: each for each in records if each["Name"] == f"{HOST}." and each["Type"] == "A"}

    assert public.keys() == {"PRIMARY", "SECONDARY"}
    for role, place in (("PRIMARY", FIRST), ("SECONDARY", SECOND)):
        check = checks[public[role]["HealthCheckId"]]
        assert public[role]["AliasTarget"]["DNSName"].rstrip(".") == place["load_balancer_name"]
        assert (check["Type"], check["FullyQualifiedDomainName"], check["ResourcePath"], check["Port"]) == (
            "HTTPS",
            place["host_name"],
            "/health/ready",
            443,
        )


def test_the_manifests_are_given_what_they_ask_for(outputs: dict[str, Any]) -> None:
    asked = yaml.safe_load(PLATFORM.read_text())["data"]

    signing_in = {name for name in asked if "oidc" in name}
    assert outputs["platform"].keys() == {"host", "certificate-arn", "web-acl-arn", "cognito", *signing_in}
    assert outputs["platform"]["host"] == HOST


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"primary": None}, "A secondary region stands in for a primary one."),
        ({"host_names": []}, "With a zone_id, name at least one host."),
        ({"zone_id": None, "secondary": None}, "The records need the zone that they are in: name zone_id."),
    ],
)
def test_refuses_names_that_lead_nowhere(stack: Stack, variables: dict[str, Any], sentence: str) -> None:
    assert sentence in stack.refusal(**variables)


def test_refuses_values_that_cannot_be_meant(stack: Stack) -> None:
    said = stack.refusal(
        log_retention_days=100,
        rate_limit=9,
        rate_window_seconds=90,
        password_length=8.5,
        health_failures=1.5,
        machine_clients={"report": ["admin"]},
        web_callback_urls=["http://localhost:8000/signed-in", "http://chat.example.com"],
        web_logout_urls=["http://localhost.example.com/"],
        host_names=[HOST, f"https://{HOST}"],
        region_host_name=f"{HOME}.{HOST}/",
        primary=FIRST | {"host_name": f"https://{HOME}.{HOST}"},
    )

    for words in (
        "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14,",
        "WAF counts whole requests from 10 on.",
        "windows of 60, 120, 300 and 600 seconds",
        "A whole number from 8 to 99.",
        "A whole number from 1 to 10.",
        "at least one of chat, history:read, history:delete, models",
        "Each is a host name in lower case without https:// and path, as in chatbot.example.com.",
        "A host name in lower case without https:// and path, as in us-east-1.chatbot.example.com.",
        "host_name is one in lower case without https:// and path, as in us-east-1.chatbot.example.com.",
    ):
        assert words in said
    assert said.count("HTTPS, or http://localhost.") == 2
