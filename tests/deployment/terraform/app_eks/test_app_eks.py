"""The stack `app-eks`: what it makes is there, planning again finds nothing to do, and mistakes are refused.

MiniStack's clusters have an issuer without TLS, which IAM refuses, so roles are handed out by Pod Identity here. It
keeps no support type of a cluster, has no Fargate, and makes no password for an RDS instance.
"""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, STACKS, Stack, difference, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(900),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
HOME = "us-east-1"
TABLES = {"ChatbotConversations": "OwnerIndex", "ChatbotUsage": "DayIndex", "ChatbotApiKeys": "ListIndex"}
VARIABLES: dict[str, Any] = {"region": HOME, "irsa": False, "pod_identity": True, "support_type": ""}
# What MiniStack does not keep, and what Terraform then wants to write again.
FORGOTTEN = {
    "aws_db_instance.this": {"enabled_cloudwatch_logs_exports", "performance_insights_kms_key_id"},
    "aws_eks_node_group.on_demand": {"launch_template", "update_config"},
    "aws_elasticache_replication_group.this": {"auto_minor_version_upgrade", "kms_key_id"},
    "aws_elasticache_user.api": {"authentication_mode"},
    "aws_flow_log.this": {"iam_role_arn", "max_aggregation_interval", "tags", "tags_all"},
    **{
        f'aws_vpc_endpoint.interface["{service}"]': {"private_dns_enabled", "security_group_ids"}
        for service in ("bedrock", "bedrock-runtime", "ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts")
    },
}
# Made anew because the address in it may be another one, where Valkey is made anew.
FOLLOWS = {"aws_secretsmanager_secret_version.redis_url"}
PLATFORM = Path(STACKS).parent / "kubernetes" / "overlays" / "production-us-east-1" / "platform.yaml"
# These come from the stack edge, and one from RDS.
FROM_ELSEWHERE = {
    *("host", "certificate-arn", "web-acl-arn", "cognito", "oidc-issuer", "oidc-audience", "oidc-group-scopes"),
    *("staff-oidc-issuer", "staff-oidc-client-id", "secret-staff-oidc-client-secret", "secret-database-owner"),
}


def client(service: str, endpoint: str) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client(  # type: ignore[call-overload]  # any service
        service, region_name=HOME, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )


def make_tables(endpoint: str) -> None:
    """Tables with the names and an index each; the stack data has their whole shape."""
    dynamodb = client("dynamodb", endpoint)
    for name, index in TABLES.items():
        if name in dynamodb.list_tables()["TableNames"]:
            continue
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("Key", "Other")],
            KeySchema=[{"AttributeName": "Key", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [{"AttributeName": "Other", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )


@pytest.fixture(scope="module")
def stack(aws: str, provider: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Stack:
    make_tables(aws)
    return Stack("app-eks", tmp_path_factory.mktemp("app-eks"), aws, VARIABLES, provider)


@pytest.fixture(scope="module")
def outputs(stack: Stack) -> dict[str, Any]:
    """The stack, applied."""
    return stack.apply()


def policy_of(endpoint: str, role: str) -> list[dict[str, Any]]:
    document = client("iam", endpoint).get_role_policy(RoleName=f"chatbot-production-{HOME}-{role}", PolicyName=role)[
        "PolicyDocument"
    ]
    statements: list[dict[str, Any]] = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    return statements


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def written_again(change: dict[str, Any]) -> set[str]:
    """Attributes that are to have another value; nothing and empty are the same."""
    return {name for name, (before, after) in difference(change).items() if before or after}


def test_planning_again_finds_nothing_but_what_the_emulator_forgets(stack: Stack, outputs: dict[str, Any]) -> None:
    changes = {change["address"]: written_again(change) for change in stack.plan()}

    assert {address: names for address, names in changes.items() if address not in FOLLOWS} == FORGOTTEN


def test_pods_may_use_exactly_the_tables_and_models(aws: str, outputs: dict[str, Any]) -> None:
    statements = {statement["Sid"]: statement for statement in policy_of(aws, "api")}

    tables = [f"arn:aws:dynamodb:{HOME}:{ACCOUNT}:table/{name}" for name in TABLES]
    found = [as_list(statements[sid]["Resource"]) for sid in ("Conversations", "Usage", "ApiKeys")]
    assert found == [[table] for table in tables]
    indexes = {f"{table}/index/{index}" for table, index in zip(tables, TABLES.values(), strict=True)}
    assert set(as_list(statements["Indexes"]["Resource"])) == indexes
    profiles = as_list(statements["Models"]["Resource"])
    assert f"arn:aws:bedrock:{HOME}:{ACCOUNT}:inference-profile/us.amazon.nova-pro-v1:0" in profiles
    assert all("*" not in profile for profile in profiles)
    by_profile = statements["ModelsOfProfiles"]
    assert "arn:aws:bedrock:us-*::foundation-model/amazon.nova-pro-v1:0" in as_list(by_profile["Resource"])
    assert set(as_list(by_profile["Condition"]["ArnEquals"]["bedrock:InferenceProfileArn"])) == set(profiles)
    everywhere = [sid for sid, statement in statements.items() if as_list(statement["Resource"]) == ["*"]]
    assert everywhere == ["ListsOfModels"]
    assert not any("*" in action for statement in statements.values() for action in as_list(statement["Action"]))


@pytest.mark.parametrize("role", ["load-balancer-controller", "cluster-autoscaler", "external-secrets"])
def test_controllers_only_read_what_is_not_theirs(aws: str, outputs: dict[str, Any], role: str) -> None:
    everywhere = [each["Sid"] for each in policy_of(aws, role) if as_list(each["Resource"]) == ["*"]]

    assert everywhere == ([] if role == "external-secrets" else ["Read"])


def test_each_role_is_for_one_service_account_of_this_cluster(aws: str, outputs: dict[str, Any]) -> None:
    eks = client("eks", aws)
    cluster = eks.describe_cluster(name=outputs["cluster_name"])["cluster"]
    associations = eks.list_pod_identity_associations(clusterName=cluster["name"])["associations"]

    trust = client("iam", aws).get_role(RoleName=f"chatbot-production-{HOME}-api")["Role"]["AssumeRolePolicyDocument"]
    (statement,) = (json.loads(trust) if isinstance(trust, str) else trust)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-arn": cluster["arn"],
            "aws:RequestTag/kubernetes-namespace": "chatbot",
            "aws:RequestTag/kubernetes-service-account": "chatbot-api",
        }
    }
    assert {(each["namespace"], each["serviceAccount"]) for each in associations} == {
        ("amazon-cloudwatch", "cloudwatch-agent"),
        ("chatbot", "chatbot-api"),
        ("external-secrets", "external-secrets"),
        ("kube-system", "aws-load-balancer-controller"),
        ("kube-system", "aws-node"),
        ("kube-system", "cluster-autoscaler"),
    }


def test_the_control_plane_is_private_encrypted_and_logged(aws: str, outputs: dict[str, Any]) -> None:
    cluster = client("eks", aws).describe_cluster(name=outputs["cluster_name"])["cluster"]

    assert cluster["resourcesVpcConfig"]["endpointPrivateAccess"]
    assert not cluster["resourcesVpcConfig"]["endpointPublicAccess"]
    assert cluster["encryptionConfig"][0]["resources"] == ["secrets"]
    logged = cluster["logging"]["clusterLogging"]
    (kinds,) = (each["types"] for each in logged if each["enabled"])
    assert set(kinds) == {"api", "audit", "authenticator", "controllerManager", "scheduler"}


def test_pods_cannot_reach_the_nodes_credentials(aws: str, outputs: dict[str, Any]) -> None:
    versions = client("ec2", aws).describe_launch_template_versions(LaunchTemplateName="chatbot-production-node")
    template = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]

    assert template["MetadataOptions"]["HttpTokens"] == "required"
    assert int(template["MetadataOptions"]["HttpPutResponseHopLimit"]) == 1
    assert template["BlockDeviceMappings"][0]["Ebs"]["Encrypted"]


def test_databases_are_encrypted_doubled_and_out_of_reach(aws: str, outputs: dict[str, Any]) -> None:
    database = client("rds", aws).describe_db_instances(DBInstanceIdentifier="chatbot-production")["DBInstances"][0]
    cache = client("elasticache", aws).describe_replication_groups(ReplicationGroupId="chatbot-production")
    (group,) = cache["ReplicationGroups"]
    routes = client("ec2", aws).describe_route_tables(
        Filters=[{"Name": "tag:Name", "Values": ["chatbot-production-database"]}]
    )["RouteTables"]

    assert database["StorageEncrypted"]
    assert database["MultiAZ"]
    assert database["DeletionProtection"]
    assert not database["PubliclyAccessible"]
    assert database["BackupRetentionPeriod"] == 35
    assert group["TransitEncryptionEnabled"]
    assert group["AtRestEncryptionEnabled"]
    assert group["MultiAZ"] == "enabled"
    assert [[route["GatewayId"] for route in table["Routes"]] for table in routes] == [["local"]]


def test_secrets_are_made_and_those_that_can_be_are_in_no_state(
    aws: str, stack: Stack, outputs: dict[str, Any]
) -> None:
    secrets = client("secretsmanager", aws)
    state = (stack.folder / "terraform.tfstate").read_text()

    def value(name: str) -> str:
        text: str = secrets.get_secret_value(SecretId=f"chatbot/production/{name}")["SecretString"]
        return text

    user = json.loads(value("database-user"))
    assert len(value("django-secret-key")) == 64
    assert (user["username"], len(user["password"])) == ("chatbot_api", 48)
    assert value("django-secret-key") not in state
    assert user["password"] not in state
    password = json.loads(value("cache-user"))["password"]
    assert value("redis-url").startswith(f"rediss://chatbot-api:{password}@")
    assert json.loads(value("database")).keys() == {"host", "port", "dbname"}


def test_pods_and_the_migration_are_given_the_same_version_of_the_user(aws: str, outputs: dict[str, Any]) -> None:
    prefix, _, version = outputs["platform"]["database-user-version"].partition("/")
    secret = outputs["platform"]["secret-database-user"]

    found = client("secretsmanager", aws).get_secret_value(SecretId=secret, VersionId=version)

    assert prefix == "uuid"
    assert found["VersionStages"] == ["AWSCURRENT"]


def test_passwords_are_made_anew_by_raising_their_versions(stack: Stack, outputs: dict[str, Any]) -> None:
    changes = {
        each["address"]: each["change"]["actions"]
        for each in stack.plan(database_password_version=2, cache_password_version=2)
    }

    anew = {address for address, actions in changes.items() if "secret" in address and actions == ["delete", "create"]}
    assert anew == {
        "aws_secretsmanager_secret_version.database_user",
        "aws_secretsmanager_secret_version.cache",
        "aws_secretsmanager_secret_version.redis_url",
    }
    assert changes["aws_elasticache_user.api"] == ["update"]


def test_external_secrets_reads_these_and_that_of_sign_in(aws: str, outputs: dict[str, Any]) -> None:
    (secrets,) = (each for each in policy_of(aws, "external-secrets") if each["Sid"] == "Secrets")

    begin = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:"
    names = sorted(arn.removeprefix(begin)[:-7] for arn in as_list(secrets["Resource"]))
    assert names == [
        f"chatbot/production/{name}"
        for name in (
            "cache-user",
            "database",
            "database-user",
            "django-secret-key",
            "redis-url",
            "staff-oidc-client-secret",
        )
    ]
    assert f"{begin}chatbot/production/staff-oidc-client-secret-??????" in secrets["Resource"]


def test_logs_of_pods_leave_the_cluster_and_are_kept_as_long_as_others(aws: str, outputs: dict[str, Any]) -> None:
    addon = client("eks", aws).describe_addon(
        clusterName=outputs["cluster_name"], addonName="amazon-cloudwatch-observability"
    )["addon"]
    groups = client("logs", aws).describe_log_groups(logGroupNamePrefix="/aws/containerinsights/")["logGroups"]

    assert json.loads(addon["configurationValues"])["containerLogs"] == {"enabled": True}
    assert {each["logGroupName"].rpartition("/")[2]: each["retentionInDays"] for each in groups} == {
        "application": 365,
        "dataplane": 365,
        "host": 365,
        "performance": 365,
    }
    assert all(each["kmsKeyId"] for each in groups)


def test_pods_on_fargate_write_to_the_group_of_the_others(stack: Stack, outputs: dict[str, Any]) -> None:
    planned = {each["address"]: each["change"]["after"] for each in stack.plan(fargate=True)}

    (profile,) = planned["aws_eks_fargate_profile.this[0]"]["selector"]
    (statement,) = json.loads(planned["aws_iam_role_policy.fargate_logs[0]"]["policy"])["Statement"]
    assert profile == {"namespace": "chatbot", "labels": {"app.kubernetes.io/name": "chatbot-api"}}
    assert statement["Action"] == ["logs:PutLogEvents", "logs:DescribeLogStreams", "logs:CreateLogStream"]
    assert statement["Resource"].endswith(":log-group:/aws/containerinsights/chatbot-production/application:*")


def test_the_load_balancer_alone_writes_its_log(aws: str, outputs: dict[str, Any]) -> None:
    s3 = client("s3", aws)
    bucket = f"chatbot-production-{HOME}-alb-{ACCOUNT}"
    statements = {each["Sid"]: each for each in json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]}
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]

    assert statements["LoadBalancers"] == {
        "Sid": "LoadBalancers",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:loadbalancer/app/*"}
        },
    }
    assert statements["TLSAlone"]["Effect"] == "Deny"
    assert rule["Expiration"]["Days"] == 365
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert outputs["platform"]["load-balancer-attributes"].split(",") == [
        "deletion_protection.enabled=true",
        "access_logs.s3.enabled=true",
        f"access_logs.s3.bucket={bucket}",
    ]


def test_logs_are_left_out_by_variables(stack: Stack, outputs: dict[str, Any]) -> None:
    gone = [
        each["address"]
        for each in stack.plan(pod_logs=False, access_logs=False)
        if each["change"]["actions"] == ["delete"]
    ]

    assert [
        address for address in gone if not address.startswith(("aws_s3_bucket", "aws_cloudwatch_log_group.pods["))
    ] == [
        "aws_eks_addon.pod_logs[0]",
        'aws_eks_pod_identity_association.pods["cloudwatch-agent"]',
        'aws_iam_role.pods["cloudwatch-agent"]',
        "aws_iam_role_policy_attachment.cloudwatch_agent[0]",
    ]
    assert 'aws_s3_bucket.access_logs["this"]' in gone
    assert 'aws_cloudwatch_log_group.pods["application"]' in gone


def test_the_manifests_are_given_what_they_ask_for(outputs: dict[str, Any]) -> None:
    asked = yaml.safe_load(PLATFORM.read_text())["data"]

    assert outputs["platform"].keys() == asked.keys() - FROM_ELSEWHERE
    # They stand in the committed overlay too, so that it is right without Terraform where it can be.
    same = [name for name in asked if name.endswith(("-a", "-b", "-c"))]
    same += ["region", "role-arn", "autoscaler-role-arn", "load-balancer-attributes", "fargate-log-output"]
    assert {name: outputs["platform"][name] for name in same} == {name: asked[name] for name in same}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"public_endpoint_cidrs": ["0.0.0.0/0"]}, "of /8 or smaller: a few larger ones are the whole internet."),
        ({"node_max_size": 2}, "A whole number, not below node_min_size."),
        ({"model_ids": ["arn:aws:bedrock:us-east-1::foundation-model/*"]}, "by its id and not by its ARN"),
    ],
)
def test_refuses_what_cannot_be_done(stack: Stack, variables: dict[str, Any], sentence: str) -> None:
    assert sentence in stack.refusal(**variables)


def test_refuses_values_that_cannot_be_meant(stack: Stack) -> None:
    said = stack.refusal(
        environment="Production",
        vpc_cidr="10.0.0.0/20",
        public_endpoint_cidrs=["0.0.0.0/1", "128.0.0.0/1"],
        pod_identity=False,
        model_ids=[],
        node_instance_types=[],
        spot_instance_types=[],
        node_min_size=2.5,
        node_disk_gib=19,
        spot_max_size=0.5,
        database_authority="rds-ca-2019",
        database_backup_days=0,
        database_password_version=1.5,
        cache_nodes=1.5,
        cache_password_version=0,
        django_secret_key_version=1.5,
    )

    for words in (
        "Up to 16 lower-case letters",
        "A /16, as in 10.0.0.0/16.",
        "of /8 or smaller: a few larger ones are the whole internet.",
        "set one of the two",
        "At least one model.",
        "At least one instance type of nodes.",
        "At least one instance type of Spot nodes.",
        "Fewest nodes: a whole number from 1.",
        "Disk of a node: a whole number from 20",
        "Most Spot nodes: a whole number from 0.",
        "rds-ca-rsa2048-g1, rds-ca-rsa4096-g1 or rds-ca-ecc384-g1.",
        "Days of backups: a whole number from 1 to 35.",
        "Version of the database's password: a whole number from 1.",
        "Valkey's nodes: a whole number from 1 to 6.",
        "Version of Valkey's password: a whole number from 1.",
        "Version of DJANGO_SECRET_KEY: a whole number from 1.",
    ):
        assert words in said
