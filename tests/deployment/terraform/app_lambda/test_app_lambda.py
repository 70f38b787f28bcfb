"""The stack `app-lambda`: what it makes is there, planning again finds nothing to do, and bad values are refused.

MiniStack has no Application Auto Scaling, and keeps neither security groups nor private names of a VPC's endpoints:
these are read off a plan. Of an authorizer for tokens it keeps a payload version that AWS does not, which a plan then
takes away.
"""

import json
import re
import shutil
from typing import Any

import boto3
import pytest
from django.conf import settings

from tests.deployment.terraform.app_lambda.tables import make_tables
from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, Stack, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
# A region of this module's own: others make the tables of the same MiniStack.
REGION = "us-east-2"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/chatbot-api-lambda@sha256:{'a' * 64}"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:chatbot"
URL = {"url_auth": "NONE", "tracing": True, "keep_warm_schedule": "rate(5 minutes)", "reserved_concurrency": 50}
API: dict[str, Any] = {"entry": "api-gateway"}
TOKENS = API | {"jwt": {"issuer": "https://issuer.example.com", "audience": ["chat"]}}
VPC = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "route_table_ids": ["rtb-1"],
    "services": {"PostgreSQL": {"security_group_id": "sg-1", "port": 5432}},
}
CAPACITY = {"min": 2, "max": 20, "schedules": {"night": {"schedule": "cron(0 22 * * ? *)", "min": 1, "max": 5}}}


