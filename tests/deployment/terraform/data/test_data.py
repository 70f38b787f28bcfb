"""The stack `data`: what it makes is there, planning again finds nothing to do, and mistakes are refused.

MiniStack has no vault locks and forgets two things: the days of point-in-time recovery, and the key of a replica. The
locks are read off a plan; of the other two, the tests say exactly what a plan may show.
"""

from pathlib import Path
from typing import Any

import boto3
import pytest

from core.deadline import Deadline
from deployment.restore_drill import drill
from deployment.restore_drill.order import Order, Pair
from tests.deployment.terraform.stacks import ACCOUNT, NO_TERRAFORM, Stack, difference, terraform

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(terraform() is None, reason=NO_TERRAFORM),
]
HOME, RECOVERY = "us-east-1", "us-west-2"
TABLES = ("ChatbotConversations", "ChatbotUsage", "ChatbotApiKeys")
# The second region comes with the first: nothing is said of it.
REGIONS: dict[str, Any] = {"region": HOME, "vault_lock": "none"}


@pytest.fixture(scope="module")
def stack(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return Stack("data", tmp_path_factory.mktemp("data"), aws, REGIONS)


@pytest.fixture(scope="module")
def outputs(stack: Stack) -> dict[str, Any]:
    """The stack, applied."""
    return stack.apply()


def client(service: str, endpoint: str, region: str = HOME) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    return boto3.client(  # type: ignore[call-overload]  # any service
        service, region_name=region, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
    )


def test_planning_again_finds_nothing_to_do(stack: Stack, outputs: dict[str, Any]) -> None:
    forgotten = ([{"enabled": True, "recovery_period_in_days": 0}], [{"enabled": True, "recovery_period_in_days": 35}])

    changes = stack.plan()

    assert [difference(change) for change in changes] == [{"point_in_time_recovery": forgotten}] * len(TABLES)


def test_tables_are_encrypted_with_our_key_protected_and_bounded(aws: str, outputs: dict[str, Any]) -> None:
    dynamodb = client("dynamodb", aws)

    for name in TABLES:
        table = dynamodb.describe_table(TableName=name)["Table"]
        assert table["SSEDescription"]["KMSMasterKeyArn"] == outputs["kms_key_arn"]
        assert table["DeletionProtectionEnabled"]
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["OnDemandThroughput"]["MaxWriteRequestUnits"] > 0
        assert all(
            index["OnDemandThroughput"] == table["OnDemandThroughput"] for index in table["GlobalSecondaryIndexes"]
        )
        recovery = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    ttl = [dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"] for name in TABLES]
    enabled = {"TimeToLiveStatus": "ENABLED", "AttributeName": "ExpiresAt"}
    assert ttl == [enabled, {"TimeToLiveStatus": "DISABLED"}, {"TimeToLiveStatus": "DISABLED"}]


def test_the_key_turns_once_a_year_and_has_a_twin(aws: str, outputs: dict[str, Any]) -> None:
    turning = client("kms", aws).get_key_rotation_status(KeyId=outputs["kms_key_arn"])
    twin = client("kms", aws, RECOVERY).describe_key(KeyId=outputs["recovery_kms_key_arn"])["KeyMetadata"]

    assert turning["KeyRotationEnabled"]
    assert twin["MultiRegionConfiguration"]["PrimaryKey"]["Arn"] == outputs["kms_key_arn"]


def test_backups_are_kept_and_copied(aws: str, outputs: dict[str, Any]) -> None:
    backup = client("backup", aws)
    there = outputs["backup_vault_arns"][1]
    plans = backup.list_backup_plans()["BackupPlansList"]
    (planned,) = [each for each in plans if each["BackupPlanName"] == "chatbot-api-production"]
    plan = backup.get_backup_plan(BackupPlanId=planned["BackupPlanId"])["BackupPlan"]
    (selected,) = backup.list_backup_selections(BackupPlanId=planned["BackupPlanId"])["BackupSelectionsList"]
    selection = backup.get_backup_selection(BackupPlanId=planned["BackupPlanId"], SelectionId=selected["SelectionId"])[
        "BackupSelection"
    ]

    kept = {
        rule["RuleName"]: (
            rule["Lifecycle"]["DeleteAfterDays"],
            [(copy["DestinationBackupVaultArn"], copy["Lifecycle"]["DeleteAfterDays"]) for copy in rule["CopyActions"]],
        )
        for rule in plan["Rules"]
    }
    assert kept == {"daily": (35, [(there, 35)]), "monthly": (365, [(there, 365)])}
    assert f":{RECOVERY}:" in there
    assert sorted(selection["Resources"]) == sorted(outputs["table_arns"].values())


def test_vaults_are_locked_and_tables_copied_by_variables(stack: Stack, outputs: dict[str, Any]) -> None:
    changes = stack.plan(vault_lock="compliance", replica_regions=[RECOVERY])

    locks = [each["change"]["after"] for each in changes if each["type"] == "aws_backup_vault_lock_configuration"]
    kept = {"min_retention_days": 35, "max_retention_days": 365, "changeable_for_days": 14}
    assert locks == [kept | {"backup_vault_name": "chatbot-api-production"}] * 2
    tables = {each["index"]: each["change"]["after"] for each in changes if each["type"] == "aws_dynamodb_table"}
    assert set(tables) == {"conversations", "usage", "api_keys"}
    for table in tables.values():
        (replica,) = table["replica"]
        assert replica["region_name"] == RECOVERY
        assert replica["kms_key_arn"] == outputs["recovery_kms_key_arn"]
        assert replica["point_in_time_recovery"]
        assert table["stream_view_type"] == "NEW_AND_OLD_IMAGES"


def test_copies_are_left_out_by_a_variable_alone(stack: Stack, outputs: dict[str, Any]) -> None:
    changes = {each["address"]: each["change"] for each in stack.plan(recovery=False, vault_lock="compliance")}

    gone = [address for address, change in changes.items() if change["actions"] == ["delete"]]
    assert gone == ["aws_backup_vault.recovery[0]", "aws_kms_alias.recovery[0]", "aws_kms_replica_key.recovery[0]"]
    rules = changes["aws_backup_plan.tables"]["after"]["rule"]
    assert {rule["rule_name"]: rule["copy_action"] for rule in rules} == {"daily": [], "monthly": []}
    locks = [each for each in changes if each.startswith("aws_backup_vault_lock_configuration.")]
    assert locks == ["aws_backup_vault_lock_configuration.home[0]"]


def test_a_region_without_a_neighbour_is_told_to_name_one(stack: Stack) -> None:
    refused = stack.refusal(region="ap-southeast-2")
    named = stack.plan(region="ap-southeast-2", recovery_region="ap-southeast-4", environment="sydney")

    assert "No second region goes with the tables' own by itself: name one, or set recovery to false." in refused
    assert [each["address"] for each in named if each["type"] == "aws_kms_replica_key"] == [
        "aws_kms_replica_key.recovery[0]"
    ]


def test_replicas_take_every_write(aws: str, tmp_path: Path) -> None:
    names = {name: f"Twin{name}" for name in ("conversations_table", "usage_table", "api_keys_table")}
    twin = Stack("data", tmp_path, aws, REGIONS | names | {"environment": "twin"})
    twin.apply(replica_regions=[RECOVERY])
    key = {"KeyHash": {"S": "a"}}

    client("dynamodb", aws).put_item(TableName=names["api_keys_table"], Item=key)

    assert client("dynamodb", aws, RECOVERY).get_item(TableName=names["api_keys_table"], Key=key)["Item"] == key


ADOPT = """
import {
  for_each = local.names
  to       = aws_dynamodb_table.tables[each.key]
  id       = each.value
}
"""


def test_tables_restored_for_use_are_taken_into_the_stack(aws: str, tmp_path: Path) -> None:
    names = {name: f"Lost{name}" for name in ("conversations_table", "usage_table", "api_keys_table")}
    restored = {name: f"{table}-restored" for name, table in names.items()}
    lost = Stack("data", tmp_path, aws, REGIONS | {"environment": "lost"})
    lost.apply(**names)
    pairs = [Pair(name.upper(), table, restored[name]) for name, table in names.items()]
    order = Order(pairs[0], pairs[1], pairs[2], suffix="restored", for_use=True, pause=0.1)

    report = drill.run(client("dynamodb", aws), order, deadline=Deadline.after(60))
    lost.run("state", "rm", "aws_dynamodb_table.tables")
    (lost.folder / "adopt.tf").write_text(ADOPT)
    changes = lost.plan(**restored)

    # MiniStack restores without encryption; everything else is as it was.
    assert report.faults == [f"{table} differs in encryption" for table in restored.values()]
    tables = {each["index"]: each["change"] for each in changes if each["type"] == "aws_dynamodb_table"}
    assert {index: change["actions"] for index, change in tables.items()} == {
        "conversations": ["update"],
        "usage": ["update"],
        "api_keys": ["update"],
    }
    assert {change["importing"]["id"] for change in tables.values()} == set(restored.values())


def test_refuses_variables_that_cannot_be_meant(stack: Stack) -> None:
    said = stack.refusal(
        recovery_region=HOME,
        point_in_time_days=36,
        vault_lock="yes",
        vault_lock_changeable_days=2,
        daily_backup_days=0.5,
        most_requests={"usage": {"read": 0, "write": 1}},
        environment="Prod",
        usage_table="a table",
    )

    for words in (
        "Name another region than the tables' own.",
        "A whole number from 1 to 35.",
        "A whole number from 1.",
        "One of none, governance, compliance.",
        "A whole number from 3: AWS allows no fewer.",
        "Each is -1 or a whole number from 1.",
        "Up to 16 lower-case letters and digits",
        "3 to 255 letters, digits, and . _ -",
    ):
        assert words in said


def test_refuses_variables_that_do_not_go_together(stack: Stack) -> None:
    said = stack.refusal(conversations_table="ChatbotUsage", monthly_backup_days=7, replica_regions=["eu-west-1"])
    said += stack.refusal(api_keys_table="ChatbotUsage")

    for words in (
        "Another name than conversations_table: each is a table of its own.",
        "Another name than conversations_table and usage_table: each is a table of its own.",
        "A whole number, at least as long as a daily one.",
        "Each is another region than the tables' own",
    ):
        assert words in said
