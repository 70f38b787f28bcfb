"""How tables stand, and whether they are there: DynamoDB's API is played by botocore's stubber."""

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from deployment.scripts import tables

NAME = "ChatbotUsage"


@pytest.mark.parametrize("status", ["ACTIVE", "CREATING"])
def test_says_how_a_table_stands(status: str) -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    description = {"TableName": NAME, "TableStatus": status}
    with Stubber(client) as aws:
        aws.add_response("describe_table", {"Table": description}, {"TableName": NAME})

        assert tables.describe(client, NAME) == description


def test_a_table_that_is_not_there_has_no_description() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as aws:
        aws.add_client_error("describe_table", "ResourceNotFoundException", expected_params={"TableName": NAME})

        assert tables.describe(client, NAME) is None


def test_a_refusal_is_not_taken_for_a_missing_table() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as aws:
        aws.add_client_error("describe_table", "AccessDeniedException", expected_params={"TableName": NAME})

        with pytest.raises(ClientError, match="AccessDeniedException"):
            tables.describe(client, NAME)