@pytest.fixture(scope="module")
def stack(aws: str, provider: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The stack, applied for the first time, beside the tables that it looks up."""
    root = tmp_path_factory.mktemp("app-lambda")
    shutil.copy(settings.BASE_DIR / ".env.example", root)
    make_tables(aws, REGION)
    client(aws, "secretsmanager").create_secret(Name="chatbot", SecretString='{"key": "one"}')
    variables = {"region": REGION, "image_uri": IMAGE, "secrets": {"DJANGO_SECRET_KEY": f"{SECRET}#key"}}
    applied = Stack("app-lambda", root / "deployment" / "terraform", aws, variables, provider)
    applied.apply()
    return applied


def client(aws: str, service: str) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client(  # type: ignore[call-overload]  # any service
        service, region_name=REGION, endpoint_url=aws, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )


def planned(stack: Stack, **variables: object) -> dict[str, Any]:
    """What a plan makes or changes, by type and name."""
    return {f"{each['type']}.{each['name']}": each["change"]["after"] for each in stack.plan(**variables)}


def said_to_a_plan(stack: Stack, **variables: object) -> str:
    """Terraform's words, its warnings among them."""
    given = [f"-var={name}={value}" for name, value in _texts(stack.variables | variables)]
    return " ".join(stack.run("plan", "-input=false", *given).split())


def policy(aws: str, name: str) -> dict[str, Any]:
    """Statements of one policy of the role, by their sid."""
    document = client(aws, "iam").get_role_policy(RoleName="chatbot-lambda-role", PolicyName=name)["PolicyDocument"]
    said = json.loads(document) if isinstance(document, str) else document
    return {statement["Sid"]: statement for statement in said["Statement"]}


def test_planning_again_finds_nothing_to_do(stack: Stack) -> None:
    stack.as_applied()

    assert stack.plan() == []


def test_the_function_is_what_was_asked_for(stack: Stack, aws: str) -> None:
    stack.as_applied()
    function = client(aws, "lambda").get_function(FunctionName="chatbot-api")
    made = function["Configuration"]

    assert function["Code"]["ImageUri"] == IMAGE
    assert (made["PackageType"], made["Architectures"], made["MemorySize"]) == ("Image", ["arm64"], 1024)
    assert (made["Timeout"], made["TracingConfig"]["Mode"]) == (300, "PassThrough")
    assert made["Environment"]["Variables"] == {
        "DJANGO_ALLOWED_HOSTS": ".lambda-url.us-east-2.on.aws",
        "DJANGO_SECRET_KEY": f"{SECRET}#key",
        "CONVERSATIONS_TABLE": "ChatbotConversations",
        "USAGE_TABLE": "ChatbotUsage",
        "API_KEYS_TABLE": "ChatbotApiKeys",
        "BEDROCK_MODEL_ID": "us.amazon.nova-pro-v1:0",
        "BEDROCK_MODELS": ",".join(settings.BEDROCK_MODELS),
        "BEDROCK_FALLBACK_MODELS": "",
        "BEDROCK_REGIONS": "us-east-2",
        "CHAT_DEADLINE_SECONDS": "60",
        "SECRETS_VERSION": made["Environment"]["Variables"]["SECRETS_VERSION"],
    }


def test_a_new_value_of_a_secret_is_a_new_version_of_the_function(stack: Stack, aws: str) -> None:
    before = stack.as_applied()["newest_version"]

    client(aws, "secretsmanager").put_secret_value(SecretId="chatbot", SecretString='{"key": "two"}')

    assert "aws_lambda_function.this" in planned(stack)
    after = stack.apply()
    assert (after["newest_version"], after["live_version"]) == (str(int(before) + 1),) * 2
    assert stack.plan() == []


def test_a_secret_of_another_region_is_allowed_but_not_asked_for(stack: Stack) -> None:
    elsewhere = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:database-AbCdEf"
    secrets = stack.variables["secrets"] | {"DATABASE_URL": f"{elsewhere}#url"}
    keys = [f"arn:aws:kms:{region}:{ACCOUNT}:key/1" for region in (REGION, "eu-west-1")]

    made = planned(stack, secrets=secrets, secret_kms_key_arns=keys)

    (environment,) = made["aws_lambda_function.this"]["environment"]
    assert environment["variables"]["DATABASE_URL"] == f"{elsewhere}#url"
    said = json.loads(made["aws_iam_role_policy.application"]["policy"])["Statement"]
    statements = {statement["Sid"]: statement for statement in said}
    assert sorted(statements["Secrets"]["Resource"]) == sorted([SECRET, elsewhere])
    assert statements["SecretKeys"]["Condition"]["StringEquals"]["kms:ViaService"] == [
        "secretsmanager.eu-west-1.amazonaws.com",
        f"secretsmanager.{REGION}.amazonaws.com",
    ]
    raised = planned(stack, secrets=secrets, other_secrets_version=2)["aws_lambda_function.this"]["environment"]
    assert raised[0]["variables"].pop("SECRETS_VERSION") != environment["variables"].pop("SECRETS_VERSION")
    assert raised == [environment]


def test_logs_are_kept_a_year(stack: Stack, aws: str) -> None:
    groups = client(aws, "logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/chatbot-api")["logGroups"]

    assert [(group["logGroupName"], group["retentionInDays"]) for group in groups] == [("/aws/lambda/chatbot-api", 365)]


def test_the_role_may_do_what_the_application_needs_and_no_more(stack: Stack, aws: str) -> None:
    stack.as_applied()
    iam = client(aws, "iam")

    assert iam.list_attached_role_policies(RoleName="chatbot-lambda-role")["AttachedPolicies"] == []
    assert sorted(iam.list_role_policies(RoleName="chatbot-lambda-role")["PolicyNames"]) == ["application", "logs"]
    logs = policy(aws, "logs")["OwnLogs"]
    assert logs["Resource"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/chatbot-api:log-stream:*"
    statements = policy(aws, "application")
    assert statements["Secrets"]["Resource"] == SECRET
    everywhere = [sid for sid, statement in statements.items() if "*" in (statement["Resource"], *statement["Action"])]
    assert everywhere == ["ListsOfModels"]


def test_a_public_url_is_warned_of_and_open_to_requests_by_the_url_alone(stack: Stack, aws: str) -> None:
    stack.apply(**URL)

    assert stack.plan(**URL) == []
    assert "url_auth is NONE: the whole internet reaches the function" in said_to_a_plan(stack, **URL)
    answer = client(aws, "lambda").get_policy(FunctionName="chatbot-api", Qualifier="live")
    everybody = [s for s in json.loads(answer["Policy"])["Statement"] if s["Principal"] in ("*", {"AWS": "*"})]
    conditions = {statement["Action"]: statement["Condition"] for statement in everybody}
    assert conditions == {
        "lambda:InvokeFunctionUrl": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        "lambda:InvokeFunction": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    }
    assert policy(aws, "tracing")["Traces"]["Resource"] == "*"


def test_an_http_api_takes_the_place_of_the_url(stack: Stack) -> None:
    made = stack.apply(**API)

    assert stack.plan(**API) == []
    assert ".execute-api." in made["url"]
    assert made["wants_token"] is False


def test_an_http_api_that_asks_for_no_token_is_warned_of(stack: Stack) -> None:
    anonymous = {"settings": {"ALLOW_ANONYMOUS": "on"}}

    warned = said_to_a_plan(stack, **API, **anonymous)
    quiet = said_to_a_plan(stack, **TOKENS, **anonymous)

    assert "jwt is null: the whole internet reaches the function" in warned
    assert "ALLOW_ANONYMOUS is on behind a public address: everybody on the internet chats at your cost." in warned
    assert "internet" not in quiet


def test_an_http_api_asks_for_tokens_but_not_for_what_is_open(stack: Stack, aws: str) -> None:
    made = stack.apply(**TOKENS)

    assert [(each["type"], each["name"]) for each in stack.plan(**TOKENS)] == [("aws_apigatewayv2_authorizer", "jwt")]
    assert made["wants_token"] is True
    gateway = client(aws, "apigatewayv2")
    (api,) = [each["ApiId"] for each in gateway.get_apis()["Items"] if each["Name"] == "chatbot-api"]
    routes = {each["RouteKey"]: each["AuthorizationType"] for each in gateway.get_routes(ApiId=api)["Items"]}
    assert [key for key, wants in routes.items() if wants == "JWT"] == ["$default"]
    assert {"GET /health", "GET /health/ready", "OPTIONS /{path+}"} <= routes.keys()


def test_the_next_deployment_lifts_a_stop_by_hand_when_the_old_tables_are_out_of_reach(stack: Stack, aws: str) -> None:
    """As after a restore: the version before must not write to the damaged tables once it may answer again."""
    restored = "ChatbotUsage-restored"
    stack.as_applied()
    described = client(aws, "dynamodb").describe_table(TableName="ChatbotUsage")["Table"]
    client(aws, "dynamodb").create_table(
        TableName=restored,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=described["AttributeDefinitions"],
        KeySchema=described["KeySchema"],
        GlobalSecondaryIndexes=[
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in described["GlobalSecondaryIndexes"]
        ],
    )
    client(aws, "lambda").put_function_concurrency(FunctionName="chatbot-api", ReservedConcurrentExecutions=0)

    given = [f"-var={name}={value}" for name, value in _texts(stack.variables | {"usage_table": restored})]
    said = stack.run("apply", "-input=false", "-auto-approve", *given)

    stopped = client(aws, "lambda").get_function_concurrency(FunctionName="chatbot-api")
    assert "ReservedConcurrentExecutions" not in stopped
    changed = re.findall(r"^(\w+\.\w+): (Modifying\.\.\.|Modifications complete)", said, flags=re.MULTILINE)
    assert changed == [
        ("aws_iam_role_policy.application", "Modifying..."),
        ("aws_iam_role_policy.application", "Modifications complete"),
        ("aws_lambda_function.this", "Modifying..."),
        ("aws_lambda_function.this", "Modifications complete"),
        ("aws_lambda_alias.live", "Modifying..."),
        ("aws_lambda_alias.live", "Modifications complete"),
    ]
    stack.apply()


def test_a_version_answers_its_share_until_it_is_released(stack: Stack, aws: str) -> None:
    before = stack.as_applied()["live_version"]
    canary = {"settings": {"LOG_LEVEL": "WARNING"}, "live_version": before, "canary_weight": 0.1}

    made = stack.apply(**canary)

    assert (made["live_version"], stack.plan(**canary)) == (before, [])
    alias = client(aws, "lambda").get_alias(FunctionName="chatbot-api", Name="live")
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {made["newest_version"]: 0.1}}
    released = stack.apply(settings=canary["settings"])
    assert released["live_version"] == made["newest_version"]


def test_in_a_network_it_reaches_aws_by_endpoints(stack: Stack) -> None:
    changes = stack.plan(vpc=VPC)

    made = [each for each in changes if each["type"] == "aws_vpc_endpoint"]
    rules = [each["name"] for each in changes if each["type"] == "aws_vpc_security_group_egress_rule"]

    services = sorted(each["change"]["after"]["service_name"].removeprefix(f"com.amazonaws.{REGION}.") for each in made)
    assert services == ["bedrock", "bedrock-runtime", "dynamodb", "kms", "logs", "secretsmanager"]
    assert sorted(rules) == ["dynamodb", "endpoints", "services"]


def test_processes_that_stand_ready_are_scaled(stack: Stack) -> None:
    made = planned(stack, provisioned_concurrency=CAPACITY)

    target = made["aws_appautoscaling_target.live"]
    assert (target["min_capacity"], target["max_capacity"]) == (2, 20)
    night = made["aws_appautoscaling_scheduled_action.capacity"]
    assert night["scalable_target_action"] == [{"min_capacity": "1", "max_capacity": "5"}]
    assert (night["schedule"], night["timezone"]) == ("cron(0 22 * * ? *)", "Etc/UTC")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"timeout_seconds": 901}, "A whole number from 15 to 900"),
        ({"image_uri": IMAGE.replace("@", ":latest@")[: -len("@sha256:") - 64]}, "Name the image by its digest"),
        ({"chat_deadline_seconds": 296}, "chat_deadline_seconds must be at most 295"),
        (API | {"chat_deadline_seconds": 26}, "chat_deadline_seconds must be at most 25"),
        ({"settings": {"NO_SUCH_SETTING": "x"}}, "Not in .env.example: NO_SUCH_SETTING."),
        ({"settings": {"USAGE_TABLE": "x"}}, "Set by variables of their own: USAGE_TABLE."),
        ({"settings": {"DATABASE_URL": "x"}}, "Secrets do not stand in Terraform's state"),
        ({"settings": {"LOCAL_MODE": "on"}}, "LOCAL_* and DJANGO_DEBUG are not for production"),
        ({"secrets": {"DATABASE_URL": SECRET}}, "DJANGO_SECRET_KEY is missing"),
        ({"secrets": {"DJANGO_SECRET_KEY": "plain"}}, "Each is the ARN of one secret"),
        ({"other_secrets_version": 1.5}, "A whole number from 1 on."),
        ({"provisioned_concurrency": CAPACITY | {"max": 20.5}}, "min and max are whole numbers."),
        ({"allowed_hosts": ["*"]}, "the application does not start with *"),
        ({"canary_weight": 0.1}, "above 0 live_version says who answers the others"),
        ({"reserved_concurrency": 10, "provisioned_concurrency": CAPACITY}, "No max may be above reserved_concurrency"),
    ],
)
def test_refuses(stack: Stack, variables: dict[str, Any], said: str) -> None:
    assert said in stack.refusal(**variables)


def test_refuses_values_that_cannot_be_meant(stack: Stack) -> None:
    said = stack.refusal(
        log_retention_days=100,
        model_ids=[],
        reserved_concurrency=1.5,
        jwt=TOKENS["jwt"],
        throttle={"rate": 1, "burst": 1.5},
    )

    for words in (
        "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14,",
        "At least one model.",
        "A whole number from 1, or -1: with 0 the function would answer nobody.",
        'jwt needs entry = "api-gateway": a function URL asks for no token of an issuer.',
        "Both are at least 1, and burst is a whole number.",
    ):
        assert words in said


def _texts(variables: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, v if isinstance(v, str) else json.dumps(v)) for name, v in variables.items()]
