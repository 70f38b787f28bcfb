"""`python -m deployment.restore_drill` on tables that were chatted into, on MiniStack.

MiniStack restores the present, whatever moment it is asked for; what a restore leaves behind is left behind there too.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from deployment.restore_drill.__main__ import main
from deployment.restore_drill.shapes import differences
from dynamodb_client.client import dynamodb_client

ROOT = Path(__file__).parents[2]
SOURCES = (settings.CONVERSATIONS_TABLE, settings.USAGE_TABLE, settings.API_KEYS_TABLE)
CONVERSATIONS, USAGE, API_KEYS = SOURCES
TARGETS = tuple(f"{name}-drill" for name in SOURCES)
QUICK = ("--region", settings.AWS_REGION, "--suffix", "drill", "--pause-seconds", "0.01")
HEAD = {"SessionId": {"S": "a"}, "Timestamp": {"S": "#session"}}
HISTORY = """
import django; django.setup()
from django.test import Client
print(Client().get("/history/a").content.decode())
"""


def items(table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dynamodb_client().scan(TableName=table)["Items"]
    return sorted(found, key=str)


def arn(table: str) -> str:
    found: str = dynamodb_client().describe_table(TableName=table)["Table"]["TableArn"]
    return found


def tags(table: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = dynamodb_client().list_tags_of_resource(ResourceArn=arn(table))["Tags"]
    return found


def tables() -> set[str]:
    return set(dynamodb_client().list_tables()["TableNames"])


def recovery(table: str) -> str:
    said = dynamodb_client().describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    status: str = said["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return status


@pytest.fixture
def chatted(api: httpx.Client) -> httpx.Client:
    """Two sessions, one of two turns; tables with point-in-time recovery, a tag and deletion protection."""
    for session_id in ("a", "a", "b"):
        asked = {"message": "Hello", "session_id": session_id}
        assert api.post("/chat", json=asked).status_code == 200
    for table in SOURCES:
        dynamodb_client().update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        dynamodb_client().tag_resource(ResourceArn=arn(table), Tags=[{"Key": "Application", "Value": "chatbot-api"}])
        dynamodb_client().update_table(TableName=table, DeletionProtectionEnabled=True)
    return api


def test_restores_everything_and_finds_it_whole(
    chatted: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {table: items(table) for table in SOURCES}

    assert main([*QUICK, "--json", str(tmp_path / "report.json")]) == 0

    assert {table: items(table) for table in SOURCES} == before
    assert [items(table) for table in TARGETS] == list(before.values())
    said = re.sub(r"\d+(\.\d)? s\b", "N s", re.sub(r"20\d\d-\S+", "NOW", capsys.readouterr().out))
    assert said == (
        "Restored to NOW\n"
        "  ChatbotConversations-drill: 8 items, and 8 in ChatbotConversations now\n"
        "  ChatbotUsage-drill: 2 items, and 2 in ChatbotUsage now\n"
        "  ChatbotApiKeys-drill: 0 items, and 0 in ChatbotApiKeys now\n"
        "Sample of 2 sessions with 6 messages; beside the source now: 2 same, 0 changed, 0 erased; "
        "ledgers of 1 owners summed, 0 too large for it\n"
        "Recovery took N s of at most N s: look N s, restore N s, settings N s, check N s\n"
        "Lost would be N s of writes, of at most N s\n"
        "Passed.\n"
        "To delete what was restored: --cleanup --suffix drill\n"
    )
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["passed"]
    assert report["faults"] == []
    assert report["sample"] == {
        "sessions": 2,
        "messages": 6,
        "compared": {"same": 2, "changed": 0, "erased": 0},
        "owners_balanced": 1,
        "owners_passed_over": 0,
        "faults": [],
    }
    assert report["tables"][1] == {
        "source": USAGE,
        "target": f"{USAGE}-drill",
        "items_in_source": 2,
        "items_restored": 2,
        "carried_over": ["tag Application", "tag RestoreDrillOf", "point-in-time recovery"],
        "faults": [],
    }
    assert report["rto_seconds"] == pytest.approx(sum(report["seconds"].values()))
    names = ("CONVERSATIONS_TABLE", "USAGE_TABLE", "API_KEYS_TABLE")
    assert report["settings"] == dict(zip(names, TARGETS, strict=True))


def test_sets_what_a_restore_leaves_behind(chatted: httpx.Client) -> None:
    assert main([*QUICK]) == 0

    ttl = dynamodb_client().describe_time_to_live(TableName=TARGETS[0])["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ExpiresAt"}
    for source, target in zip(SOURCES, TARGETS, strict=True):
        assert recovery(target) == "ENABLED"
        assert tags(target) == [
            {"Key": "Application", "Value": "chatbot-api"},
            {"Key": "RestoreDrillOf", "Value": source},
        ]


def test_the_project_runs_on_restored_tables_by_its_settings(
    chatted: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*QUICK, "--for-use"]) == 0
    said = capsys.readouterr().out
    switch = re.search(r"deploy with (.+)\n$", said)
    assert switch is not None
    # Whatever happens to the source now is not seen.
    dynamodb_client().delete_item(TableName=CONVERSATIONS, Key=HEAD)

    variables = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "PATH"))}
    variables |= dict(pair.split("=", 1) for pair in switch[1].split())
    variables |= {"DJANGO_SECRET_KEY": "k" * 50, "ALLOW_ANONYMOUS": "on", "DJANGO_ALLOWED_HOSTS": "testserver"}
    variables |= {"DJANGO_SETTINGS_MODULE": "chatbot_project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", HISTORY], env=variables, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert [message["role"] for message in json.loads(done.stdout)["messages"]] == ["user", "assistant"] * 2


def break_history() -> None:
    answer = next(item for item in items(CONVERSATIONS) if item.get("Role") == {"S": "assistant"})
    dynamodb_client().delete_item(TableName=CONVERSATIONS, Key={name: answer[name] for name in HEAD})


def break_sum() -> None:
    add = {":more": {"N": "1"}}
    dynamodb_client().update_item(
        TableName=CONVERSATIONS, Key=HEAD, UpdateExpression="ADD InputTokens :more", ExpressionAttributeValues=add
    )


def break_ledger() -> None:
    for row in items(USAGE):
        key = {name: row[name] for name in ("Owner", "DayModelShard")}
        dynamodb_client().delete_item(TableName=USAGE, Key=key)


@pytest.mark.parametrize(
    ("break_it", "fault"),
    [
        (break_history, "questions and answers do not alternate"),
        (break_sum, "session a: the sum of InputTokens is not its head's"),
        (break_ledger, "InputTokens: less in the ledger than in the sessions of one owner"),
    ],
)
def test_fails_for_what_is_not_whole(
    chatted: httpx.Client, capsys: pytest.CaptureFixture[str], break_it: Callable[[], None], fault: str
) -> None:
    break_it()

    assert main([*QUICK]) == 1

    said = capsys.readouterr().out
    assert fault in said
    assert "Failed.\n" in said
    assert "Hello" not in said


def no_recovery() -> None:
    dynamodb_client().update_continuous_backups(
        TableName=USAGE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


def no_table() -> None:
    dynamodb_client().update_table(TableName=USAGE, DeletionProtectionEnabled=False)
    dynamodb_client().delete_table(TableName=USAGE)


def nothing() -> None:
    """The arguments are wrong, and not the tables."""


@pytest.mark.parametrize(
    ("make_it_so", "arguments", "words"),
    [
        (no_recovery, (), "ChatbotUsage has no point-in-time recovery: the stack `data` turns it on."),
        (no_table, (), "There is no table ChatbotUsage."),
        (nothing, ("--at", "2020-01-01T00:00:00Z"), "The tables can be restored to a moment from "),
    ],
)
def test_refuses_before_it_restores_anything(
    chatted: httpx.Client,
    capsys: pytest.CaptureFixture[str],
    make_it_so: Callable[[], None],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    make_it_so()

    assert main([*QUICK, *arguments]) == 2

    assert capsys.readouterr().err.startswith(f"error: {words}")
    assert not tables() & set(TARGETS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "yesterday"), "argument --at: day, time and time zone, as in 2026-11-23T09:30:00Z"),
        (("--at", "2026-11-23T09:30:00"), "argument --at: say which time zone, as in 2026-11-23T09:30:00Z"),
        (("--sample", "many"), "argument --sample: a whole number from 1"),
        (("--timeout-minutes", "0"), "argument --timeout-minutes: a whole number from 1"),
    ],
)
def test_says_what_form_a_value_has(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*QUICK, *arguments])

    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {words}\n")


def test_refuses_names_that_are_taken(chatted: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    main([*QUICK])
    capsys.readouterr()

    assert main([*QUICK]) == 2

    words = "ChatbotConversations-drill is there already: name another --suffix, or delete it with --cleanup."
    assert capsys.readouterr().err == f"error: {words}\n"


def test_a_dry_run_changes_nothing(chatted: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--dry-run"]) == 0
    assert main([*QUICK, "--cleanup", "--dry-run"]) == 0

    assert tables() == set(SOURCES)
    lines = [re.sub(r"to \S+ into", "to NOW into", line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        *(f"Would restore {name} to NOW into {name}-drill" for name in SOURCES),
        "Would count the items of all, and compare 20 sessions",
        "Nothing to delete.",
    ]


def test_cleans_up_what_a_drill_restored_and_again(chatted: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    main([*QUICK])
    capsys.readouterr()

    assert main([*QUICK, "--cleanup"]) == 0
    assert main([*QUICK, "--cleanup"]) == 0

    assert tables() == set(SOURCES)
    assert capsys.readouterr().out == "".join(f"Deleted {name}\n" for name in TARGETS) + "Nothing to delete.\n"


def test_never_deletes_tables_restored_for_use(chatted: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    main([*QUICK, "--for-use"])
    capsys.readouterr()

    assert main([*QUICK, "--cleanup"]) == 2

    assert tables() == {*SOURCES, *TARGETS}
    assert capsys.readouterr().err.startswith("error: ChatbotConversations-drill has no tag RestoreDrillOf=")
    described = [dynamodb_client().describe_table(TableName=name)["Table"] for name in TARGETS]
    assert [table["DeletionProtectionEnabled"] for table in described] == [True, True, True]


def test_says_what_differs_between_two_tables() -> None:
    table: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "Owner", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "Owner", "AttributeType": "S"}],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "SSEDescription": {"KMSMasterKeyArn": "arn:aws:kms:us-east-1:111122223333:key/a"},
        "OnDemandThroughput": {"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 1},
        "GlobalSecondaryIndexes": [{"IndexName": "A", "KeySchema": [], "Projection": {"ProjectionType": "ALL"}}],
    }
    bare = {"KeySchema": table["KeySchema"], "AttributeDefinitions": table["AttributeDefinitions"]}

    assert differences(table, table) == []
    assert differences(table, bare) == ["indexes", "billing", "maximums", "encryption"]
