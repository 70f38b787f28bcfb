"""Whether tables are there: DynamoDB's API is played by botocore's stubber."""

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from deployment.scripts import tables

NAME = "ChatbotUsage"


@pytest.mark.parametrize(("code", "there"), [("", True), ("ResourceNotFoundException", False)])
def test_says_whether_a_table_is_there(code: str, there: bool) -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as aws:
        if code:
            aws.add_client_error("describe_table", code, expected_params={"TableName": NAME})
        else:
            aws.add_response("describe_table", {}, {"TableName": NAME})

        assert tables.there(client, name=NAME) is there


def test_a_refusal_is_not_taken_for_a_missing_table() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as aws:
        aws.add_client_error("describe_table", "AccessDeniedException", expected_params={"TableName": NAME})

        with pytest.raises(ClientError, match="AccessDeniedException"):
            tables.there(client, name=NAME)
